"""The moments that schedules mean, clock changes included: New York, Sydney, Lord Howe and others."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recipe.filters.dates import zone_names
from engine.recipe.schedule.schedule import parse_schedule
from engine.recipe.schedule.timetable import Timetable, next_times

NEW_YORK, SYDNEY, BERLIN = "America/New_York", "Australia/Sydney", "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"  # moves its clocks by half an hour
ZONES = st.sampled_from([NEW_YORK, SYDNEY, BERLIN, LORD_HOWE, "Asia/Kolkata", "UTC"])
ANY_ZONE = st.sampled_from(sorted(zone_names()))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def local(words: str, zone: str, after: str, count: int) -> list[str]:
    """Return the next times by the clock on the wall there."""
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    times = next_times(parse_schedule(words), zone, start, count)
    return [t.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M %z") for t in times]


def test_by_hand_means_never_by_the_clock() -> None:
    for text in ("manual", "instant"):
        assert next_times(parse_schedule(text), "UTC", datetime.now(UTC), 3) == []


def test_a_time_that_is_now_is_the_last_one_not_the_next() -> None:
    assert local("every day at 20:30", NEW_YORK, "2026-11-24T20:30", 1) == ["Wed 25 20:30 -0500"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("every weekday at 7:00", ["Fri 27", "Mon 30", "Tue 01"]),
        ("every weekend at 7:00", ["Sat 28", "Sun 29", "Sat 05"]),
        ("every monday and thursday at 7:00", ["Mon 30", "Thu 03", "Mon 07"]),
        ("every month on the 1st and 15th at 7:00", ["Tue 01", "Tue 15", "Fri 01"]),
        ("every month on the last day at 7:00", ["Mon 30", "Thu 31", "Sun 31"]),
        ("every month on the last weekday at 7:00", ["Mon 30", "Thu 31", "Fri 29"]),
        ("every month on the first monday at 7:00", ["Mon 07", "Mon 04", "Mon 01"]),
        ("every month on the last friday at 7:00", ["Fri 27", "Fri 25", "Fri 29"]),
    ],
)
def test_days_are_those_of_the_calendar_there(words, expected) -> None:
    times = local(words, NEW_YORK, "2026-11-26T08:00", 3)
    assert times == [f"{day} 07:00 -0500" for day in expected]


def test_several_times_a_day_come_in_order() -> None:
    assert local("every day at 19:30 and 7:00", BERLIN, "2026-11-24T08:00", 3) == [
        "Tue 24 19:30 +0100", "Wed 25 07:00 +0100", "Wed 25 19:30 +0100",
    ]  # fmt: skip


# -- the clocks are moved --------------------------------------------------------------------------

# 8 March 2026, New York: 02:00 becomes 03:00. 4 October 2026: 02:00 becomes 03:00 in Sydney and
# 02:30 at Lord Howe. 29 March 2026, Berlin: 02:00 becomes 03:00.
SPRING = [
    (NEW_YORK, "every day at 2:30", "2026-03-07T12:00", ["Sun 08 03:00 -0400", "Mon 09 02:30 -0400"]),
    (SYDNEY, "every day at 2:30", "2026-10-03T12:00", ["Sun 04 03:00 +1100", "Mon 05 02:30 +1100"]),
    (BERLIN, "every day at 2:30", "2026-03-28T12:00", ["Sun 29 03:00 +0200", "Mon 30 02:30 +0200"]),
    (LORD_HOWE, "every day at 2:15", "2026-10-03T12:00", ["Sun 04 02:30 +1100", "Mon 05 02:15 +1100"]),
    ("UTC", "every day at 2:30", "2026-03-07T12:00", ["Sun 08 02:30 +0000", "Mon 09 02:30 +0000"]),
    (NEW_YORK, "every sunday at 2:30", "2026-03-07T12:00", ["Sun 08 03:00 -0400", "Sun 15 02:30 -0400"]),
    (NEW_YORK, "every month on the second sunday at 2:30", "2026-03-07T12:00",
     ["Sun 08 03:00 -0400", "Sun 12 02:30 -0400"]),
    (NEW_YORK, "cron: */30 2 * * *", "2026-03-07T12:00",
     ["Sun 08 03:00 -0400", "Mon 09 02:00 -0400", "Mon 09 02:30 -0400"]),
    (NEW_YORK, "cron: 30 */2 * * *", "2026-03-08T00:00",
     ["Sun 08 00:30 -0500", "Sun 08 03:00 -0400", "Sun 08 04:30 -0400"]),
    (NEW_YORK, "every day at 2:10 and 2:50", "2026-03-07T12:00",
     ["Sun 08 03:00 -0400", "Mon 09 02:10 -0400"]),
    (NEW_YORK, "every hour at :15", "2026-03-08T01:00",
     ["Sun 08 01:15 -0500", "Sun 08 03:15 -0400", "Sun 08 04:15 -0400"]),
]  # fmt: skip

# 1 November 2026, New York: 02:00 becomes 01:00. 5 April 2026: 03:00 becomes 02:00 in Sydney, 02:00
# becomes 01:30 at Lord Howe. 25 October 2026, Berlin: 03:00 becomes 02:00.
AUTUMN = [
    (NEW_YORK, "every day at 1:30", "2026-10-31T12:00", ["Sun 01 01:30 -0400", "Mon 02 01:30 -0500"]),
    (SYDNEY, "every day at 2:30", "2026-04-04T12:00", ["Sun 05 02:30 +1100", "Mon 06 02:30 +1000"]),
    (BERLIN, "every day at 2:30", "2026-10-24T12:00", ["Sun 25 02:30 +0200", "Mon 26 02:30 +0100"]),
    (LORD_HOWE, "every day at 1:45", "2026-04-04T12:00", ["Sun 05 01:45 +1100", "Mon 06 01:45 +1030"]),
    ("UTC", "every day at 1:30", "2026-10-31T12:00", ["Sun 01 01:30 +0000", "Mon 02 01:30 +0000"]),
    (NEW_YORK, "every sunday at 1:30", "2026-10-31T12:00", ["Sun 01 01:30 -0400", "Sun 08 01:30 -0500"]),
    (NEW_YORK, "every month on the 1st at 1:30", "2026-10-31T12:00",
     ["Sun 01 01:30 -0400", "Tue 01 01:30 -0500"]),
    (NEW_YORK, "cron: */30 1 * * *", "2026-10-31T12:00",
     ["Sun 01 01:00 -0400", "Sun 01 01:30 -0400", "Mon 02 01:00 -0500"]),
    (NEW_YORK, "every hour at :15", "2026-11-01T00:30",
     ["Sun 01 01:15 -0400", "Sun 01 01:15 -0500", "Sun 01 02:15 -0500"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "words", "after", "expected"), SPRING)
def test_a_time_that_spring_skips_comes_once_as_the_clocks_move(zone, words, after, expected):
    assert local(words, zone, after, len(expected)) == expected


@pytest.mark.parametrize(("zone", "words", "after", "expected"), AUTUMN)
def test_a_time_that_autumn_repeats_comes_once_and_what_runs_hourly_in_each_hour(
    zone, words, after, expected
):
    assert local(words, zone, after, len(expected)) == expected


def test_within_the_repeated_hour_a_time_of_its_first_turn_is_over() -> None:
    second_turn = datetime(2026, 11, 1, 1, 20, fold=1, tzinfo=ZoneInfo(NEW_YORK))
    [following] = next_times(parse_schedule("every day at 1:30"), NEW_YORK, second_turn)
    assert following == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("start", ["2026-03-08T00:00", "2026-11-01T00:00"])
def test_intervals_do_not_care_about_clocks(start) -> None:
    after = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(NEW_YORK))
    times = next_times(parse_schedule("every 15 minutes"), NEW_YORK, after, 24)
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=15)}


@settings(max_examples=60)
@given(zone=ANY_ZONE, year=st.integers(2024, 2034), hour=st.integers(0, 23),
       minute=st.integers(0, 59))  # fmt: skip
def test_every_day_runs_once_on_each_day_of_a_year_in_any_zone(zone, year, hour, minute) -> None:
    schedule = parse_schedule(f"every day at {hour}:{minute:02}")
    start = datetime(year, 1, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    days = [t.astimezone(ZoneInfo(zone)).date() for t in next_times(schedule, zone, start, 365)]
    assert days == [date(year, 1, 1) + timedelta(days=n) for n in range(365)]


@given(zone=ZONES, after=MOMENTS, words=st.sampled_from(
    ["every day at 2:15", "every weekday at 1:45", "every hour at :15", "every 15 minutes",
     "cron: */20 0-6/2 * * *", "every month on the last day at 23:59", "every day at 1:30 and 2:30"]
))  # fmt: skip
def test_wherever_one_looks_from_the_next_times_are_the_same(zone, after, words) -> None:
    """So a plan can be made anew at any moment, and after a restart."""
    schedule = parse_schedule(words)
    times = next_times(schedule, zone, after, 6)
    assert all(earlier < later for earlier, later in pairwise([after, *times]))
    assert next_times(schedule, zone, times[2], 3) == times[3:]
    just_before = times[3] - timedelta(seconds=1)
    assert next_times(schedule, zone, just_before, 3) == times[3:]


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


# -- timetables ------------------------------------------------------------------------------------


def test_a_jitter_is_the_same_for_the_same_tick_and_differs_between_recipes() -> None:
    after = datetime(2026, 11, 24, 20, 31, tzinfo=UTC)
    jitter = timedelta(minutes=10)
    one, same, other = (
        Timetable(name, "every day at 7:00", "UTC", jitter).ticks(after, 50)
        for name in ("one", "one", "other")
    )
    assert one == same
    delays = [tick.due - tick.at for tick in one]
    assert all(timedelta(0) <= delay < jitter for delay in delays)
    assert len(set(delays)) > 40
    assert [tick.at for tick in one] == [tick.at for tick in other]
    assert delays != [tick.due - tick.at for tick in other]


@pytest.mark.parametrize(
    ("words", "zone"),
    [("sometimes", "UTC"), ("every hour", "Mars/Olympus"), ("every hour", "../etc/passwd")],
)
def test_a_timetable_of_wrong_words_is_not_made(words, zone) -> None:
    with pytest.raises(ValueError, match=r"is not a schedule|There is no time zone"):
        Timetable("any", words, zone)
