"""Phone numbers in the one form that every system takes: ``+12125550142`` (E.164)."""

from functools import lru_cache
from typing import Any

from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    is_blank,
    may_default,
    quoted,
    text_of,
)
from engine.recipe.filters.kinds import Textual

#: The ways to write a number: for programs (E.164), for people at home and abroad, for links.
FORMATS = ("E.164", "national", "international", "link")
#: Longer texts are no phone numbers, whatever is written around the digits.
LONGEST_PHONE = 250


@may_default
def phone(value: Textual, country: str = "US", format: str = "E.164") -> str | None:
    """Write a phone number with its country code. Fails when it can't be a phone number.

    ``country`` says where numbers without a country code are from. ``format`` is ``E.164``, as
    programs take it, ``national``, ``international`` or ``link``.

    >>> {{ '(212) 555-0142' | phone('US') }}
    +12125550142
    >>> {{ '+12125550142' | phone(format='national') }}
    (212) 555-0142
    """
    if is_blank(value):
        return None
    text = _short(value if type(value) is str else text_of(value, "phone"))
    if type(country) is str and type(format) is str:
        return _written(text, country, format)  # remembered, its arguments' check included
    return _written(text, check_country(country), check_phone_format(format))


@may_default
def phone_country(value: Textual, country: str = "US") -> str | None:
    """Give the two letters of the country that a phone number belongs to.

    >>> {{ '+44 20 7946 0958' | phone_country }}
    GB
    """
    import phonenumbers

    if is_blank(value):
        return None
    number = _number(_short(text_of(value, "phone_country")), check_country(country))
    found = phonenumbers.region_code_for_number(number)
    found = found or phonenumbers.region_code_for_country_code(number.country_code)
    return None if found in {None, "ZZ", "001"} else str(found)


def check_phone_format(format: str) -> str:
    """Return the way to write a phone number.

    :raises ArgumentError: there is no such way.
    """
    if format in FORMATS:
        return format
    raise ArgumentError(
        f"{quoted(format)} is not a way to write a phone number.",
        code="bad_format",
        hint=f"Write one of {', '.join(map(repr, FORMATS))}.",
    )


def check_country(country: Any) -> str:
    """Return a country's two letters as phone numbers use them.

    :raises FilterError: there is no such country.
    """
    from phonenumbers import SUPPORTED_REGIONS

    name = country.upper() if isinstance(country, str) else ""
    if name in SUPPORTED_REGIONS:
        return name
    raise ArgumentError(
        f"{quoted(country)} is not a country for phone numbers.",
        code="unknown_country",
        hint="Write its two letters, e.g. 'US', 'CA' or 'GB'.",
    )


def _short(text: str) -> str:
    """Return a text that isn't too long to be looked at, and remembered, as a phone number."""
    if len(text) <= LONGEST_PHONE:
        return text
    raise FilterError(
        f"{quoted(text)} can't be a phone number.",
        code="not_a_phone",
        hint="Correct the number at the source: it is far too long.",
    )


@lru_cache(maxsize=10_000)
def _written(text: str, country: str, format: str) -> str:
    import phonenumbers  # here, because few recipes need it, and it takes 0.01 s

    country, format = check_country(country), check_phone_format(format)
    as_formats = phonenumbers.PhoneNumberFormat
    ways = (as_formats.E164, as_formats.NATIONAL, as_formats.INTERNATIONAL, as_formats.RFC3966)
    number = _number(text, country)
    written: str = phonenumbers.format_number(number, ways[FORMATS.index(format)])
    return written


@lru_cache(maxsize=10_000)
def _number(text: str, country: str) -> Any:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if number is not None and phonenumbers.is_possible_number_with_reason(number) == possible:
        return number
    raise FilterError(
        f"{quoted(text)} can't be a phone number.",
        code="not_a_phone",
        hint=f"Correct the number at the source. It needs its area code, and outside {country} "
        "its country code.",
    )
