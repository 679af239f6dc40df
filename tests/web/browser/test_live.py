"""The live page of a run."""

from typing import Any

import pytest
from playwright.sync_api import expect

from engine.store.runs import change_run, log
from engine.store.users import list_users, set_password

pytestmark = pytest.mark.browser


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


def test_a_live_page_whose_session_ended_asks_to_log_in(store, page, live):
    page.goto(f"/runs/{live}")
    [admin] = list_users(store)
    set_password(store, admin.id, "changed elsewhere, which ends every session")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
