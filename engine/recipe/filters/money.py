"""Numbers and money: exact, rounded as people round, loud when text isn't a number."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import UnknownLocaleError
from babel.numbers import UnknownCurrencyError, format_currency, get_currency_precision
from babel.numbers import is_currency as is_known_currency

from engine.recipe.filters.errors import FilterError, is_blank, quoted

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
#: An amount as people write it: sign, currency sign or code, thousands in threes, decimals.
AMOUNT = re.compile(
    r"(?P<sign>-?)\s*(?:[A-Z]{3}|[$€£¥])?\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?"
    r"\s*(?:[A-Z]{3}|[$€£¥])?"
)
NOT_GIVEN: Any = object()
#: More decimals than any amount or measure has.
MOST_PLACES = 12


def int_(value: Any, default: Any = NOT_GIVEN) -> Any:
    """Make a whole number of text; fails when it isn't one, or gives ``default`` if there is one.

    >>> {{ '00042' | int }}
    42
    """
    if is_blank(value):
        return None if default is NOT_GIVEN else default
    number = _decimal(value)
    if number is not None and number == number.to_integral_value():
        return int(number)
    if default is not NOT_GIVEN:
        return default
    hint = "" if number is None else "Round it first: `| round | int`."
    raise FilterError(f"{quoted(value)} is not a whole number.", code="not_a_number", hint=hint)


def float_(value: Any, default: Any = NOT_GIVEN) -> Any:
    """Make a number of text; fails when it isn't one, or gives ``default`` if there is one.

    >>> {{ '12.50' | float }}
    12.5
    """
    if is_blank(value):
        return None if default is NOT_GIVEN else default
    number = _decimal(value)
    if number is not None:
        return float(number)
    if default is not NOT_GIVEN:
        return default
    raise _not_a_number(value)


def round_(value: Any, places: int = 0) -> Any:
    """Round to so many decimals, halves away from zero; without decimals it is a whole number.

    >>> {{ '12.345' | round(2) }}
    12.35
    """
    if is_blank(value):
        return None
    if not 0 <= places <= MOST_PLACES:
        raise FilterError(f"The filter 'round' can't keep {places} decimals.")
    number = _decimal(value)
    if number is None:
        raise _not_a_number(value)
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return int(rounded) if places == 0 else float(rounded)


def abs_(value: Any) -> Any:
    """Take the minus sign away.

    >>> {{ -12 | abs }}
    12
    """
    if is_blank(value):
        return None
    number = _decimal(value)
    if number is None:
        raise _not_a_number(value)
    whole = number == number.to_integral_value() and not isinstance(value, float)
    return int(abs(number)) if whole else float(abs(number))


def cents(value: Any, currency: str = "USD") -> int | None:
    """Make an amount the whole number of its smallest units, e.g. cents.

    >>> {{ '$1,234.50' | cents }}
    123450
    """
    if is_blank(value):
        return None
    scaled = _amount(value).scaleb(get_currency_precision(check_currency(currency)))
    if scaled != scaled.to_integral_value():
        raise FilterError(
            f"{quoted(value)} has more decimals than {currency} has.",
            code="not_an_amount",
            hint="Round it first: `| round(2) | cents`.",
        )
    return int(scaled)


def money(value: Any, currency: str, locale: str = "en_US") -> str | None:
    """Write a whole number of the smallest units (cents) as an amount; ``cents`` is the way back.

    >>> {{ 123450 | money('USD') }}
    $1,234.50
    """
    if is_blank(value):
        return None
    units = _decimal(value)
    if units is None or isinstance(value, float) or units != units.to_integral_value():
        raise FilterError(
            f"{quoted(value)} is not a whole number of the smallest units, e.g. cents.",
            code="not_an_amount",
            hint="For an amount such as 19.99 write `| cents | money('USD')`.",
        )
    amount = units.scaleb(-get_currency_precision(check_currency(currency)))
    try:
        written: str = format_currency(amount, currency, locale=locale)
    except InvalidOperation:  # more digits than decimal arithmetic keeps: 28
        raise FilterError(
            f"{quoted(value)} is too large for an amount.", code="not_an_amount"
        ) from None
    except (UnknownLocaleError, UnknownCurrencyError, ValueError, TypeError):
        raise FilterError(
            f"{quoted(locale)} is not a language and country, e.g. 'en_US'.", code="unknown_locale"
        ) from None
    return written


@lru_cache(maxsize=64)
def check_currency(currency: Any) -> str:
    """Return the currency's code.

    :raises FilterError: there is no such currency.
    """
    if isinstance(currency, str) and is_known_currency(currency):
        return currency
    raise FilterError(
        f"{quoted(currency)} is not a currency.",
        code="unknown_currency",
        hint="Write its three letters, e.g. 'USD', 'CAD' or 'EUR'.",
    )


def _decimal(value: Any) -> Decimal | None:
    """Return the number a value is, or None; never NaN or infinite, which no field can hold."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if NUMBER.fullmatch(value) is None:
            return None
    elif not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 30 else None


def _amount(value: Any) -> Decimal:
    if not isinstance(value, str):
        number = _decimal(value)
        if number is not None:
            return number
    elif found := AMOUNT.fullmatch(value.strip()):
        digits = found["whole"].replace(",", "") + (found["rest"] or "")
        if len(digits) <= 30:
            return Decimal(found["sign"] + digits)
    raise FilterError(
        f"{quoted(value)} is not an amount of money.",
        code="not_an_amount",
        hint="Amounts are written as 1234.50 or $1,234.50.",
    )


def _not_a_number(value: Any) -> FilterError:
    return FilterError(
        f"{quoted(value)} is not a number.",
        code="not_a_number",
        hint="Write digits with a point, without thousands separators or currency signs.",
    )
