"""Money: exact amounts in whole numbers of the smallest unit, as accounting needs them."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import UnknownLocaleError
from babel.numbers import UnknownCurrencyError, format_currency, get_currency_precision
from babel.numbers import is_currency as is_known_currency

from engine.recipe.filters.errors import ArgumentError, FilterError, is_blank, may_default, quoted
from engine.recipe.filters.kinds import Numeric
from engine.recipe.filters.numbers import decimal_of

#: An amount as people write it: sign, currency sign or code, thousands in threes, decimals.
AMOUNT = re.compile(
    r"(?P<sign>-?)\s*(?:[A-Z]{3}|[$€£¥])?\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?"
    r"\s*(?:[A-Z]{3}|[$€£¥])?"
)


@may_default
def cents(value: Numeric, currency: str = "USD") -> int | None:
    """Make an amount the whole number of its smallest units, e.g. cents.

    >>> {{ '$1,234.50' | cents }}
    123450
    """
    places = get_currency_precision(check_currency(currency))
    if is_blank(value):
        return None
    scaled = _amount(value).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise FilterError(
            f"{quoted(value)} has more decimals than {currency} has.",
            code="not_an_amount",
            hint="Round it first: `| round(2) | cents`.",
        )
    return int(scaled)


@may_default
def money(value: Numeric, currency: str, locale: str = "en_US") -> str | None:
    """Write a whole number of the smallest units (cents) as an amount; ``cents`` is the way back.

    >>> {{ 123450 | money('USD') }}
    $1,234.50
    """
    if is_blank(value):
        return None
    units = decimal_of(value)
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
        raise ArgumentError(
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
    raise ArgumentError(
        f"{quoted(currency)} is not a currency.",
        code="unknown_currency",
        hint="Write its three letters, e.g. 'USD', 'CAD' or 'EUR'.",
    )


def _amount(value: Any) -> Decimal:
    if not isinstance(value, str):
        number = decimal_of(value)
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
