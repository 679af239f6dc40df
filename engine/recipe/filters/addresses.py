"""Postal addresses, read and written as each country does (see places.py for the data)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from typing_extensions import TypedDict

from engine.recipe.filters.errors import (
    FilterError,
    is_blank,
    is_nothing,
    may_default,
    on_text,
    quoted,
    text_of,
)
from engine.recipe.filters.kinds import Recorded
from engine.recipe.filters.places import check_address_country, country_of, regions_of, rules_of

#: The parts of an address by the letter that the formats of countries have for it.
PARTS = {"A": "street", "D": "district", "C": "city", "S": "region", "Z": "postal_code"}
#: What other systems call these parts, small and without spaces, hyphens and underscores.
CALLED = {
    "street": ("street", "address", "address1", "addressline1", "line1", "street1"),
    "street2": ("street2", "address2", "addressline2", "line2", "unit"),
    "district": ("district", "citydistrict", "suburb"),
    "city": ("city", "town", "locality"),
    "region": ("region", "state", "province", "stateprovince", "county"),
    "postal_code": ("postalcode", "zip", "zipcode", "postcode"),
    "country": ("country", "countrycode", "countryname"),
}
LONGEST_ADDRESS = 250


class AddressParts(TypedDict):
    """What an address is made of; nothing where a part isn't there."""

    street: str | None
    district: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str


@may_default
@on_text
def address_parts(text: str, country: str = "US") -> AddressParts | None:
    r"""Take an address apart: ``street``, ``district``, ``city``, ``region``, ``postal_code``, ``country``.

    It is read as its country writes addresses; ``country`` is for those that don't name theirs.

    >>> {{ ('12 Main St, Apt 4, Boston, MA 02110' | address_parts).city }}
    Boston
    >>> {{ ('Hauptstr. 5, 10115 Berlin, Germany' | address_parts).postal_code }}
    10115
    """
    if not text.strip():
        return None
    pieces = [" ".join(piece.split()) for piece in re.split(r"[,\n]", text) if piece.strip()]
    named = country_of(pieces[-1]) if len(pieces) > 1 else None
    code = named or check_address_country(country)
    if named:
        pieces.pop()
    line = ", ".join(pieces)
    found = _address(code).fullmatch(line) if len(line) <= LONGEST_ADDRESS else None
    if found is None:
        raise FilterError(
            f"{quoted(text)} is not written as addresses of {code} are.",
            code="not_an_address",
            hint=f"There they are written like {_example(code)}. Correct it at the source, or say "
            "which country it is in.",
        )
    read = {name: (part or "").strip(" ,") or None for name, part in found.groupdict().items()}
    region = read.get("region")
    return {
        "street": read.get("street"),
        "district": read.get("district"),
        "city": read.get("city"),
        "region": regions_of(code).get(region.lower(), (region,))[0] if region else None,
        "postal_code": read.get("postal_code"),
        "country": code,
    }


def address_line(value: Recorded, country: str | None = None) -> str | None:
    """Write an address, a record of its parts, on one line, as its country writes them.

    The parts are found by their usual names, such as ``street``, ``zip`` and ``province``.

    >>> {{ {'street': '12 Main St', 'city': 'Boston', 'state': 'MA', 'zip': '02110'} | address_line }}
    12 Main St, Boston, MA 02110
    """
    if is_nothing(value):
        return None
    if not isinstance(value, Mapping):
        raise FilterError(
            f"The filter 'address_line' takes a record of an address, not {quoted(value)}.",
            code="not_a_record",
        )
    parts = _parts_of(value)
    written = parts.get("country", "")
    code = (country_of(written) if written else None) or check_address_country(country or "US")
    street = ", ".join(parts[name] for name in ("street", "street2") if name in parts)
    lines = []
    for form in rules_of(code)["fmt"].split("%n"):
        line = re.sub(
            r"%([A-Z])",
            lambda found: {**parts, "street": street}.get(PARTS.get(found[1], ""), ""),
            form,
        )
        line = re.sub(r"\s+", " ", line).strip(" ,-")
        lines += [line] if line else []
    return ", ".join([*lines, *([written] if written else [])]) or None


@may_default
@on_text
def postal_code(text: str, country: str = "US") -> str | None:
    """Write a postal code as its country does. Fails when it can't be one.

    A zero that a spreadsheet has eaten is put back.

    >>> {{ '2110' | postal_code('US') }}
    02110
    >>> {{ 'h3z2y7' | postal_code('CA') }}
    H3Z 2Y7
    """
    written = " ".join(text.upper().split())
    if not written:
        return None
    rules = rules_of(check_address_country(country))
    pattern, examples = rules.get("zip"), rules.get("zipex", "").split(",")
    if pattern is None:
        return written
    bare = re.sub(r"[\s-]", "", written)
    eaten = bare.isdecimal() and examples[0].isdecimal() and len(bare) == len(examples[0]) - 1
    spaced = [_spaced_like(example, bare) for example in examples]
    for candidate in (*spaced, written, bare, f"0{bare}" if eaten else ""):
        if re.fullmatch(pattern, candidate):
            return candidate
    raise FilterError(
        f"{quoted(text)} is not a postal code of {country.upper()}.",
        code="not_a_postal_code",
        hint=f"There they are written like {examples[0]}. Correct it at the source.",
    )


# -- how countries write addresses -----------------------------------------------------------------


@lru_cache(maxsize=64)
def _address(country: str) -> re.Pattern[str]:
    """Return the pattern of a country's addresses on one line, from its address format."""
    rules = rules_of(country)
    forms = [form for form in rules["fmt"].split("%n") if form not in {"%N", "%O"}]
    zips = re.sub(r"\((?!\?)", "(?:", rules.get("zip", r"[\w -]{3,10}"))
    regions = "|".join(re.escape(name) for name in sorted(regions_of(country), key=len)[::-1])
    as_written = {
        "%A": r"(?P<street>.+)",
        "%D": r"(?P<district>[^,]+)",
        "%C": r"(?P<city>[^,\d]+)",
        "%S": rf"(?P<region>{regions or '[^,]+'})",
        "%Z": f"(?P<postal_code>{zips})",
    }
    pattern, separated = "", True
    for part in re.split(r"(%[A-Z])", ", ".join(forms)):
        if part == "%D":
            pattern += f"(?:{as_written[part]}[, ]+)??"
            separated = True
        elif part in as_written:
            pattern += as_written[part]
            separated = False
        elif part:
            if not separated and part[0] in ", ":
                # Only a comma tells where a street ends: "7 Main St New York" could end anywhere.
                pattern += r",[, ]*" if pattern.endswith(as_written["%A"]) else r"[, ]+"
            literal = part.strip(", ")
            pattern += f"(?:{re.escape(literal)} ?)?" if literal else ""
    return re.compile(pattern, re.IGNORECASE)


def _example(country: str) -> str:
    codes = [code for code, _ in regions_of(country).values()]
    zips = rules_of(country).get("zipex", "").split(",")
    example = {
        "street": "12 Main St",
        "city": "Springfield",
        "region": codes[0] if codes else "",
        "postal_code": zips[0],
    }
    return repr(address_line(example, country))


def _parts_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of an address by our names for them."""
    by_name = {re.sub(r"[\s_-]", "", str(name)).lower(): part for name, part in record.items()}
    found = {}
    for ours, names in CALLED.items():
        part = next((by_name[name] for name in names if not is_blank(by_name.get(name))), None)
        if part is not None:
            found[ours] = " ".join(text_of(part, "address_line").split())
    return found


def _spaced_like(example: str, bare: str) -> str:
    """Return the code with the space or hyphen that the example has, as far from its end."""
    for mark in " -":
        behind = len(example) - example.find(mark) - 1
        if mark in example and 0 < behind < len(bare):
            return f"{bare[:-behind]}{mark}{bare[-behind:]}"
    return bare
