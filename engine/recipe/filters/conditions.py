"""``where``: the records of a list that a condition holds for."""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from engine.recipe.filters.errors import NOT_GIVEN, FilterError, is_blank, is_nothing, quoted
from engine.recipe.filters.kinds import Listed
from engine.recipe.filters.lists import items, reader


def where(
    value: Listed,
    field: str,
    equals: Any = NOT_GIVEN,
    *,
    is_not: Any = NOT_GIVEN,
    one_of: Any = NOT_GIVEN,
    containing: Any = NOT_GIVEN,
    blank: bool | None = None,
    over: Any = None,
    under: Any = None,
    at_least: Any = None,
    at_most: Any = None,
) -> list[Any]:
    """Keep the records of a list whose field has this value; without a value, those where it is true.

    Instead of a value say what else holds: ``is_not``, ``one_of`` (a list), ``containing``,
    ``blank`` (true or false), ``over``, ``under``, ``at_least``, ``at_most``. All must hold.

    >>> {{ [{'n': 'Dana', 'default': true}, {'n': 'Sam', 'default': false}] | where('default') | map('n') }}
    ["Dana"]
    >>> {{ [{'n': 'A', 'due': 250}, {'n': 'B', 'due': 90}] | where('due', over=100) | map('n') }}
    ["A"]
    """
    read = reader(field)
    holds: list[Callable[[Any], bool]] = []
    if equals is not NOT_GIVEN:
        holds.append(lambda found: bool(found == equals))
    if is_not is not NOT_GIVEN:
        holds.append(lambda found: bool(found != is_not))
    if one_of is not NOT_GIVEN:
        choices = items(one_of, "where")
        holds.append(lambda found: not is_nothing(found) and found in choices)
    if containing is not NOT_GIVEN:
        holds.append(lambda found: _contains(found, containing))
    if blank is not None:
        holds.append(lambda found: is_blank(found) is blank)
    for bound, compare in ((over, gt), (under, lt), (at_least, ge), (at_most, le)):
        if bound is not None:
            holds.append(_comparison(bound, compare))
    if not holds:
        holds.append(lambda found: found is True)
    found = [(item, read(item)) for item in items(value, "where")]
    return [item for item, read_value in found if all(hold(read_value) for hold in holds)]


def _comparison(bound: Any, compare: Callable[[Any, Any], Any]) -> Callable[[Any], bool]:
    def holds(found: Any) -> bool:
        if is_blank(found):
            return False
        try:
            return bool(compare(found, bound))
        except TypeError:
            raise FilterError(
                f"The filter 'where' can't compare {quoted(found)} with {quoted(bound)}.",
                code="not_comparable",
                hint="Both must be numbers, or both dates such as 2024-03-04.",
            ) from None

    return holds


def _contains(found: Any, part: Any) -> bool:
    if isinstance(found, str):
        return isinstance(part, str) and part in found
    return isinstance(found, list | tuple) and part in found
