"""Filters of lists: picking, ordering, one field of each. Nothing counts as an empty list."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.recipe.filters.errors import (
    LONGEST_TEXT,
    FilterError,
    check_size,
    is_blank,
    is_nothing,
    quoted,
    text_of,
)
from engine.recipe.filters.kinds import Counted, Listed

#: Where an entry of a list of phones, addresses or the like keeps what it is about.
ENTRY_FIELDS = ("number", "address", "value")


def first_of(value: Listed, *names: str) -> Any:
    """Pick a phone or an e-mail address by its name, in the order given; without names the first.

    Each entry of the list has a ``name`` and a ``number``, ``address`` or ``value``.

    >>> {{ [{'name': 'Work', 'number': '1'}, {'name': 'Mobile', 'number': '2'}] | first_of('mobile', 'work') }}
    2
    """
    by_name: dict[str, Any] = {}
    for entry in items(value, "first_of"):
        content = _content(entry)
        if is_blank(content):
            continue
        if not names:
            return content
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str):
            by_name.setdefault(name.strip().lower(), content)
    return next((by_name[n.lower()] for n in names if n.lower() in by_name), None)


def first(value: Listed) -> Any:
    """Take the first of a list; nothing where it is empty.

    >>> {{ ['Dana', 'Sam'] | first }}
    Dana
    """
    return next(iter(items(value, "first")), None)


def last(value: Listed) -> Any:
    """Take the last of a list; nothing where it is empty.

    >>> {{ ['Dana', 'Sam'] | last }}
    Sam
    """
    found = items(value, "last")
    return found[-1] if found else None


def length(value: Counted) -> int:
    """Count the entries of a list or the characters of text.

    >>> {{ ['Dana', 'Sam'] | length }}
    2
    """
    if isinstance(value, str | Mapping):
        return len(value)
    return len(items(value, "length"))


def join(value: Listed, separator: str = "") -> str:
    """Put a list into one text; empty entries are left out.

    >>> {{ ['Dana', none, 'Sam'] | join(', ') }}
    Dana, Sam
    """
    parts = [text_of(i, "join") for i in items(value, "join") if not is_blank(i)]
    if sum(map(len, parts)) + len(separator) * len(parts) > LONGEST_TEXT:
        raise FilterError("The filter 'join' would make too much text.", code="too_long")
    return separator.join(parts)


def sort(value: Listed, field: str | None = None, reverse: bool = False) -> list[Any]:
    """Order a list, or a list of records by one of their fields; empty ones come last.

    >>> {{ ['sam', 'Dana'] | sort }}
    ["Dana", "sam"]
    """
    read = reader(field)
    found = items(value, "sort")
    full = [item for item in found if not is_blank(read(item))]
    blank = [item for item in found if is_blank(read(item))]
    try:
        return sorted(full, key=lambda item: _order(read(item)), reverse=bool(reverse)) + blank
    except TypeError:
        raise FilterError(
            "The filter 'sort' can't order entries of different kinds.",
            hint="Say which field to order by: `| sort('name')`.",
        ) from None


def unique(value: Listed, field: str | None = None) -> list[Any]:
    """Leave out entries that were there before, or records whose ``field`` was.

    >>> {{ ['vip', 'new', 'vip'] | unique }}
    ["vip", "new"]
    """
    read = reader(field)
    seen: dict[str, Any] = {}
    check_size(value, "unique")
    for item in items(value, "unique"):
        seen.setdefault(identity(read(item)), item)
    return list(seen.values())


def reverse(value: Listed) -> list[Any]:
    """Turn a list round.

    >>> {{ ['Dana', 'Sam'] | reverse }}
    ["Sam", "Dana"]
    """
    return list(items(value, "reverse"))[::-1]


def take(value: Listed, count: int) -> list[Any]:
    """Keep the first ``count`` entries of a list.

    >>> {{ ['Dana', 'Sam', 'Kim'] | take(2) }}
    ["Dana", "Sam"]
    """
    return list(items(value, "take"))[: max(count, 0)]


def compact(value: Listed) -> list[Any]:
    """Leave out the empty entries of a list.

    >>> {{ ['Dana', none, '', 'Sam'] | compact }}
    ["Dana", "Sam"]
    """
    return [item for item in items(value, "compact") if not is_blank(item)]


def map_(value: Listed, field: str) -> list[Any]:
    """Take one field of every record in a list.

    >>> {{ [{'name': 'Dana'}, {'name': 'Sam'}] | map('name') }}
    ["Dana", "Sam"]
    """
    read = reader(field)
    return [read(item) for item in items(value, "map")]


# -- what filters of lists share -------------------------------------------------------------------


def items(value: Any, filter_name: str) -> list[Any] | tuple[Any, ...]:
    """Return the entries of a list; one record counts as a list of one, nothing as an empty one.

    :raises FilterError: it is text or a number.
    """
    if isinstance(value, list | tuple):
        return value
    if is_nothing(value):
        return ()
    if isinstance(value, Mapping):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return list(value)
    raise FilterError(
        f"The filter '{filter_name}' takes a list, not {quoted(value)}.", code="not_a_list"
    )


def _content(entry: Any) -> Any:
    if type(entry) is not dict and not isinstance(entry, Mapping):
        return entry
    for field in ENTRY_FIELDS:
        if not is_nothing(found := entry.get(field)):
            return found
    return None


def reader(field: str | None) -> Callable[[Any], Any]:
    """Return a function that reads a dotted field of a record; nothing where it isn't there."""
    if field is None:
        return lambda item: item
    names = str(field).split(".")

    def read(item: Any) -> Any:
        for name in names:
            item = item.get(name) if isinstance(item, Mapping) else None
        return item

    return read


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def identity(value: Any) -> str:
    """Return what is the same for equal entries."""
    return json.dumps(value, sort_keys=True, default=str)
