"""The editor in a browser: a mistake is shown as one writes, corrected, saved, compared, taken back."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.store.versions import list_versions

pytestmark = pytest.mark.browser
EDIT = "/recipes/contacts/edit"


@pytest.fixture
def file(recipes_folder):
    return recipes_folder / "contacts.yaml"


@pytest.fixture
def editor(url, open_page, log_in):
    """The editor's page, and everything the console complained about."""
    watched = open_page(url)
    log_in(watched.page)
    watched.page.goto(EDIT)
    expect(watched.page.get_by_role("textbox", name="Text of the recipe")).to_be_visible()
    yield watched.page
    assert [text for text in watched.complaints if "Failed to load" not in text] == []


def write_at_end(page, words: str, line: str) -> None:
    page.locator(".cm-line", has_text=line).first.click()
    page.keyboard.press("End")
    page.keyboard.type(words)


def violations(page):
    return [found["id"] for found in Axe().run(page).response["violations"]]


def test_a_mistake_is_shown_corrected_saved_compared_and_taken_back(editor, file, store):
    page, before = editor, file.read_text()
    expect(page.get_by_role("heading", name="No mistakes")).to_be_visible()
    page.locator(".cm-line", has_text="skip:").click()
    page.keyboard.press("Home")
    page.keyboard.type("x")
    expect(page.get_by_role("heading", name="1 mistake")).to_be_visible()
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    assert violations(page) == []
    page.get_by_role("button", name="Use this line as line 9").click()
    expect(page.get_by_role("heading", name="No mistakes")).to_be_visible()
    write_at_end(page, " and Troy", "reason: Albany")
    page.get_by_label("What you changed").fill("Troy, too.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“contacts” is version 2 now.")
    changed = before.replace(
        "reason: Albany has a newsletter of its own.",
        "reason: Albany has a newsletter of its own. and Troy",
    )
    assert file.read_text() == changed
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_text("Troy, too.")).to_be_visible()
    page.get_by_role("link", name="Version 2").click()
    expect(page.locator("tr.added")).to_contain_text("of its own. and Troy")
    expect(page.locator("tr.removed")).to_contain_text("of its own.")
    assert violations(page) == []
    page.get_by_role("link", name="Versions of “contacts”").click()
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_role("status")).to_contain_text("as it was in version 1; that is version 3")
    assert file.read_text() == before
    assert [version.note for version in list_versions(store, "contacts")] == [
        "Version 1 again.",
        "Troy, too.",
        "",
    ]


def test_what_may_be_written_is_offered_and_taken_with_one_key(editor):
    page = editor
    write_at_end(page, "\n", "first_name")
    page.keyboard.type('last_name: "{{ contact.ci')
    option = page.get_by_role("option", name="city")
    expect(option).to_be_visible()
    page.wait_for_timeout(100)  # so that nobody takes what they didn't see, Enter waits for 75 ms
    page.keyboard.press("Enter")
    expect(page.locator(".cm-line", has_text="{{ contact.city")).to_be_visible()


def test_all_that_is_certain_is_corrected_and_can_be_taken_back(editor):
    page = editor
    page.locator(".cm-line", has_text="skip:").click()
    page.keyboard.press("Home")
    page.keyboard.type("x")
    page.get_by_role("button", name="Fix all that is certain").click()
    expect(page.get_by_role("heading", name="No mistakes")).to_be_visible()
    page.get_by_role("textbox", name="Text of the recipe").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".cm-line", has_text="xskip:")).to_be_visible()


def test_text_that_isnt_saved_is_not_lost_by_a_click(editor):
    page = editor
    write_at_end(page, " # a note", "skip:")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    page.get_by_role("link", name="Versions").click()
    page.wait_for_url("**/versions")
    assert asked == ["beforeunload"]


def test_text_sent_after_the_log_in_ran_out_is_still_there(editor, log_in, file):
    page = editor
    write_at_end(page, " # a note", "skip:")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    log_in(page)
    page.goto(EDIT)
    page.get_by_role("button", name="Put it into the editor").click()
    expect(page.locator(".cm-line", has_text="skip: # a note")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is version 2 now.")
    expect(page.get_by_role("button", name="Put it into the editor")).to_be_hidden()
    assert "skip: # a note" in file.read_text()


def test_without_scripts_the_form_does_the_same(url, open_page, log_in, file):
    page = open_page(url, java_script_enabled=False).page
    log_in(page)
    page.goto(EDIT)
    text = page.get_by_label("Text of the recipe")
    text.fill(file.read_text().replace("skip:", "skipp:"))
    page.get_by_role("button", name="Look it over again").click()
    page.get_by_role("button", name="Use this line as line 9").click()
    page.get_by_label("Text of the recipe").press("End")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status")).to_contain_text("“contacts” is version 1 now.")


def test_the_keyboard_leaves_the_editor(editor):
    page = editor
    page.get_by_role("textbox", name="Text of the recipe").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Text of the recipe")).not_to_be_focused()
