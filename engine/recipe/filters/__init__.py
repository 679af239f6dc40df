"""Everything that may follow ``|`` or ``is`` in a recipe: a whitelist, nothing else of Jinja's.

Each function's docstring holds examples in the form ``>>> {{ template }}`` and its result; the
reference for recipe writers is made of them (engine/recipe/filters/reference.py), a test runs them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters import (
    addresses,
    codes,
    conditions,
    dates,
    emails,
    groups,
    html,
    lists,
    money,
    names,
    numbers,
    patterns,
    periods,
    phones,
    places,
    records,
    tests,
    text,
    totals,
)
from engine.recipe.filters.each import each_with
from engine.recipe.filters.errors import ArgumentError, FilterError
from engine.recipe.filters.translation import translator

__all__ = ["FILTERS", "SECTIONS", "TESTS", "ArgumentError", "FilterError", "filters_for"]

Filter = Callable[..., Any]

#: Filters by the name recipes use, under the headings of the reference; here ``translate`` knows no
#: table yet, and ``each`` no filter.
SECTIONS: Mapping[str, Mapping[str, Filter]] = {
    "Whatever it is": {
        "default": text.default,
        "bool": text.bool_,
        "json": codes.json,
        "from_json": codes.from_json,
        "hash": codes.hash_,
        "uuid": codes.uuid,
    },
    "Text": {
        "lower": text.lower,
        "upper": text.upper,
        "title": text.title,
        "capitalize": text.capitalize,
        "trim": text.trim,
        "one_line": text.one_line,
        "replace": text.replace,
        "truncate": text.truncate,
        "left": text.left,
        "right": text.right,
        "pad": text.pad,
        "before": text.before,
        "after": text.after,
        "between": text.between,
        "extract": patterns.extract,
        "split": text.split,
        "lines": text.lines,
        "digits": text.digits,
        "ascii": text.ascii_,
        "slug": text.slug,
        "text_of_html": html.text_of_html,
        "html_of_text": html.html_of_text,
        "url_encode": codes.url_encode,
        "url_parts": codes.url_parts,
        "base64": codes.base64,
        "text_of_base64": codes.text_of_base64,
    },
    "People": {
        "given_name": names.given_name,
        "family_name": names.family_name,
        "name_parts": names.name_parts,
        "given_first": names.given_first,
        "family_first": names.family_first,
        "initials": names.initials,
        "email": emails.email,
        "domain": emails.domain,
        "phone": phones.phone,
        "phone_country": phones.phone_country,
    },
    "Addresses": {
        "address_parts": addresses.address_parts,
        "address_line": addresses.address_line,
        "postal_code": addresses.postal_code,
        "region_code": places.region_code,
        "region_name": places.region_name,
        "country_code": places.country_code,
        "country_name": places.country_name,
    },
    "From one system's words to another's": {
        "translate": translator({}),
    },
    "Dates and times": {
        "date": dates.date,
        "datetime": dates.datetime_,
        "time_zone": dates.time_zone,
        "add": periods.add,
        "subtract": periods.subtract,
        "until": periods.until,
        "since": periods.since,
        "start_of": periods.start_of,
        "end_of": periods.end_of,
        "iso_week": periods.iso_week,
        "timestamp": periods.timestamp,
        "from_timestamp": periods.from_timestamp,
        "duration": periods.duration,
    },
    "Numbers and money": {
        "int": numbers.int_,
        "float": numbers.float_,
        "number": numbers.number,
        "round": numbers.round_,
        "abs": numbers.abs_,
        "at_least": numbers.at_least,
        "at_most": numbers.at_most,
        "format_number": numbers.format_number,
        "percent": numbers.percent,
        "ordinal": numbers.ordinal,
        "cents": money.cents,
        "money": money.money,
    },
    "Lists": {
        "first_of": lists.first_of,
        "first": lists.first,
        "last": lists.last,
        "length": lists.length,
        "join": lists.join,
        "sort": lists.sort,
        "reverse": lists.reverse,
        "take": lists.take,
        "unique": lists.unique,
        "compact": lists.compact,
        "map": lists.map_,
        "each": each_with({}),
        "where": conditions.where,
        "sum": totals.sum_,
        "average": totals.average,
        "min": totals.min_,
        "max": totals.max_,
        "group_by": groups.group_by,
        "index_by": groups.index_by,
        "chunk": groups.chunk,
        "flatten": groups.flatten,
        "difference": groups.difference,
        "intersection": groups.intersection,
        "union": groups.union,
    },
    "Records": {
        "pick": records.pick,
        "omit": records.omit,
        "merge": records.merge,
        "keys": records.keys,
        "values": records.values,
        "entries": records.entries,
    },
}

#: All filters by the name recipes use.
FILTERS: Mapping[str, Filter] = {
    name: function for section in SECTIONS.values() for name, function in section.items()
}

#: Tests by the name recipes use.
TESTS: Mapping[str, Filter] = {
    "blank": tests.blank,
    "none": tests.none,
    "defined": tests.defined,
    "undefined": tests.undefined,
    "one_of": tests.one_of,
    "containing": tests.containing,
    "containing_any": tests.containing_any,
    "starting_with": tests.starting_with,
    "ending_with": tests.ending_with,
    "written_like": tests.written_like,
    "true": tests.true,
    "false": tests.false,
    "text": tests.text,
    "number": tests.number,
    "list": tests.list_,
    "record": tests.record,
    "email": tests.email,
    "phone": tests.phone,
    "date": tests.date,
    "earlier_than": tests.earlier_than,
    "later_than": tests.later_than,
    "business_day": tests.business_day,
}


def filters_for(tables: Mapping[str, Mapping[str, str]]) -> dict[str, Filter]:
    """Return the filters of one recipe, whose ``translate`` knows the recipe's tables."""
    filters = {**FILTERS, "translate": translator(tables)}
    filters["each"] = each_with(filters)
    return filters
