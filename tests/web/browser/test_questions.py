"""A question is answered with the keyboard alone, and at one press."""

import pytest
from playwright.sync_api import expect

from engine.store.questions import get_question

pytestmark = pytest.mark.browser


def test_a_question_is_answered_by_keyboard(page, ask, store):
    id = ask()
    page.goto("/")
    badge = page.get_by_role("link", name="Questions 1 waiting for you")
    badge.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="May 00007 go to the client?").focus()
    page.keyboard.press("Enter")
    note = page.get_by_label("Note")
    note.focus()
    page.keyboard.type("as agreed")
    page.keyboard.press("Enter")  # a new line: nothing is answered by accident
    page.keyboard.type("on the phone")
    expect(page.get_by_role("heading", level=1)).to_have_text("May 00007 go to the client?")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Answered “no”: May 00007")
    done = get_question(store, id)
    assert (done.answer, done.note.split()) == ("no", ["as", "agreed", "on", "the", "phone"])


def test_a_number_is_typed_and_a_wrong_one_stays_to_be_mended(page, ask, store):
    id = ask("How much?", kind="number", choices=(), on_no="")
    page.goto(f"/questions/{id}")
    page.get_by_label("Answer", exact=True).fill("1,250.50")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("alert")).to_contain_text("without thousands separators")
    page.get_by_label("Answer", exact=True).fill("1250.50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Answered “1250.5”: How much?")
    assert get_question(store, id).answer == 1250.5


def test_one_press_in_the_list_is_enough(page, ask, store):
    first, second = ask(), ask("And this?", key="8")
    page.goto("/questions/")
    form = page.get_by_role("form", name="Answer to: And this?")
    form.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 question waits for an answer")
    assert get_question(store, second).answer == "yes"
    assert get_question(store, first).state == "open"
