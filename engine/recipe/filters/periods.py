"""Reckoning with dates: adding to them, how far apart they are, where a month begins."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from engine.recipe.filters.dates import moment_of, zone_by_name_or_place
from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    is_blank,
    may_default,
    quoted,
)
from engine.recipe.filters.kinds import Dated, Numeric
from engine.recipe.filters.numbers import decimal_of, not_a_number

TIMED = re.compile(r"(?i)\d:\d|\dT\d|\d\s*[ap]\.?m\b")
AMOUNT = re.compile(
    r"(?P<count>[+-]?\d{1,7}|an?)\s+(?P<unit>(?:business )?[a-z]+?)s?", re.IGNORECASE
)
CLOCK_UNITS = {"second": 1, "minute": 60, "hour": 3600}
CALENDAR_UNITS = ("day", "week", "month", "year")
BUSINESS_DAY = "business day"
UNITS = (*CLOCK_UNITS, *CALENDAR_UNITS, BUSINESS_DAY)
PERIODS = ("day", "week", "month", "quarter", "year")
TIMESTAMPS = {"seconds": 1, "milliseconds": 1000}
WORKING_DAYS = 5

T = TypeVar("T")
D = TypeVar("D", dt.date, dt.datetime)


@may_default
def add(value: Dated, length: str) -> str | None:
    """Give the date so much later: ``3 days``, ``2 business days``, ``1 month``, ``-1 week``.

    Business days are Monday to Friday. A month after 31 January is the last day of February.

    >>> {{ '2024-01-31' | add('1 month') }}
    2024-02-29
    >>> {{ '2024-03-08' | add('2 business days') }}
    2024-03-12
    >>> {{ '2024-03-04T20:30:00' | add('-2 hours') }}
    2024-03-04T18:30:00
    """
    return None if is_blank(value) else _moved(value, length, 1, "add")


@may_default
def subtract(value: Dated, length: str) -> str | None:
    """Give the date so much earlier.

    >>> {{ '2024-03-04' | subtract('30 days') }}
    2024-02-03
    """
    return None if is_blank(value) else _moved(value, length, -1, "subtract")


@may_default
def until(value: Dated, end: Any, unit: str = "days") -> int | None:
    """Count the whole days from this date until ``end``, or ``weeks``, ``months``, ``years``, ``hours``.

    Where ``end`` is before the date the number is below 0. ``business days`` are Monday to Friday.

    >>> {{ '2024-03-04' | until('2024-04-01') }}
    28
    >>> {{ '1990-05-06' | until('2024-03-04', 'years') }}
    33
    """
    if is_blank(value) or is_blank(end):
        return None
    return _between(value, end, check_unit(unit), "until")


@may_default
def since(value: Dated, start: Any, unit: str = "days") -> int | None:
    """Count the whole days from ``start`` to this date, or another unit, as ``until`` does.

    >>> {{ '2024-04-01' | since('2024-03-04', 'weeks') }}
    4
    """
    if is_blank(value) or is_blank(start):
        return None
    return _between(start, value, check_unit(unit), "since")


@may_default
def start_of(value: Dated, period: str) -> str | None:
    """Give the first day of the date's ``week`` (Monday), ``month``, ``quarter`` or ``year``.

    >>> {{ '2024-03-14' | start_of('month') }}
    2024-03-01
    """
    if is_blank(value):
        return None
    return _first_day(moment_of(value, None, "start_of").date(), check_period(period)).isoformat()


@may_default
def end_of(value: Dated, period: str) -> str | None:
    """Give the last day of the date's ``week`` (Sunday), ``month``, ``quarter`` or ``year``.

    >>> {{ '2024-02-14' | end_of('month') }}
    2024-02-29
    """
    if is_blank(value):
        return None
    first = _first_day(moment_of(value, None, "end_of").date(), check_period(period))
    length = {"quarter": {"months": 3}}.get(period, {f"{period}s": 1})
    following = _in_calendar(lambda: _by_calendar(first, length), value)
    return (following - dt.timedelta(days=1)).isoformat()


@may_default
def iso_week(value: Dated) -> str | None:
    """Give the date's week as ISO 8601 counts weeks.

    >>> {{ '2024-12-30' | iso_week }}
    2025-W01
    """
    if is_blank(value):
        return None
    year, week, _ = moment_of(value, None, "iso_week").isocalendar()
    return f"{year}-W{week:02}"


@may_default
def timestamp(value: Dated, unit: str = "seconds") -> int | None:
    """Give the seconds (or ``milliseconds``) since 1970 in UTC, as programs count time.

    >>> {{ '2024-03-04T20:30:00Z' | timestamp }}
    1709584200
    """
    if is_blank(value):
        return None
    moment = moment_of(value, None, "timestamp")
    if moment.tzinfo is None:
        raise _no_zone(value, "timestamp")
    return round(moment.timestamp() * TIMESTAMPS[check_timestamp_unit(unit)])


@may_default
def from_timestamp(value: Numeric, unit: str = "seconds", zone: str = "UTC") -> str | None:
    """Read a date and time that is written as the seconds (or ``milliseconds``) since 1970.

    >>> {{ 1709584200 | from_timestamp(zone='America/New_York') }}
    2024-03-04T15:30:00-05:00
    """
    if is_blank(value):
        return None
    number = decimal_of(value)
    if number is None:
        raise not_a_number(value)
    seconds = float(number) / TIMESTAMPS[check_timestamp_unit(unit)]
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone(zone_by_name_or_place(zone))
    except (ValueError, OverflowError, OSError):
        raise FilterError(
            f"{quoted(value)} is not a number of {unit} since 1970.",
            code="not_a_date",
            hint="Is it in milliseconds? Then write `| from_timestamp('milliseconds')`.",
        ) from None
    return moment.isoformat(timespec="auto" if moment.microsecond else "seconds")


@may_default
def duration(value: Numeric, unit: str = "seconds") -> str | None:
    """Write a length of time in words; ``unit`` says what the number counts.

    >>> {{ 125 | duration('minutes') }}
    2 hours 5 minutes
    """
    if is_blank(value):
        return None
    number = decimal_of(value)
    if number is None:
        raise not_a_number(value)
    of_unit = {**CLOCK_UNITS, "day": 86_400}
    if check_unit(unit) not in of_unit:
        raise _no_unit(unit, "seconds, minutes, hours or days")
    rest = round(abs(number) * of_unit[check_unit(unit)])
    words = []
    for name, seconds in reversed(of_unit.items()):
        count, rest = divmod(rest, seconds)
        words += [f"{count} {name}{'' if count == 1 else 's'}"] if count else []
    return ("minus " if number < 0 and words else "") + (" ".join(words) or "0 seconds")


# -- arguments -------------------------------------------------------------------------------------


def check_length(length: str) -> tuple[int, str]:
    """Return how many of which unit a length of time is.

    :raises ArgumentError: it is no length of time.
    """
    found = AMOUNT.fullmatch(" ".join(length.split()))
    unit = found["unit"].lower() if found else ""
    if found is None or unit not in UNITS:
        raise ArgumentError(
            f"{quoted(length)} is not a length of time.",
            hint="Write it like '3 days', '2 business days', '1 month' or '-2 hours'.",
        )
    return (1 if found["count"].isalpha() else int(found["count"])), unit


def check_unit(unit: str) -> str:
    """Return the unit of time, without its s.

    :raises ArgumentError: there is no such unit.
    """
    name = unit.lower().removesuffix("s")
    if name in UNITS:
        return name
    raise _no_unit(unit, "days, business days, weeks, months, years, hours, minutes or seconds")


def check_period(period: str) -> str:
    """Return the stretch of the calendar.

    :raises ArgumentError: there is no such stretch.
    """
    if period in PERIODS:
        return period
    raise _no_unit(period, "week, month, quarter or year")


def check_timestamp_unit(unit: str) -> str:
    """Return what a timestamp counts.

    :raises ArgumentError: it is neither seconds nor milliseconds.
    """
    if unit in TIMESTAMPS:
        return unit
    raise _no_unit(unit, "seconds or milliseconds")


def _no_unit(unit: Any, known: str) -> ArgumentError:
    return ArgumentError(f"{quoted(unit)} is not a unit of time here.", hint=f"Write {known}.")


# -- reckoning -------------------------------------------------------------------------------------


def is_day(value: Any) -> bool:
    """Return whether a date is written without a time of day."""
    if isinstance(value, dt.date):
        return not isinstance(value, dt.datetime)
    return TIMED.search(str(value)) is None


def _moved(value: Any, length: str, sign: int, name: str) -> str:
    count, unit = _length(length)
    moment = moment_of(value, None, name)
    found = _in_calendar(lambda: _later(moment, sign * count, unit), value)
    return (found.date() if is_day(value) and unit not in CLOCK_UNITS else found).isoformat()


_length = lru_cache(maxsize=256)(check_length)


def _later(moment: dt.datetime, count: int, unit: str) -> dt.datetime:
    if unit == BUSINESS_DAY:
        return moment + dt.timedelta(days=_days_of_business(moment.weekday(), count))
    if unit in CLOCK_UNITS:
        return moment + dt.timedelta(seconds=count * CLOCK_UNITS[unit])
    return _by_calendar(moment, {f"{unit}s": count})


def _by_calendar(moment: D, length: Mapping[str, int]) -> D:
    from dateutil.relativedelta import relativedelta  # here, because few recipes reckon in months

    return moment + relativedelta(**length)  # type: ignore[arg-type]  # they are whole numbers


def _days_of_business(weekday: int, count: int) -> int:
    """Return how many days pass until ``count`` business days have, from a day of the week on."""
    weeks, left = divmod(abs(count), WORKING_DAYS)
    step, days = (1 if count >= 0 else -1), weeks * 7
    if left == 0 and count and weekday >= WORKING_DAYS:
        weeks, left, days = weeks - 1, WORKING_DAYS, days - 7  # it ends on a business day
    here = weekday
    while left:
        days, here = days + 1, (here + step) % 7
        left -= here < WORKING_DAYS
    return step * days


def _between(start: Any, end: Any, unit: str, name: str) -> int:
    first, last = moment_of(start, None, name), moment_of(end, None, name)
    if unit in CLOCK_UNITS:
        if (first.tzinfo is None) != (last.tzinfo is None):
            raise _no_zone(start if first.tzinfo is None else end, name)
        return int((last - first).total_seconds() / CLOCK_UNITS[unit])
    if first.tzinfo is not None and last.tzinfo is not None:
        last = _in_calendar(lambda: last.astimezone(first.tzinfo), end)
    since_day, until_day = first.date(), last.date()
    days = (until_day - since_day).days
    if unit == BUSINESS_DAY:
        return _business_days(since_day, until_day)
    if unit in {"month", "year"}:
        from dateutil.relativedelta import relativedelta

        apart = relativedelta(until_day, since_day)
        return apart.years if unit == "year" else apart.years * 12 + apart.months
    return int(days / 7) if unit == "week" else days


def _business_days(first: dt.date, last: dt.date) -> int:
    """Return how many business days come after the first day, up to the last one."""
    if last < first:
        return -_business_days(last, first)
    weeks, left = divmod((last - first).days, 7)
    return weeks * WORKING_DAYS + sum(
        (first.weekday() + day) % 7 < WORKING_DAYS for day in range(1, left + 1)
    )


def _first_day(day: dt.date, period: str) -> dt.date:
    match period:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _in_calendar(reckon: Callable[[], T], value: Any) -> T:
    try:
        return reckon()
    except (OverflowError, ValueError):
        raise FilterError(
            f"From {quoted(value)} on the calendar ends: it has the years 1 to 9999.",
            code="not_a_date",
        ) from None


def _no_zone(value: Any, name: str) -> FilterError:
    return FilterError(
        f"{quoted(value)} doesn't say which time zone it is in.",
        code="no_time_zone",
        hint=f"Say so first: `| datetime(zone='UTC') | {name}(…)`.",
    )
