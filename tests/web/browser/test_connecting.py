"""Connecting an app in a browser: through its form, and through a consent page that is another site."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.loopback import on_loopback
from engine.store.connections import get_connection

pytestmark = pytest.mark.browser


@pytest.fixture
def clio(host):
    server = host.connector("clio").practice_function(1)
    with on_loopback(server) as url:
        yield url, server.credentials()


def fill_in(page, clio, **changes):
    url, credentials = clio
    page.get_by_label("App key").fill(changes.get("key", credentials["client_id"]))
    page.get_by_label("App secret").fill(credentials["client_secret"])
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Another address than the app's own").fill(url)
    page.get_by_role("button", name="Continue to Clio").click()


def test_an_app_is_connected_by_its_consent_page(page, store, clio):
    page.goto("/connections/")
    page.get_by_role("link", name="Add a connection").click()
    page.get_by_role("link", name="Connect Clio").click()
    expect(page.get_by_text("/connections/come-back")).to_be_visible()
    fill_in(page, clio)
    page.get_by_role("link", name="Continue to Clio").click()
    page.get_by_role("button", name=re.compile("allow", re.I)).click()
    expect(page.get_by_text("“clio” is connected: Harbor Law")).to_be_visible()
    assert get_connection(store, "clio").tokens


def test_what_is_wrong_is_read_out_with_its_field(page, store):
    page.goto("/connections/add/mailchimp")
    page.locator("a[href*='log_in=api_key']").click()
    page.get_by_label("Name").fill("no spaces please")
    page.get_by_role("button", name="Test and save").click()
    key = page.get_by_label("API key")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(key).to_have_attribute("aria-invalid", "true")
    expect(key).to_have_accessible_description(re.compile("Fill in “API key”"))
    assert Axe().run(page).response["violations"] == []


def test_an_admin_thinks_twice_before_a_connection_goes(page, store):
    page.goto("/connections/")
    page.get_by_role("link", name="Remove mailchimp").click()
    expect(page.get_by_text("Contacts join the newsletter")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Remove mailchimp").click()
    page.get_by_role("button", name="Remove the connection").click()
    expect(page.get_by_text("Nothing is connected yet.")).to_be_visible()
