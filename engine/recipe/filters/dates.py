"""Dates and times: ISO and natural dates are read; what could mean two dates fails loudly."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_datetime

from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    is_blank,
    may_default,
    quoted,
    text_of,
)
from engine.recipe.filters.kinds import Dated

ORDERS = {"day first": (0, 1, 2), "month first": (1, 0, 2), "year first": (2, 1, 0)}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ]\d{2}:?\d{2})", re.ASCII)
#: As computers write it: only what both ways of reading below take for the same.
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3}|\.\d{6})?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII
)
NUMERIC = re.compile(r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})(?:[T,\s]+(.+))?", re.ASCII)
#: A month in words and a whole year: without both, a reading would be a guess.
NATURAL = re.compile(
    r"(?i)(?=.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))(?=.*(?<!\d)\d{4}(?!\d))"
)
#: What a date with parts missing is read against: if the two readings differ, parts were missing.
STAND_INS = (dt.datetime(2000, 1, 1), dt.datetime(2001, 2, 2))  # noqa: DTZ001 - never shown
MIDNIGHT = STAND_INS[0]
#: strftime directives without the widths that would make text of any length.
STRFTIME = re.compile(r"(?:[^%]|%-?[aAbBdHIjmMpSyYzZ%])*")
#: No date is longer, and reading one goes letter by letter.
LONGEST_DATE = 100
#: Names of zones that dates carry in e-mail headers and feeds; others are ambiguous.
KNOWN_ZONES = {"UTC": dt.UTC, "GMT": dt.UTC, "Z": dt.UTC}
LONGEST_FORMAT = 100


@may_default
def date(value: Dated, format: str | None = None, order: str | None = None) -> str | None:
    """Write a date as 2024-03-04, or by ``format``.

    A format is made of ``d dd M MM MMM MMMM yy yyyy EEEE`` or is one of ``short``, ``medium``,
    ``long``, ``full``; ``%d/%m/%Y`` works too. 03/04/2024 could be two dates: say
    ``order='day first'`` or ``order='month first'``.

    >>> {{ '4 March 2024' | date }}
    2024-03-04
    >>> {{ '03/04/2024' | date('d MMMM yyyy', order='day first') }}
    3 April 2024
    """
    if order is None and type(value) is str:
        if len(value) <= 10:
            return _short_day(value, format)
        if ISO.match(value):
            return _short_day(value[:10], format)
    return _day(value, format, order)


def _day(value: Any, format: str | None, order: str | None) -> str | None:
    if is_blank(value):
        return None
    moment = moment_of(value, order, "date")
    return moment.date().isoformat() if format is None else _written(moment.date(), format)


@lru_cache(maxsize=10_000)  # the same days come again and again
def _short_day(text: str, format: str | None) -> str | None:
    if not ISO.match(text):
        return _day(text, format, None)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise _unreadable(text) from None
    return text if format is None else _written(day, format)


@may_default
def datetime_(
    value: Dated, format: str | None = None, zone: str | None = None, order: str | None = None
) -> str | None:
    """Write a date and time as 2024-03-04T20:30:00, or by ``format``.

    ``zone`` says which time zone a time without one is in.

    >>> {{ '4 March 2024 8:30 pm' | datetime(zone='America/New_York') }}
    2024-03-04T20:30:00-05:00
    """
    if is_blank(value):
        return None
    moment = moment_of(value, order, "datetime")
    if zone is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_by_name_or_place(zone))
    return moment.isoformat() if format is None else _written(moment, format)


@may_default
def time_zone(value: Dated, zone: str) -> str | None:
    """Write a time as it is in another time zone, called by its name or by a city.

    >>> {{ '2024-03-05T01:30:00Z' | time_zone('America/New_York') }}
    2024-03-04T20:30:00-05:00
    """
    if is_blank(value):
        return None
    moment = moment_of(value, None, "time_zone")
    if moment.tzinfo is None:
        raise FilterError(
            f"{quoted(value)} doesn't say which time zone it is in.",
            code="no_time_zone",
            hint="Say so first: `| datetime(zone='UTC') | time_zone('America/New_York')`.",
        )
    try:
        return moment.astimezone(zone_by_name_or_place(zone)).isoformat()
    except OverflowError:
        raise _unreadable(value) from None


@lru_cache(maxsize=256)
def find_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone called ``name``.

    :raises ArgumentError: there is none.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):  # zoneinfo's, for odd names and folders
        raise ArgumentError(
            f"There is no time zone {quoted(name)}.",
            code="unknown_time_zone",
            hint="Time zones are called like America/New_York or Europe/Berlin.",
        ) from None


@lru_cache(maxsize=256)
def zone_by_name_or_place(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone called ``name``, or the one of the city ``name``.

    :raises ArgumentError: there is none.
    """
    return find_zone(zone_of_place(str(name)) or name)


def zone_names() -> set[str]:
    """Return the names of all time zones."""
    return zoneinfo.available_timezones()


def zone_of_place(place: str) -> str | None:
    """Return the one time zone whose last part is ``place``, as New York's is America/New_York."""
    wanted = place.strip().lower().replace(" ", "_")
    found = [name for name in zone_names() if name.lower().rpartition("/")[2] == wanted]
    return found[0] if len(found) == 1 else None


def check_order(order: str) -> str:
    """Return the order in which a date's parts are written.

    :raises FilterError: it is none that is known.
    """
    if order in ORDERS:
        return order
    raise ArgumentError(
        f"{quoted(order)} is not an order of dates.",
        hint="Write 'day first', 'month first' or 'year first'.",
    )


# -- reading ---------------------------------------------------------------------------------------


def moment_of(value: Any, order: str | None, filter_name: str) -> dt.datetime:
    """Return the moment a value names; a day is its midnight, without a time zone.

    :raises FilterError: it is no date, or could be two.
    """
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    if isinstance(value, bool | int | float):
        raise FilterError(f"The number {value!r} is not a date.", code="not_a_date")
    if order is not None:
        check_order(order)
    text = text_of(value, filter_name).strip()
    if len(text) > LONGEST_DATE:
        raise _unreadable(text)
    return _read(text, order)


@lru_cache(maxsize=10_000)
def _read(text: str, order: str | None) -> dt.datetime:
    if order is None and MOMENT.fullmatch(text):
        try:
            return dt.datetime.fromisoformat(text)  # a fiftieth of the time of what follows
        except ValueError:
            pass
    if numeric := NUMERIC.fullmatch(text):
        return _read_numeric(text, numeric, order)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    if NATURAL.match(text) is None:
        raise _unreadable(text)
    found, again = (_natural(text, stand_in) for stand_in in STAND_INS)
    if found != again:
        raise FilterError(
            f"The date {quoted(text)} is not complete.",
            code="not_a_date",
            hint="A date needs its day, month and year.",
        )
    return found


def _natural(text: str, stand_in: dt.datetime) -> dt.datetime:
    try:
        moment = _parsed(text, stand_in)
    except (ValueError, OverflowError, TypeError):
        raise _unreadable(text) from None
    return moment


def _parsed(text: str, stand_in: dt.datetime) -> dt.datetime:
    from dateutil import parser  # here, because computers' own dates are read without it

    moment: dt.datetime = parser.parse(text, default=stand_in, tzinfos=_zone)
    return moment


def _zone(name: str | None, offset: int | None) -> dt.tzinfo | None:
    if offset is not None:
        return dt.timezone(dt.timedelta(seconds=offset))
    if name is None:
        return None
    if name in KNOWN_ZONES:
        return KNOWN_ZONES[name]
    raise ValueError(name)


def _read_numeric(text: str, numeric: re.Match[str], order: str | None) -> dt.datetime:
    parts = [int(part) for part in numeric.group(1, 2, 3)]
    time = _time_of(text, numeric[4])
    day_at, month_at, year_at = ORDERS[order or _obvious_order(text, numeric, parts)]
    if len(numeric.group(year_at + 1)) != 4:
        raise FilterError(
            f"The date {quoted(text)} doesn't have its year with four digits where it should be.",
            code="not_a_date",
            hint="Correct the date at the source, or say which part comes first with `order`.",
        )
    try:
        day = dt.date(parts[year_at], parts[month_at], parts[day_at])
    except ValueError:
        raise _unreadable(text) from None
    return dt.datetime.combine(day, time)


def _obvious_order(text: str, numeric: re.Match[str], parts: list[int]) -> str:
    if len(numeric[1]) == 4:
        return "year first"
    if parts[0] > 12:
        return "day first"
    if parts[1] > 12 or parts[0] == parts[1]:
        return "month first"
    raise FilterError(
        f"The date {quoted(text)} could be two dates.",
        code="ambiguous_date",
        hint="Say which it is: `| date(order='day first')` or `| date(order='month first')`.",
    )


def _time_of(text: str, time: str | None) -> dt.time:
    if time is None:
        return dt.time()
    try:
        moment = _parsed(time, MIDNIGHT)
    except (ValueError, OverflowError, TypeError):
        raise _unreadable(text) from None
    if moment.date() != MIDNIGHT.date():
        raise _unreadable(text)
    return moment.timetz()


def _unreadable(text: str) -> FilterError:
    return FilterError(
        f"{quoted(text)} is not a date.",
        code="not_a_date",
        hint="Dates are written as 2024-03-04, 4 March 2024 or 03/04/2024.",
    )


# -- writing ---------------------------------------------------------------------------------------


@lru_cache(maxsize=10_000)
def _written(moment: dt.date | dt.datetime, format: str) -> str:
    writer = _writer(moment, format)
    try:
        return writer()
    except (
        ValueError,
        AttributeError,
        KeyError,
        TypeError,
    ):  # Babel's, for a pattern it can't read
        raise _bad_format(format) from None


def _writer(moment: dt.date | dt.datetime, format: str) -> Callable[[], str]:
    if len(format) > LONGEST_FORMAT:
        raise _bad_format(format)
    if "%" in format:
        if STRFTIME.fullmatch(format) is None:
            raise _bad_format(format)
        return lambda: moment.strftime(format)
    # To Babel DD is the day of the year and YYYY the year of the week: never what is meant.
    pattern = format.replace("D", "d").replace("Y", "y")
    if isinstance(moment, dt.datetime):
        return lambda: str(format_datetime(moment, pattern, locale="en_US"))
    return lambda: str(format_date(moment, pattern, locale="en_US"))


def _bad_format(format: Any) -> ArgumentError:
    return ArgumentError(
        f"{quoted(format)} is not a way to write a date.",
        code="bad_format",
        hint="Use letters such as 'dd/MM/yyyy' or 'd MMMM yyyy', or the word 'long'.",
    )
