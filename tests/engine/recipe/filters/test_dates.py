"""Reckoning with dates, and what is asked about them."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.filters import FILTERS, TESTS, ArgumentError, FilterError


@pytest.mark.parametrize(
    ("date", "length", "later"),
    [
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2023-01-31", "a month", "2023-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("4 March 2024", "2 weeks", "2024-03-18"),
        ("2024-03-04", "-4 days", "2024-02-29"),
        ("2024-03-04", "6 hours", "2024-03-04T06:00:00"),
        ("2024-03-04T20:30:00-05:00", "1 day", "2024-03-05T20:30:00-05:00"),
        ("2024-03-04 8:30 pm", "90 minutes", "2024-03-04T22:00:00"),
        (dt.date(2024, 3, 4), "1 day", "2024-03-05"),
        ("2024-03-08", "1 business day", "2024-03-11"),  # Friday
        ("2024-03-09", "1 business day", "2024-03-11"),  # Saturday
        ("2024-03-09", "5 business days", "2024-03-15"),
        ("2024-03-10", "-1 business days", "2024-03-08"),
        ("2024-03-10", "-5 business days", "2024-03-04"),
        ("2024-03-11", "-5 business days", "2024-03-04"),
        ("2024-03-11", "0 business days", "2024-03-11"),
    ],
)
def test_adding(date: Any, length: str, later: str) -> None:
    assert FILTERS["add"](date, length) == later


@given(st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)), st.integers(-40, 40))
def test_business_days_are_counted_as_they_are_added(day: dt.date, count: int) -> None:
    later = day
    for _ in range(abs(count)):  # one at a time, by the calendar
        later += dt.timedelta(days=1 if count > 0 else -1)
        while later.weekday() >= 5:
            later += dt.timedelta(days=1 if count > 0 else -1)
    assert FILTERS["add"](day, f"{count} business days") == later.isoformat()
    if day.weekday() < 5:
        assert FILTERS["until"](day, later, "business days") == count


@pytest.mark.parametrize("length", ["soon", "3", "days", "1 fortnight", "3 day of May", ""])
def test_what_is_no_length_of_time(length: str) -> None:
    with pytest.raises(ArgumentError, match="is not a length of time"):
        FILTERS["add"]("2024-03-04", length)


def test_the_calendar_has_an_end() -> None:
    for name, length in (
        ("add", "9000 years"),
        ("add", "9999999 days"),
        ("subtract", "2025 years"),
    ):
        with pytest.raises(FilterError, match="the calendar ends"):
            FILTERS[name]("2024-03-04", length)
    assert FILTERS["end_of"]("9999-12-30", "day") == "9999-12-30"


@pytest.mark.parametrize(
    ("start", "end", "unit", "count"),
    [
        ("2024-03-04", "2024-04-01", "days", 28),
        ("2024-04-01", "2024-03-04", "days", -28),
        ("2024-04-01", "2024-03-04", "weeks", -4),
        ("2024-03-04T23:00:00", "2024-03-05T01:00:00", "days", 1),
        ("2024-03-04T23:00:00", "2024-03-05T01:30:00", "hours", 2),
        ("2024-03-04T23:00:00Z", "2024-03-05T01:00:00+02:00", "hours", 0),
        ("2024-03-04T23:00:00Z", "2024-03-05T01:00:00+02:00", "days", 0),
        ("2024-03-04T23:00:00Z", "2024-03-05", "days", 1),
        ("1990-03-05", "2024-03-04", "years", 33),
        ("1990-03-04", "2024-03-04", "year", 34),
        ("2024-01-31", "2024-03-30", "months", 1),
        ("2024-03-08", "2024-03-11", "business days", 1),
        ("2024-03-04", None, "days", None),
    ],
)
def test_how_far_apart(start: Any, end: Any, unit: str, count: int | None) -> None:
    assert FILTERS["until"](start, end, unit) == count
    assert FILTERS["since"](end, start, unit) == count


def test_hours_between_need_to_know_the_time_zone_of_both() -> None:
    with pytest.raises(FilterError, match="which time zone it is in"):
        FILTERS["until"]("2024-03-04T23:00:00", "2024-03-05T01:00:00Z", "hours")


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("day", "2024-05-15", "2024-05-15"),
        ("week", "2024-05-13", "2024-05-19"),
        ("month", "2024-05-01", "2024-05-31"),
        ("quarter", "2024-04-01", "2024-06-30"),
        ("year", "2024-01-01", "2024-12-31"),
    ],
)
def test_where_periods_begin_and_end(period: str, first: str, last: str) -> None:
    assert FILTERS["start_of"]("2024-05-15T20:30:00Z", period) == first
    assert FILTERS["end_of"]("15 May 2024", period) == last


def test_timestamps() -> None:
    assert FILTERS["from_timestamp"]("1709584200") == "2024-03-04T20:30:00+00:00"
    assert FILTERS["from_timestamp"](1709584200123, "milliseconds") == (
        "2024-03-04T20:30:00.123000+00:00"
    )
    assert FILTERS["timestamp"]("2024-03-04T15:30:00-05:00", "milliseconds") == 1709584200000
    with pytest.raises(FilterError) as caught:
        FILTERS["from_timestamp"](1709584200123000)
    assert "milliseconds" in caught.value.hint
    with pytest.raises(FilterError, match="which time zone"):
        FILTERS["timestamp"]("2024-03-04")


def test_a_city_stands_for_its_time_zone() -> None:
    in_berlin = FILTERS["time_zone"]("2024-03-04T20:30Z", "Berlin")
    assert in_berlin == "2024-03-04T21:30:00+01:00"
    assert FILTERS["datetime"]("2024-07-04 20:30", zone="new york").endswith("-04:00")


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (7500, "seconds", "2 hours 5 minutes"),
        ("1.5", "hours", "1 hour 30 minutes"),
        (-90, "minutes", "minus 1 hour 30 minutes"),
        (0, "days", "0 seconds"),
        (25, "hour", "1 day 1 hour"),
    ],
)
def test_lengths_of_time_in_words(number: Any, unit: str, words: str) -> None:
    assert FILTERS["duration"](number, unit) == words


@pytest.mark.parametrize(
    ("value", "other", "earlier", "later"),
    [
        ("4 March 2024", "2024-03-05", True, False),
        ("2024-03-05", "4 March 2024", False, True),
        ("2024-03-04T23:00:00Z", "2024-03-04", False, False),
        ("2024-03-04T23:00:00Z", "2024-03-05T00:30:00+02:00", False, True),
        ("2024-03-04T23:00:00", "2024-03-04T01:00:00Z", False, False),
        (None, "2024-03-04", False, False),
        ("2024-03-04", "", False, False),
    ],
)
def test_which_comes_first(value: Any, other: Any, earlier: bool, later: bool) -> None:
    assert TESTS["earlier_than"](value, other) is earlier
    assert TESTS["later_than"](value, other) is later


def test_what_is_compared_must_be_dates() -> None:
    with pytest.raises(FilterError, match="'soon' is not a date"):
        TESTS["earlier_than"]("2024-03-04", "soon")


@pytest.mark.parametrize(
    ("value", "holds"),
    [("2024-03-04", True), ("March 2024", False), ("03/04/2024", False), ("", False), (7, False)],
)
def test_what_counts_as_a_date(value: Any, holds: bool) -> None:
    assert TESTS["date"](value) is holds
    assert TESTS["date"]("03/04/2024", "day first") is True


@given(st.datetimes(dt.datetime(1000, 1, 1)), st.text(max_size=12))
def test_dates_with_odd_endings_are_reckoned_with_or_refused(moment: Any, ending: str) -> None:
    for name, arguments in (("add", ("3 days",)), ("until", ("2024-03-04",)), ("iso_week", ())):
        with suppress(FilterError):
            assert FILTERS[name](f"{moment.isoformat()}{ending}", *arguments) is not None
