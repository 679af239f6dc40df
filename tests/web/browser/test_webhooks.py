"""Webhooks in a browser: what was delivered, what failed, and sending it through again."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_someone_finds_what_a_webhook_failed_at_and_sends_it_through_again(
    page: Page, webhook
) -> None:
    page.goto("/recipes/told")
    box = page.get_by_role("region", name="Webhook from Clio")
    expect(box).to_contain_text(webhook.token)
    expect(box.get_by_text("Doesn't work")).to_be_visible()
    box.get_by_role("link", name="All it delivered").click()
    page.get_by_role("link", name="3 failed").click()
    expect(page.get_by_role("row")).to_have_count(4)
    rejected = page.get_by_role("row", name="2 updated")
    rejected.get_by_role("button", name="Send through again").click()
    expect(page.get_by_text("1 delivery goes through again")).to_be_visible()
    expect(page.get_by_role("link", name="2 failed")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.get_by_role("row", name="2 updated")).to_contain_text("Waits for a run")


def test_a_waiting_delivery_is_left_out_from_the_recipes_page(page: Page, webhook) -> None:
    page.goto("/recipes/told")
    row = page.get_by_role("row", name="5 updated")
    row.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("The delivery is left out.")).to_be_visible()
    expect(page.get_by_role("row", name="5 updated")).to_contain_text("Left out")
