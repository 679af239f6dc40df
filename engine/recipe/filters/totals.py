"""What the numbers of a list come to: sum, average, smallest and largest."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.recipe.filters.errors import FilterError, is_blank, may_default, quoted, text_of
from engine.recipe.filters.kinds import Listed
from engine.recipe.filters.lists import items, reader
from engine.recipe.filters.numbers import plain


@may_default
def min_(value: Listed, field: str | None = None) -> Any:
    """Take the smallest of a list, or the smallest value of a field; empty ones don't count.

    >>> {{ [{'due': 250}, {'due': 90}] | min('due') }}
    90
    """
    return _extreme(value, field, min, "min")


@may_default
def max_(value: Listed, field: str | None = None) -> Any:
    """Take the largest of a list, or the largest value of a field; empty ones don't count.

    >>> {{ ['2024-03-04', none, '2024-02-29'] | max }}
    2024-03-04
    """
    return _extreme(value, field, max, "max")


@may_default
def average(value: Listed, field: str | None = None) -> int | float | None:
    """Give the average of a list of numbers, or of one field of its records; empty ones don't count.

    >>> {{ [2, 3, none] | average }}
    2.5
    """
    count, total = _added(value, field, "average")
    return plain(total / count) if count else None


def sum_(value: Listed, field: str | None = None) -> int | float:
    """Add up a list of numbers, or one field of its records; empty ones count as 0.

    >>> {{ [{'price': 2}, {'price': 3.5}] | sum('price') }}
    5.5
    """
    return plain(_added(value, field, "sum")[1])


def _added(value: Any, field: str | None, name: str) -> tuple[int, Decimal]:
    """Return how many numbers there are, and their sum."""
    read = reader(field)
    count, total = 0, Decimal(0)
    for item in items(value, name):
        number = read(item)
        if is_blank(number):
            continue
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            raise FilterError(
                f"The filter '{name}' can't add {quoted(number)}, which is not a number.",
                code="not_a_number",
                hint=f"Make numbers of them first: `| each('float') | {name}`.",
            )
        count, total = count + 1, total + Decimal(text_of(number, name))
    if not total.is_finite():
        raise FilterError(f"The filter '{name}' met a number without end.", code="not_a_number")
    return count, total


def _extreme(value: Any, field: str | None, choose: Callable[..., Any], name: str) -> Any:
    read = reader(field)
    found = [one for item in items(value, name) if not is_blank(one := read(item))]
    try:
        return choose(found, default=None)
    except TypeError:
        raise FilterError(
            f"The filter '{name}' can't compare entries of different kinds.",
            code="not_comparable",
            hint=f"Say which field to compare: `| {name}('price')`.",
        ) from None
