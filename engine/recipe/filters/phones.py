"""Phone numbers in the one form that every system takes: ``+12125550142`` (E.164)."""

from functools import lru_cache
from typing import Any

from engine.recipe.filters.errors import FilterError, is_blank, quoted, text_of


def phone(value: Any, country: str = "US") -> str | None:
    """Write a phone number with its country code. Fails when it can't be a phone number.

    ``country`` says where numbers without a country code are from.

    >>> {{ '(212) 555-0142' | phone('US') }}
    +12125550142
    """
    if is_blank(value):
        return None
    text = value if type(value) is str else text_of(value, "phone")
    return _e164(text, check_country(country))


def check_country(country: Any) -> str:
    """Return a country's two letters as phone numbers use them.

    :raises FilterError: there is no such country.
    """
    from phonenumbers import SUPPORTED_REGIONS

    name = country.upper() if isinstance(country, str) else ""
    if name in SUPPORTED_REGIONS:
        return name
    raise FilterError(
        f"{quoted(country)} is not a country for phone numbers.",
        code="unknown_country",
        hint="Write its two letters, e.g. 'US', 'CA' or 'GB'.",
    )


@lru_cache(maxsize=10_000)
def _e164(text: str, country: str) -> str:
    import phonenumbers  # here, because few recipes need it, and it takes 0.01 s

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if number is None or phonenumbers.is_possible_number_with_reason(number) != possible:
        raise FilterError(
            f"{quoted(text)} can't be a phone number.",
            code="not_a_phone",
            hint=f"Correct the number at the source. It needs its area code, and outside {country} "
            "its country code.",
        )
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written
