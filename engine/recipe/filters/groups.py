"""Filters that take lists apart and compare them: groups, pieces, what two lists share."""

from typing import Any

from engine.recipe.filters.errors import ArgumentError
from engine.recipe.filters.kinds import Listed
from engine.recipe.filters.lists import identity, items, reader


def group_by(value: Listed, field: str) -> list[dict[str, Any]]:
    """Put the records of a list into groups by a field: each has its ``key`` and its ``entries``.

    >>> {{ [{'n': 'Dana', 'city': 'Boston'}, {'n': 'Sam', 'city': 'Boston'}] | group_by('city') | map('key') }}
    ["Boston"]
    """
    read = reader(field)
    groups: dict[str, dict[str, Any]] = {}
    for item in items(value, "group_by"):
        key = read(item)
        group = groups.setdefault(identity(key), {"key": key, "entries": []})
        group["entries"].append(item)
    return list(groups.values())


def index_by(value: Listed, field: str) -> dict[str, Any]:
    """Make a record of a list, in which each entry stands by the value of a field; the first counts.

    >>> {{ ([{'code': 'PI', 'name': 'Injury'}, {'code': 'F', 'name': 'Family'}] | index_by('code')).F.name }}
    Family
    """
    read = reader(field)
    found: dict[str, Any] = {}
    for item in items(value, "index_by"):
        key = read(item)
        if isinstance(key, str | int) and not isinstance(key, bool):
            found.setdefault(str(key), item)
    return found


def chunk(value: Listed, size: int) -> list[list[Any]]:
    """Cut a list into lists of at most ``size`` entries.

    >>> {{ [1, 2, 3] | chunk(2) }}
    [[1, 2], [3]]
    """
    if size < 1:
        raise ArgumentError(f"The filter 'chunk' can't make lists of {size} entries.")
    found = list(items(value, "chunk"))
    return [found[start : start + size] for start in range(0, len(found), size)]


def flatten(value: Listed) -> list[Any]:
    """Make one list of a list of lists.

    >>> {{ [['vip'], ['new', 'vip']] | flatten }}
    ["vip", "new", "vip"]
    """
    found: list[Any] = []
    for item in items(value, "flatten"):
        found += item if isinstance(item, list | tuple) else [item]
    return found


def difference(value: Listed, others: Any) -> list[Any]:
    """Keep the entries that aren't in another list.

    >>> {{ ['vip', 'new', 'old'] | difference(['new']) }}
    ["vip", "old"]
    """
    known = {identity(item) for item in items(others, "difference")}
    return [item for item in items(value, "difference") if identity(item) not in known]


def intersection(value: Listed, others: Any) -> list[Any]:
    """Keep the entries that are in another list too.

    >>> {{ ['vip', 'new'] | intersection(['new', 'old']) }}
    ["new"]
    """
    known = {identity(item) for item in items(others, "intersection")}
    return [item for item in items(value, "intersection") if identity(item) in known]


def union(value: Listed, others: Any) -> list[Any]:
    """Put two lists together, each entry once.

    >>> {{ ['vip', 'new'] | union(['new', 'old']) }}
    ["vip", "new", "old"]
    """
    both = (*items(value, "union"), *items(others, "union"))
    return list({identity(item): item for item in reversed(both)}.values())[::-1]
