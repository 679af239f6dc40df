"""The pages in a real browser: by mouse, by keyboard, on a phone, without scripts, live."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from engine.loopback import on_loopback
from engine.practice import PracticeServer
from engine.store.connections import Connection, mark_checked, save_connection
from engine.store.database import open_store
from engine.store.runs import change_run, log

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 800}


@pytest.fixture
def url(app) -> Iterator[str]:
    with on_loopback(app) as url:
        yield url


@dataclass
class Watched:
    """A page and everything its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a window in New York; what its console complains about is kept."""
    contexts = []

    def open_one(url: str, **options: Any) -> Watched:
        context = browser.new_context(
            base_url=url, timezone_id="America/New_York", **{"viewport": DESK, **options}
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        watched = Watched(context.new_page())

        def note(message: Any) -> None:
            if message.type in ("error", "warning"):
                watched.complaints.append(message.text)

        watched.page.on("console", note)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        return watched

    yield open_one
    for context in contexts:
        context.close()


def log_in(page: Page) -> None:
    """Make the admin at first start, then log in."""
    page.goto("/")
    if page.get_by_role("heading", name="Make the admin account").is_visible():
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_role("button", name="Make the admin account").click()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


@pytest.fixture
def page(url, open_page) -> Page:
    """Give a page on the seeded home, logged in."""
    watched = open_page(url)
    log_in(watched.page)
    return watched.page


@pytest.fixture
def everything(seed, sample_rows, store, recipes_folder, broken_recipe) -> list[str]:
    """Seed one of everything a page can show; return the addresses of all pages."""
    (recipes_folder / "unsubscribes.yaml").write_text(broken_recipe, "utf-8")
    long_word = "W" * 300
    rows = [*sample_rows, seed.row(long_word, long_word, "rejected", reason=long_word)]
    run = seed.run(rows, unchanged=[("u1", "Quiet matter")], fixed=4)
    log(store, run, f"Reading {long_word}")
    mark_checked(store, "mailchimp", problem=f"The key is no longer accepted. {long_word}")
    save_connection(store, Connection(name="clio", connector="clio", label="Harbor Law"))
    seed.recipe = "unsubscribes"
    failed = seed.run(status="failed", message="Mailchimp did not answer.", hint="Try at noon.")
    live = seed.run(status="running", finished_at=None, read=9, counts={"created": 5})
    return [
        "/",
        "/recipes/",
        "/recipes/contacts",
        "/recipes/unsubscribes",
        "/recipes/contacts/problems/",
        "/runs/",
        f"/runs/{run}",
        f"/runs/{live}",
        f"/runs/{run}/report",
        f"/runs/{run}/report?outcome=rejected&q=W",
        f"/runs/{run}/report?print=1",
        f"/runs/{failed}/report",
        "/connections/",
        "/nowhere",
    ]


# -- every page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_its_window_and_is_accessible(url, open_page, everything, scheme, viewport):
    watched = open_page(url, viewport=viewport, color_scheme=scheme)
    page = watched.page
    page.goto("/")
    problems = [f"setup: {found}" for found in violations(page)]
    log_in(page)
    for path in everything:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            problems.append(f"{path}: {width} pixels wide")
        problems += [f"{path}: {found}" for found in violations(page)]
        assert page.get_by_role("heading", level=1).count() == 1, path
    assert not problems
    assert [text for text in watched.complaints if "404" not in text] == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_a_phone_shows_records_as_cards(url, open_page, everything):
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


# -- by keyboard ---------------------------------------------------------------------------------


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


def test_focus_can_be_seen(page):
    page.goto("/")
    for _ in range(6):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")


# -- without scripts -----------------------------------------------------------------------------


def test_everything_works_without_scripts(url, open_page, queued):
    page = open_page(url, java_script_enabled=False).page
    log_in(page)
    page.goto("/recipes/")
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    assert queued == [1]


# -- times -----------------------------------------------------------------------------------------


def test_times_are_the_readers_own(url, open_page, seed):
    seed.run()
    page = open_page(url).page
    log_in(page)
    page.goto("/runs/")
    told = page.locator("time").first
    expect(told).to_have_attribute("title", re.compile(r"\(New York time\)$"))
    expect(told).not_to_contain_text("time)")  # their own zone needs no name


# -- live ----------------------------------------------------------------------------------------


@pytest.fixture
def live(seed) -> int:
    return seed.run(status="running", finished_at=None, read=10, counts={"created": 4})


def change(store, run_id: int, **values: Any) -> None:
    with store.writing() as connection:
        change_run(connection, run_id, **values)


def test_a_live_page_follows_the_run_to_its_report(page, store, live):
    page.goto(f"/runs/{live}")
    expect(page.get_by_text("10 read, 4 settled")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    log(store, live, "Clio asks to wait 12 seconds.", "warning")
    change(store, live, read=1200, counts={"created": 1100, "rejected": 3})
    expect(page.get_by_text("1,200 read, 1,103 settled")).to_be_visible()
    expect(page.get_by_text("Clio asks to wait 12 seconds.")).to_have_count(1)
    expect(page.get_by_text("3 rejected")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1,200 read, 1,103 settled")).to_be_visible()
    expect(page.get_by_text("Clio asks to wait 12 seconds.")).to_have_count(1)
    log(store, live, "Finished.")
    change(store, live, status="partial", read=1103)
    page.wait_for_url(f"**/runs/{live}/report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1,100 matters became cases.")


def test_what_a_log_says_is_text_on_a_live_page_too(page, store, live):
    page.goto(f"/runs/{live}")
    log(store, live, "<img src=x onerror=alert(1)>")
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()


def test_a_run_is_stopped_from_its_page(page, live):
    page.goto(f"/runs/{live}")
    page.get_by_role("button", name="Stop this run").click()
    expect(page.get_by_role("heading", name="Stopping")).to_be_visible()
    expect(page.get_by_role("button", name="Stop this run")).to_have_count(0)


def test_a_live_page_says_when_bridgework_is_out_of_reach_and_recovers(page, live):
    page.goto(f"/runs/{live}")
    lost = page.get_by_text("Bridgework can't be reached at the moment.")
    expect(lost).to_be_hidden()
    page.route("**/progress*", lambda route: route.abort())
    expect(lost).to_be_visible()
    page.unroute("**/progress*")
    expect(lost).to_be_hidden()


def test_a_live_page_whose_session_ended_asks_to_log_in(page, live):
    page.goto(f"/runs/{live}")
    page.context.clear_cookies()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


# -- the report ----------------------------------------------------------------------------------


def test_the_report_is_filtered_searched_and_retried(page, everything, queued):
    page.goto("/runs/1/report")
    page.get_by_role("link", name="43 rejected").click()
    expect(page.get_by_role("link", name="43 rejected")).to_have_attribute("aria-current", "true")
    page.get_by_role("searchbox").fill("phone")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("row").nth(1).get_by_role("button", name="Retry").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    assert len(queued) == 1


def test_a_hostile_title_is_only_text(page, everything):
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.goto("/runs/1/report?outcome=failed")
    expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    assert alerts == []


def test_the_csv_file_is_downloaded(page, everything):
    page.goto("/runs/1/report")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    assert started.value.suggested_filename == "contacts-report-1.csv"


# -- the real thing ------------------------------------------------------------------------------


@pytest.fixture
def real(serving, host, tmp_path) -> Iterator[tuple[str, PracticeServer]]:
    """Serve a home that is connected to a practice Mailchimp; yield its URL and that server."""
    server = host.connector("mailchimp").practice_function(1)
    with on_loopback(server) as mailchimp:
        store = open_store(tmp_path / "home")
        save_connection(
            store,
            Connection(
                name="mailchimp",
                connector="mailchimp",
                settings={"base_url": f"{mailchimp}/3.0"},
                secrets={"api_key": "practice-mailchimp-key-us19"},
            ),
        )
        store.close()
        with serving() as served:
            yield served.url, server


def test_from_run_now_to_a_corrected_record(real, open_page, recipes_folder):
    url, server = real
    watched = open_page(url)
    page = watched.page
    log_in(page)
    expect(page.get_by_role("heading", name="Welcome to Bridgework")).to_be_visible()
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/runs/1/report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 row became a member.")
    expect(page.get_by_text("3 read = 1 created + 1 skipped + 1 rejected")).to_be_visible()
    page.get_by_role("link", name="1 rejected").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("bad address")

    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 thing needs your attention.")
    page.get_by_role("link", name="1 row: ").click()
    file = recipes_folder / "contacts.csv"
    file.write_text(file.read_text("utf-8").replace("bad address", "bob@example.com"), "utf-8")
    page.get_by_role("button", name="Retry this one").first.click()
    page.wait_for_url("**/runs/2/report")
    expect(page.get_by_text("1 row that needed attention before is fixed.")).to_be_visible()
    page.get_by_role("link", name="report 1").click()
    expect(page.get_by_text("Fixed since.")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing needs your attention.")
    assert "bob@example.com" in str(server.records())
    assert watched.complaints == []
