"""Everything that may follow ``|`` or ``is`` in a recipe: a whitelist, nothing else of Jinja's.

Each function's docstring holds examples in the form ``>>> {{ template }}`` and its result; the
reference for recipe writers shows them and a test runs them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters import dates, lists, money, names, phones, tests, text
from engine.recipe.filters.errors import FilterError
from engine.recipe.filters.translation import translator

__all__ = ["FILTERS", "TESTS", "FilterError", "filters_for"]

Filter = Callable[..., Any]

#: Filters by the name recipes use, in the order of the reference; ``translate`` knows no table yet.
FILTERS: Mapping[str, Filter] = {
    "default": text.default,
    "lower": text.lower,
    "upper": text.upper,
    "title": text.title,
    "capitalize": text.capitalize,
    "trim": text.trim,
    "replace": text.replace,
    "truncate": text.truncate,
    "left": text.left,
    "right": text.right,
    "before": text.before,
    "after": text.after,
    "split": text.split,
    "digits": text.digits,
    "given_name": names.given_name,
    "family_name": names.family_name,
    "email": text.email,
    "phone": phones.phone,
    "slug": text.slug,
    "text_of_html": text.text_of_html,
    "json": text.json,
    "hash": text.hash_,
    "translate": translator({}),
    "date": dates.date,
    "datetime": dates.datetime_,
    "time_zone": dates.time_zone,
    "int": money.int_,
    "float": money.float_,
    "round": money.round_,
    "abs": money.abs_,
    "cents": money.cents,
    "money": money.money,
    "first_of": lists.first_of,
    "first": lists.first,
    "last": lists.last,
    "length": lists.length,
    "join": lists.join,
    "sort": lists.sort,
    "unique": lists.unique,
    "map": lists.map_,
    "where": lists.where,
    "sum": lists.sum_,
}

#: Tests by the name recipes use.
TESTS: Mapping[str, Filter] = {
    "blank": tests.blank,
    "none": tests.none,
    "defined": tests.defined,
    "undefined": tests.undefined,
    "one_of": tests.one_of,
    "containing": tests.containing,
    "starting_with": tests.starting_with,
    "ending_with": tests.ending_with,
    "true": tests.true,
    "false": tests.false,
    "text": tests.text,
    "number": tests.number,
    "list": tests.list_,
    "record": tests.record,
}


def filters_for(tables: Mapping[str, Mapping[str, str]]) -> dict[str, Filter]:
    """Return the filters of one recipe, whose ``translate`` knows the recipe's tables."""
    return {**FILTERS, "translate": translator(tables)}
