"""Trying an operation on a telephone: long addresses of requests stay within the page."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_requests_and_answers_fit_a_narrow_page(page: Page, practice_mailchimp) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/connectors/mailchimp/member_changed/try")
    page.get_by_label("Audience").select_option("f6a7b8c9d0")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="Requests and answers")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
