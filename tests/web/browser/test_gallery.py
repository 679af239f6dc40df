"""The page of examples in a browser: one press makes a recipe."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_an_example_of_an_app_becomes_a_recipe(url, open_page, log_in):
    page = open_page(url).page
    log_in(page)
    page.goto("/gallery/")
    page.get_by_role("link", name="Mailchimp", exact=True).click()
    page.get_by_role("button", name="Start from “Contacts from a file join the newsletter”").click()
    expect(page.get_by_text("is yours now, switched off")).to_be_visible()
