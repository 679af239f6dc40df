"""Inviting someone in a browser: the link, and the other person's first log-in."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ANOTHER = "five other random little words"


@pytest.mark.parametrize("width", [390, 1280])
def test_an_invited_person_gets_in_with_a_password_of_their_own(page, url, open_page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/people/")
    page.get_by_label("E-mail address").fill("ann@harborlaw.example")
    page.get_by_role("button", name="Make an invitation link").click()
    link = page.get_by_label("Link", exact=True)
    expect(link).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    other = open_page(url).page
    other.goto(link.input_value())
    other.get_by_label("Password", exact=True).fill(ANOTHER)
    other.get_by_label("The same password again").fill(ANOTHER)
    other.get_by_role("button", name="Save the password").click()
    other.get_by_label("E-mail address").fill("ann@harborlaw.example")
    other.get_by_label("Password").fill(ANOTHER)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("button", name="Log out")).to_be_visible()
    page.goto("/people/")
    page.get_by_role("button", name="Remove ann@harborlaw.example").click()
    other.goto("/")
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()
