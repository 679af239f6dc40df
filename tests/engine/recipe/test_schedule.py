"""Schedules: how they are written, and the moments they mean, clock changes included."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.schedule import parse_schedule
from engine.recipe.timetable import next_times

NEW_YORK, SYDNEY = "America/New_York", "Australia/Sydney"
ZONES = st.sampled_from([NEW_YORK, SYDNEY, "Europe/Berlin", "Asia/Kolkata", "UTC"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def local(words: str, zone: str, after: str, count: int) -> list[str]:
    """Return the next times by the clock on the wall there."""
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    times = next_times(parse_schedule(words), zone, start, count)
    return [t.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M %z") for t in times]


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("manual", "manual", "only by hand"),
        ("Instant", "instant", "as soon as something happens"),
        ("every 15 minutes", "interval", "every 15 minutes"),
        ("every hour", "interval", "every hour"),
        ("every  day at 20:30", "cron", "every day at 20:30"),
        ("every weekday at 7:00", "cron", "every weekday at 7:00"),
        ("Every Monday at 07:05", "cron", "every monday at 7:05"),
        ("cron: 0 20 * * 1-5", "cron", "at cron 0 20 * * 1-5"),
    ],
)
def test_a_schedule_is_written_in_words(text, kind, words) -> None:
    schedule = parse_schedule(text)
    assert (schedule.kind, schedule.words) == (kind, words)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a schedule. Write"),
        ("sometimes", "'sometimes' is not a schedule. Write `every 15 minutes`"),
        ("every day at 24:00", "24:00 is not a time of day."),
        ("every day at 9:75", "9:75 is not a time of day."),
        ("every 0 minutes", "is not between 1 minute and 24 hours."),
        ("every 25 hours", "is not between 1 minute and 24 hours."),
        ("every 999999 minutes", "is not between 1 minute and 24 hours."),
        ("every 99999999999999999999 minutes", "is not a schedule."),
        ("cron: 61 * * * *", "is not a cron expression"),
        ("cron: soon", "is not a cron expression"),
    ],
)
def test_what_is_no_schedule_says_how_to_write_one(text, says) -> None:
    with pytest.raises(ValueError, match="not") as caught:
        parse_schedule(text)
    assert says in str(caught.value)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text) -> None:
    try:
        parse_schedule(text)
    except ValueError as error:
        said = str(error)
    else:
        return
    assert said.endswith(".")


# -- times -----------------------------------------------------------------------------------------


def test_by_hand_means_never_by_the_clock() -> None:
    for text in ("manual", "instant"):
        assert next_times(parse_schedule(text), "UTC", datetime.now(UTC), 3) == []


def test_weekdays_leave_the_weekend_out() -> None:
    assert local("every weekday at 7:00", NEW_YORK, "2026-11-27T08:00", 2) == [
        "Mon 30 07:00 -0500",
        "Tue 01 07:00 -0500",
    ]
    assert local("every sunday at 7:00", NEW_YORK, "2026-11-27T08:00", 1) == ["Sun 29 07:00 -0500"]


def test_a_time_that_is_now_is_the_last_one_not_the_next() -> None:
    assert local("every day at 20:30", NEW_YORK, "2026-11-24T20:30", 1) == ["Wed 25 20:30 -0500"]


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        # 8 March 2026, 02:00 becomes 03:00; 4 October 2026 in Sydney.
        (NEW_YORK, "2026-03-07T12:00", ["Sun 08 03:00 -0400", "Mon 09 02:30 -0400"]),
        (SYDNEY, "2026-10-03T12:00", ["Sun 04 03:00 +1100", "Mon 05 02:30 +1100"]),
    ],
)
def test_a_time_that_spring_skips_comes_once_as_the_clocks_move(zone, after, expected) -> None:
    assert local("every day at 2:30", zone, after, 2) == expected


@pytest.mark.parametrize(
    ("zone", "after", "words", "expected"),
    [
        # 1 November 2026, 02:00 becomes 01:00; 5 April 2026 in Sydney, 03:00 becomes 02:00.
        (NEW_YORK, "2026-10-31T12:00", "every day at 1:30",
         ["Sun 01 01:30 -0400", "Mon 02 01:30 -0500"]),
        (SYDNEY, "2026-04-04T12:00", "every day at 2:30",
         ["Sun 05 02:30 +1100", "Mon 06 02:30 +1000"]),
    ],
)  # fmt: skip
def test_a_time_that_autumn_repeats_comes_once(zone, after, words, expected) -> None:
    assert local(words, zone, after, 2) == expected


@given(zone=ZONES, after=MOMENTS, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_every_day_means_once_on_each_of_its_days(zone, after, hour, minute) -> None:
    schedule = parse_schedule(f"every day at {hour}:{minute:02}")
    times = next_times(schedule, zone, after, 8)
    days = [time.astimezone(ZoneInfo(zone)).date() for time in times]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    assert all(time > after for time in times)


@given(after=MOMENTS, minutes=st.integers(1, 24 * 60))
def test_an_interval_is_the_same_throughout_wherever_one_looks_from(after, minutes) -> None:
    """Past midnight too, and after a restart."""
    schedule = parse_schedule(f"every {minutes} minutes")
    times = next_times(schedule, "UTC", after, 5)
    length = timedelta(minutes=minutes)
    assert timedelta(0) < times[0] - after <= length
    assert all(later - earlier == length for earlier, later in pairwise(times))
    assert next_times(schedule, "UTC", times[0], 4) == times[1:]


def test_intervals_begin_at_midnight() -> None:
    after = datetime(2026, 11, 24, 20, 31, tzinfo=UTC)
    assert next_times(parse_schedule("every 2 hours"), "UTC", after)[0].hour == 22
    assert next_times(parse_schedule("every 15 minutes"), "UTC", after)[0].minute == 45
