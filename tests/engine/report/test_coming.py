"""Next runs in words: as planned where there is a plan, else as the schedule says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.recipe.load import parse_recipe
from engine.recipe.model import Recipe
from engine.report.coming import coming, when_words
from engine.store.schedules import Planned

NOW = datetime(2026, 11, 24, 20, 31, tzinfo=UTC)
NEW_YORK = "America/New_York"


def recipe(words: str, zone: str = "UTC", more: str = "") -> Recipe:
    trigger = f"{{use: a.b, schedule: {words!r}, timezone: {zone}{more}}}"
    return parse_recipe(f"name: A\ntrigger: {trigger}\nsteps: [{{use: c.d}}]\n", Path("a.yaml"))


def plan(words: str, *, tick_at: datetime, next_at: datetime) -> Planned:
    return Planned(
        recipe="a",
        words=words,
        timezone="UTC",
        jitter=timedelta(),
        tick_at=tick_at,
        next_at=next_at,
    )


def test_next_runs_name_day_time_and_place():
    runs = coming(recipe("every day at 20:30", NEW_YORK), None, NOW)
    assert runs.schedule == "every day at 20:30, New York time"
    assert runs.words == (
        "today at 20:30 (New York)",
        "tomorrow at 20:30 (New York)",
        "on Thursday 26 November at 20:30 (New York)",
        "on Friday 27 November at 20:30 (New York)",
        "on Saturday 28 November at 20:30 (New York)",
    )


def test_a_time_next_year_has_its_year():
    monthly = recipe("every month on the 1st at 7:00", "Europe/Berlin")
    assert coming(monthly, None, NOW, 2).words[1] == "on Friday 1 January 2027 at 07:00 (Berlin)"


def test_what_is_kept_names_no_day_by_today():
    at = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert when_words(at, ZoneInfo("UTC")) == "on Tuesday 24 November at 21:00 (UTC)"


@pytest.mark.parametrize("words", ["manual", "instant"])
def test_what_no_clock_starts_has_no_next_run(words):
    runs = coming(recipe(words), None, NOW)
    assert (runs.timed, runs.times) == (False, ())


def test_a_wait_counts_before_the_schedule():
    until = NOW.replace(hour=22, minute=0)
    waiting = plan("every 15 minutes", tick_at=until, next_at=until)
    times = coming(recipe("every 15 minutes"), waiting, NOW, 3).times
    assert [f"{at:%H:%M}" for at in times] == ["22:00", "22:15", "22:30"]


def test_a_tick_that_waits_for_another_run_is_the_next():
    tick = NOW.replace(minute=30)
    waiting = plan("every 15 minutes", tick_at=tick, next_at=NOW + timedelta(seconds=10))
    times = coming(recipe("every 15 minutes"), waiting, NOW, 2).times
    assert times == (NOW + timedelta(seconds=10), NOW.replace(minute=45))


def test_a_plan_of_other_words_is_old():
    old = plan("every 15 minutes", tick_at=NOW.replace(minute=45), next_at=NOW.replace(minute=45))
    [first] = coming(recipe("every day at 22:00"), old, NOW, 1).times
    assert first == datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


def test_a_jitter_is_counted_in():
    jittered = recipe("every day at 22:00", more=", jitter: 30 minutes")
    [first] = coming(jittered, None, NOW, 1).times
    assert timedelta(0) < first - datetime(2026, 11, 24, 22, 0, tzinfo=UTC) < timedelta(minutes=30)


def test_a_wrong_schedule_is_an_error():
    with pytest.raises(ValueError, match="is not a schedule"):
        coming(recipe("sometimes"), None, NOW)
