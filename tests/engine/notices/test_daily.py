"""The daily report: once a day at the office's time, late after a stop, silent when nothing is new."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.notices.daily import (
    DailySettings,
    daily_settings,
    due_before,
    make_daily_report,
    report_zone,
    save_daily_settings,
)
from engine.store.notices import add_notice, list_notices
from engine.store.tables import recipe_schedules

NEW_YORK = "America/New_York"


@pytest.fixture
def plan(store):
    def add(recipe: str, zone: str) -> None:
        with store.writing() as connection:
            connection.execute(
                recipe_schedules.insert().values(
                    recipe=recipe, words="every day at 20:30", timezone=zone, jitter=0, note=""
                )
            )

    return add


@pytest.fixture
def look(store, clock):
    """Let the duty look; return the dates of the reports there are."""

    def go(at: str | None = None) -> list[str]:
        if at is not None:
            clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        make_daily_report(store, clock.now)
        return [n.about for n in reversed(list_notices(store)) if n.kind == "report"]

    return go


@pytest.fixture
def happen(store, clock):
    """Something that is worth a report, and is over."""

    def go() -> None:
        clock.pass_by(minutes=1)
        with store.writing() as connection:
            for kind in ("run_failed", "run_well"):
                add_notice(
                    connection, kind=kind, about="recipe:a", subject=kind, body="b", at=clock.now
                )

    return go


def test_it_comes_at_seven_once_a_day(look, happen) -> None:
    look("2026-11-24T20:30")
    happen()
    assert look("2026-11-25T06:59") == []
    assert look("2026-11-25T07:00") == ["report:2026-11-25"]
    assert look("2026-11-25T07:01") == ["report:2026-11-25"]
    happen()
    assert look("2026-11-26T07:03") == ["report:2026-11-25", "report:2026-11-26"]


def test_a_first_start_reports_nothing_of_before(look, happen, clock) -> None:
    clock.now = datetime(2026, 11, 24, 20, tzinfo=UTC)
    happen()
    assert look("2026-11-24T20:30") == []
    assert look("2026-11-24T23:00") == []


def test_after_a_stop_it_comes_late_and_once(look, happen) -> None:
    look("2026-11-24T20:30")
    happen()
    assert look("2026-11-27T15:12") == ["report:2026-11-27"]
    assert look("2026-11-27T15:13") == ["report:2026-11-27"]


def test_nothing_to_say_is_not_said(store, look) -> None:
    look("2026-11-24T20:30")
    assert look("2026-11-25T07:00") == []
    save_daily_settings(store, DailySettings(on_quiet_days=True))
    assert look("2026-11-26T07:00") == ["report:2026-11-26"]
    [notice] = list_notices(store)
    assert notice.subject == "No record came over; nothing needs attention"
    assert "Nothing ran." in notice.body


def test_it_can_be_switched_off(store, look, happen) -> None:
    look("2026-11-24T20:30")
    save_daily_settings(store, DailySettings(enabled=False))
    happen()
    assert look("2026-11-25T07:00") == []


def test_it_follows_the_clock_of_the_recipes(store, look, happen, plan) -> None:
    plan("a", NEW_YORK)
    plan("b", NEW_YORK)
    plan("c", "UTC")
    assert report_zone(store, DailySettings()) == ZoneInfo(NEW_YORK)
    look("2026-11-24T20:30")
    happen()
    assert look("2026-11-25T11:59") == []
    assert look("2026-11-25T12:00") == ["report:2026-11-25"]


def test_the_office_may_have_a_time_and_zone_of_its_own(store, look, happen, plan) -> None:
    plan("a", NEW_YORK)
    settings = DailySettings(at=time(18, 30), zone="Australia/Sydney")
    save_daily_settings(store, settings)
    assert daily_settings(store) == settings
    look("2026-11-24T20:30")
    happen()
    assert look("2026-11-25T07:29") == []
    assert look("2026-11-25T07:30") == ["report:2026-11-25"]


def test_without_any_zone_it_is_utc(store) -> None:
    assert report_zone(store, DailySettings()) == ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-08T10:59", "2026-03-07T12:00"),  # the night the clocks go forward
        ("2026-03-08T11:00", "2026-03-08T11:00"),
        ("2026-11-01T11:59", "2026-10-31T11:00"),  # and back
        ("2026-11-01T12:00", "2026-11-01T12:00"),
    ],
)
def test_seven_is_seven_through_clock_changes(now: str, due: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert due_before(at, time(7), ZoneInfo(NEW_YORK)) == expected


def test_a_time_that_is_skipped_once_a_year_still_comes() -> None:
    zone = ZoneInfo(NEW_YORK)
    looks = [datetime(2026, 3, 7, tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(4 * 72)]
    dues = sorted({due_before(now, time(2, 30), zone) for now in looks})
    assert [due.astimezone(zone).day for due in dues] == [6, 7, 8, 9]
