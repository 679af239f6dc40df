"""From the first start to a corrected record, with a real worker and a practice server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.store.connections import Connection, save_connection
from engine.store.database import open_store

pytestmark = pytest.mark.browser


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


def test_from_run_now_to_a_corrected_record(real, open_page, log_in, recipes_folder):
    url, server = real
    watched = open_page(url)
    page = watched.page
    log_in(page)
    expect(page.get_by_role("heading", name="Welcome to Bridgework")).to_be_visible()
    page.get_by_role("link", name="See the recipes").click()
    page.get_by_role("link", name="Contacts join the newsletter", exact=True).click()
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
