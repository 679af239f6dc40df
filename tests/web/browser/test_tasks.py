"""A task is done with the keyboard alone, and its fields are copied at one press."""

import pytest
from playwright.sync_api import expect

from engine.store.questions import get_question

pytestmark = pytest.mark.browser


def test_a_task_is_done_by_keyboard(page, task, store):
    id = task()
    page.goto("/")
    page.get_by_role("link", name="1 task waits for you").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Do this task").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Id of the case in Case Status").focus()
    page.keyboard.type("4711")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("twelve")
    page.keyboard.press("Enter")  # as in any form: done
    expect(page.get_by_role("alert")).to_contain_text("Nothing was kept yet: Number:")
    expect(page.get_by_label("Id of the case in Case Status")).to_have_value("4711")
    page.get_by_label("Number").fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Done: Create or update a case")
    assert get_question(store, id).answer["record"] == {"url": None, "number": 12}


def test_a_field_is_copied_as_it_is(page, task):
    id = task()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/tasks/{id}")
    page.get_by_role("button", name="Copy Mobile number").click()
    expect(page.get_by_role("button", name="Copied Mobile number")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "+12125550100"


def test_several_tasks_are_done_one_after_the_other_on_one_page(page, task, store):
    first, second = task("1"), task("2")
    page.goto("/tasks/contacts/approval")
    for name, id in (("00001 Whitfield", first), ("00002 Whitfield", second)):
        form = page.get_by_role("form", name=f"What came of {name}")
        form.get_by_label("Id of the case").fill(f"C-{id}")
        form.get_by_label("Number").fill("1")
        form.get_by_role("button", name="Done").click()
        expect(page.get_by_role("status")).to_contain_text("Done:")
    expect(page.get_by_role("heading", level=1)).to_have_text("No question waits for an answer")
    assert get_question(store, second).answer["id"] == f"C-{second}"
