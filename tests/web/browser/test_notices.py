"""Notices in a browser: unread ones are marked until they are read, and a channel is set up and tested."""

import json

import pytest
from playwright.sync_api import Page, expect

from engine.loopback import on_loopback
from engine.notices.sending import send_notices
from engine.store.notices import add_notice
from tests.engine.notices.conftest import Receiver

pytestmark = pytest.mark.browser


def fail(store) -> None:
    said = {"subject": "Contacts could not run", "body": "The source is down.", "link": "/runs/"}
    with store.writing() as connection:
        add_notice(connection, kind="run_failed", about="recipe:contacts", **said)


def test_a_notice_is_new_until_it_is_read(page: Page, store) -> None:
    fail(store)
    page.goto("/")
    link = page.get_by_role("link", name="Notices 1 unread")
    link.click()
    expect(page.get_by_role("heading", name="Contacts could not run New")).to_be_visible()
    page.get_by_role("button", name="Mark as read Contacts could not run").click()
    main = page.get_by_role("navigation", name="Main")
    expect(main.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    expect(page.get_by_text("New", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Show Contacts could not run").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_a_channel_is_added_tested_and_told(page: Page, store) -> None:
    receiver = Receiver()
    with on_loopback(receiver) as url:
        page.goto("/notices/")
        page.get_by_role("link", name="Settings", exact=True).click()
        page.get_by_role("link", name="Add a channel in Slack").click()
        page.get_by_label("Name").fill("Office chat")
        page.get_by_label("Address of the incoming webhook").fill(f"{url}/services/x")
        page.get_by_label("Questions").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("“Office chat” is saved.")
        page.get_by_role("button", name="Send a test to Office chat").click()
        expect(page.get_by_role("status")).to_contain_text("A test was sent to “Office chat”.")
        fail(store)
        receiver.will_answer("404 Not Found", "no_service")
        send_notices(store)
        page.reload()
        expect(page.get_by_text("This webhook was removed in Slack.")).to_be_visible()
        page.get_by_role("switch", name="Office chat").click()
        expect(page.get_by_role("switch", name="Office chat")).not_to_be_checked()
    said = [json.loads(body)["text"].split("\n")[0] for _, body in receiver.got]
    assert said == ["*Bridgework can reach you here*", ":red_circle: *Contacts could not run*"]
