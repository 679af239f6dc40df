"""Times as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.local_time import zone_called
from web.times import viewer_zone, when


def in_zone(app, zone: str | None):
    headers = {"Cookie": f"zone={zone}"} if zone else {}
    return app.test_request_context("/", headers=headers)


def test_a_past_time_is_told_in_the_viewers_zone(app):
    at = datetime.now(UTC) - timedelta(minutes=3)
    with in_zone(app, "Asia/Kolkata"):
        told = when(at)
    local = at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert told.words.startswith(f"{local:%H:%M} ")
    assert "time" not in told.words  # their own zone needs no name
    assert told.ago == "3 minutes ago"
    assert told.exact.endswith("(Kolkata time)")
    assert datetime.fromisoformat(told.iso) == at.replace(microsecond=0)


def test_a_coming_time_is_told_in_the_recipes_zone_and_named_where_that_is_another(app):
    at = datetime.now(UTC) + timedelta(hours=5)
    with in_zone(app, "Europe/Berlin"):
        abroad = when(at, ZoneInfo("America/New_York"))
    with in_zone(app, "America/New_York"):
        at_home = when(at, ZoneInfo("America/New_York"))
    assert abroad.words.endswith("(New York time)")
    assert at_home.words == abroad.words.removesuffix(" (New York time)")
    assert at_home.ago == "in 5 hours"


def test_a_browser_that_did_not_tell_its_zone_reads_which_one_is_meant(app, monkeypatch):
    with in_zone(app, None):
        assert when(datetime.now(UTC)).words.endswith("(UTC time)")
        monkeypatch.setenv("BRIDGEWORK_TIMEZONE", "Australia/Sydney")
        assert when(datetime.now(UTC)).words.endswith("(Sydney time)")


@pytest.mark.parametrize(
    "name", ["", "..", "/etc/passwd", "America", "America/", "a" * 500, "é", "../../etc/localtime"]
)
def test_a_zone_that_makes_no_sense_counts_as_none(app, name):
    assert zone_called(name) is None


@given(st.text())
def test_no_text_for_a_zone_breaks_a_page(name):
    zone_called(name)


def test_without_a_page_there_is_no_viewer():
    assert viewer_zone() is None
