"""Numbers: exact, rounded as people round, loud when text isn't a number."""

import re
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    InvalidOperation,
    localcontext,
)
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, format_decimal, get_group_symbol, parse_decimal

from engine.recipe.filters.errors import ArgumentError, FilterError, is_blank, may_default, quoted
from engine.recipe.filters.kinds import Numeric
from engine.recipe.templates.environment import MOST_BITS

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
#: More decimals than any amount or measure has.
MOST_PLACES = 12
#: Digits enough for the largest number with the most places, rounded as people round.
DIGITS = Context(prec=50, rounding=ROUND_HALF_UP)
DIRECTIONS = {"nearest": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}


@may_default
def int_(value: Numeric) -> int | None:
    """Make a whole number of text. Fails when it isn't one.

    >>> {{ '00042' | int }}
    42
    """
    if is_blank(value):
        return None
    number = decimal_of(value)
    if number is not None and number == number.to_integral_value():
        return int(number)
    hint = "" if number is None else "Round it first: `| round | int`."
    raise FilterError(f"{quoted(value)} is not a whole number.", code="not_a_number", hint=hint)


@may_default
def float_(value: Numeric) -> float | None:
    """Make a number of text. Fails when it isn't one.

    >>> {{ '12.50' | float }}
    12.5
    """
    if is_blank(value):
        return None
    number = decimal_of(value)
    if number is None:
        raise not_a_number(value)
    return float(number)


@may_default
def number(value: Numeric, locale: str = "en_US") -> int | float | None:
    """Read a number as a language and country write it, with its signs for thousands and decimals.

    >>> {{ '1.234,56' | number('de_DE') }}
    1234.56
    >>> {{ '1,234.56' | number }}
    1234.56
    """
    if is_blank(value):
        return None
    found = decimal_of(value) if not isinstance(value, str) else _written_in(value, locale)
    if found is None:
        raise FilterError(
            f"{quoted(value)} is not a number as {locale} writes it.",
            code="not_a_number",
            hint="Say how it is written, e.g. `| number('de_DE')` for 1.234,56.",
        )
    return plain(found)


@may_default
def round_(value: Numeric, places: int = 0, direction: str = "nearest") -> int | float | None:
    """Round to so many decimals; without decimals it is a whole number.

    ``direction`` is ``nearest`` (halves away from zero), ``up`` or ``down``.

    >>> {{ '12.345' | round(2) }}
    12.35
    >>> {{ 12.1 | round(direction='up') }}
    13
    """
    if is_blank(value):
        return None
    check_places(places)
    found = decimal_of(value)
    if found is None:
        raise not_a_number(value)
    rounding = DIRECTIONS[check_direction(direction)]
    rounded = found.quantize(Decimal(1).scaleb(-places), rounding, DIGITS)
    return int(rounded) if places == 0 else float(rounded)


@may_default
def abs_(value: Numeric) -> int | float | None:
    """Take the minus sign away.

    >>> {{ -12 | abs }}
    12
    """
    if is_blank(value):
        return None
    found = decimal_of(value)
    if found is None:
        raise not_a_number(value)
    whole = found == found.to_integral_value() and not isinstance(value, float)
    return int(abs(found)) if whole else float(abs(found))


@may_default
def at_least(value: Numeric, low: int | float) -> int | float | None:
    """Give the number, or ``low`` where it is smaller.

    >>> {{ -3 | at_least(0) }}
    0
    """
    if is_blank(value):
        return None
    return plain(max(_number(value), _bound("at_least", low)))


@may_default
def at_most(value: Numeric, high: int | float) -> int | float | None:
    """Give the number, or ``high`` where it is larger.

    >>> {{ 250 | at_most(100) }}
    100
    """
    if is_blank(value):
        return None
    return plain(min(_number(value), _bound("at_most", high)))


@may_default
def format_number(value: Numeric, places: int | None = None, locale: str = "en_US") -> str | None:
    """Write a number for people, with thousands; with ``places`` it has so many decimals.

    >>> {{ 1234.5 | format_number(2) }}
    1,234.50
    >>> {{ 1234.5 | format_number(locale='de_DE') }}
    1.234,5
    """
    if is_blank(value):
        return None
    return _for_people(_number(value), "#,##0", places, locale)


@may_default
def percent(value: Numeric, places: int = 0, locale: str = "en_US") -> str | None:
    """Write a share as so many of a hundred: 0.25 is 25%.

    >>> {{ 0.256 | percent(1) }}
    25.6%
    """
    if is_blank(value):
        return None
    return _for_people(_number(value), "#,##0", places, locale, "%")


@may_default
def ordinal(value: Numeric) -> str | None:
    """Write a whole number as a place in a row, in English.

    >>> {{ 3 | ordinal }}
    3rd
    """
    if is_blank(value):
        return None
    found = _number(value)
    if found != found.to_integral_value():
        raise FilterError(f"{quoted(value)} is not a whole number.", code="not_a_number")
    count = abs(int(found))
    ending = (
        "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    )
    return f"{int(found)}{ending}"


# -- numbers as filters see them -------------------------------------------------------------------


def decimal_of(value: Any) -> Decimal | None:
    """Return the number a value is, or None; never NaN or infinite, which no field can hold."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if NUMBER.fullmatch(value) is None:
            return None
    elif not isinstance(value, int | float | Decimal) or (
        isinstance(value, int) and value.bit_length() > MOST_BITS
    ):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 30 else None


def not_a_number(value: Any) -> FilterError:
    return FilterError(
        f"{quoted(value)} is not a number.",
        code="not_a_number",
        hint="Write digits with a point, without thousands separators or currency signs.",
    )


def plain(number: Decimal) -> int | float:
    """Return the number as recipes have them: whole where it is whole."""
    return int(number) if number == number.to_integral_value() else float(number)


def check_places(places: int) -> int:
    """Return how many decimals to keep.

    :raises ArgumentError: more than any number has.
    """
    if 0 <= places <= MOST_PLACES:
        return places
    raise ArgumentError(f"A number can't be written with {places} decimals.")


def check_direction(direction: str) -> str:
    """Return where to round to.

    :raises ArgumentError: it is no direction.
    """
    if direction in DIRECTIONS:
        return direction
    raise ArgumentError(
        f"{quoted(direction)} is not a direction to round to.",
        hint="Write 'nearest', 'up' or 'down'.",
    )


@lru_cache(maxsize=64)
def check_locale(locale: str) -> str:
    """Return the name of a language and country.

    :raises ArgumentError: there is no such language.
    """
    try:
        return str(Locale.parse(locale))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ArgumentError(
            f"{quoted(locale)} is not a language and country, e.g. 'en_US'.", code="unknown_locale"
        ) from None


def _number(value: Any) -> Decimal:
    found = decimal_of(value)
    if found is None:
        raise not_a_number(value)
    return found


def _bound(name: str, value: Any) -> Decimal:
    found = None if isinstance(value, str) else decimal_of(value)
    if found is None:
        raise ArgumentError(f"The filter '{name}' takes a number, not {quoted(value)}.")
    return found


@lru_cache(maxsize=10_000)
def _written_in(text: str, locale: str) -> Decimal | None:
    thousands = get_group_symbol(check_locale(locale))
    if thousands.isspace():  # a narrow one that nobody can type
        text = re.sub(r"\s", thousands, text.strip())
    try:
        found = parse_decimal(text.strip(), locale=locale, strict=True)
    except (NumberFormatError, ValueError):
        return None
    return decimal_of(found)


@lru_cache(maxsize=10_000)
def _for_people(
    number: Decimal, pattern: str, places: int | None, locale: str, sign: str = ""
) -> str:
    decimals = "." + "#" * MOST_PLACES if places is None else "." + "0" * check_places(places)
    pattern = f"{pattern}{decimals.removesuffix('.')}{sign}"
    with localcontext(DIGITS):
        return str(format_decimal(number, pattern, locale=check_locale(locale)))
