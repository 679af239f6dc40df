"""The import report in use."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


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
        page.get_by_role("link", name="All as CSV").click()
    assert started.value.suggested_filename == "contacts-report-1.csv"


def test_what_a_person_found_there_is_said_with_one_button(page, everything, queued):
    page.goto("/runs/1/report?outcome=unsure")
    page.get_by_role("row").nth(1).get_by_role("button", name="It is there").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    assert len(queued) == 1
