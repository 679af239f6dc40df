"""Every page: no wider than its window, accessible, printable, and usable without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 800}

#: The rules of axe that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]
UNREADABLE = """<!doctype html><html lang="en"><title>Grey</title>
<style>@media (prefers-color-scheme: {scheme}) {{ p {{ color: #777; background: #888; }} }}</style>
<main><h1>Grey</h1><p>Grey on grey</p></main></html>"""

pytestmark = pytest.mark.browser


@pytest.mark.timeout(600)  # many pages, each looked at in two sizes, by day and by night
def test_every_page_fits_its_window_and_is_accessible(url, open_page, log_in, everything):
    # Without motion, so that colours are at once what they will be.
    watched = open_page(url, viewport=PHONE, reduced_motion="reduce")
    page = watched.page
    page.goto("/")
    problems = [f"log-in: {found}" for found in in_both_sizes(page)]
    log_in(page)
    for path in everything:
        page.goto(path)
        problems += [f"{path}: {found}" for found in in_both_sizes(page)]
        assert page.get_by_role("heading", level=1).count() == 1, path
    assert not problems
    assert [text for text in watched.complaints if "404" not in text] == []


def in_both_sizes(page: Page) -> list[str]:
    """Return what is wrong with a page on a phone and on a desk; it is loaded once for both."""
    problems = []
    for title, size in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            problems.append(f"{title}: {width} pixels wide")
        problems += [f"{title}: {found}" for found in violations(page)]
    return problems


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_first_page_of_all_is_accessible(url, open_page, viewport):
    page = open_page(url, viewport=viewport, reduced_motion="reduce").page
    page.goto("/")
    expect(page.get_by_role("heading", name="Make the admin account")).to_be_visible()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    """Return what axe finds by day, and by night of what colours decide: all else is the same."""
    page.emulate_media(color_scheme="light")
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    by_night = {"resultTypes": ["violations"], "runOnly": COLOURS}
    found += page.evaluate("options => axe.run(options).then(told => told.violations)", by_night)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_colours_that_are_hard_to_read_are_found_by_day_and_by_night(open_page):
    page = open_page("").page
    page.set_content(UNREADABLE.format(scheme="light"))
    by_day = violations(page)
    page.set_content(UNREADABLE.format(scheme="dark"))
    by_night = violations(page)
    assert [found.partition(":")[0] for found in by_day] == ["color-contrast"]
    assert [found.partition(":")[0] for found in by_night] == ["color-contrast"]


def test_a_phone_shows_records_as_cards(url, open_page, log_in, everything):
    page = open_page(url, viewport=PHONE).page
    log_in(page)
    page.goto("/runs/1/report?outcome=rejected")
    row = page.get_by_role("row").nth(1)
    assert row.evaluate("row => getComputedStyle(row).display") == "block"
    expect(page.get_by_role("table")).to_have_count(1)  # still a table to a screen reader


def test_paper_shows_the_report_and_no_buttons(page, everything):
    page.goto("/runs/1/report?print=1")
    expect(page.get_by_role("button", name="Print this page")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
    expect(page.get_by_text("41 matters: The responsible attorney")).to_be_visible()


def test_everything_works_without_scripts(url, open_page, log_in, queued):
    page = open_page(url, java_script_enabled=False).page
    log_in(page)
    page.goto("/recipes/")
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    assert queued == [1]


def test_times_are_the_readers_own(url, open_page, log_in, seed):
    seed.run()
    page = open_page(url).page
    log_in(page)
    page.goto("/runs/")
    told = page.locator("time").first
    expect(told).to_have_attribute("title", re.compile(r"\(New York time\)$"))
    expect(told).not_to_contain_text("time)")  # their own zone needs no name
