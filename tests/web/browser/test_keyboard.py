"""What can be done without a mouse."""

import pytest
from playwright.sync_api import expect

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"

pytestmark = pytest.mark.browser


def test_the_first_start_needs_no_mouse(url, open_page):
    page = open_page(url).page
    page.goto("/")
    page.get_by_label("E-mail address").focus()
    for word in (EMAIL, PASSWORD, PASSWORD):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The admin account is made.")


def test_the_first_tab_stop_skips_to_the_content(page):
    page.goto("/recipes/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_switch_works_by_keyboard(page):
    page.goto("/recipes/")
    switch = page.get_by_role("switch", name="Contacts join the newsletter")
    expect(switch).not_to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="Contacts join the newsletter")).to_be_checked()
    expect(page.get_by_role("status")).to_contain_text("is on.")


@pytest.mark.parametrize("path", ["/", "/recipes/", "/runs/1/report", "/people/"])
def test_focus_can_be_seen(page, seed, sample_rows, path):
    seed.run(sample_rows)
    page.goto(path)
    for stop in range(20):
        page.keyboard.press("Tab")
        if stop > 9 and page.evaluate("document.activeElement == document.body"):
            break  # past the last one
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")


def test_nothing_moves_once_a_page_is_there(page, seed, sample_rows):
    seed.run(sample_rows)
    page.add_init_script(
        "moved = 0; new PerformanceObserver(list => list.getEntries().forEach(one => moved += one.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("/", "/recipes/", "/runs/1/report", "/recipes/contacts/edit"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("moved") < 0.01, path
