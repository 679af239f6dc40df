"""Filters of records: some of their fields, two of them together, their names and values."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from engine.recipe.filters.errors import FilterError, is_nothing, quoted
from engine.recipe.filters.kinds import Recorded


class Entry(TypedDict):
    """One field of a record."""

    key: str
    value: Any


def pick(value: Recorded, *names: str) -> dict[str, Any] | None:
    """Keep these fields of a record; those it doesn't have are left out.

    >>> {{ {'name': 'Dana', 'email': 'dana@harborlaw.example', 'id': 7} | pick('name', 'id') | json }}
    {"name": "Dana", "id": 7}
    """
    record = _record(value, "pick")
    return None if record is None else {name: record[name] for name in names if name in record}


def omit(value: Recorded, *names: str) -> dict[str, Any] | None:
    """Leave these fields of a record out.

    >>> {{ {'name': 'Dana', 'id': 7} | omit('id') | json }}
    {"name": "Dana"}
    """
    record = _record(value, "omit")
    if record is None:
        return None
    return {name: part for name, part in record.items() if name not in names}


def merge(value: Recorded, other: Any) -> dict[str, Any] | None:
    """Put two records together; where both have a field, the other's counts.

    >>> {{ {'name': 'Dana', 'stage': 'new'} | merge({'stage': 'open'}) | json }}
    {"name": "Dana", "stage": "open"}
    """
    both = [one for one in (_record(value, "merge"), _record(other, "merge")) if one is not None]
    return {name: part for one in both for name, part in one.items()} if both else None


def keys(value: Recorded) -> list[str]:
    """List the names of a record's fields.

    >>> {{ {'name': 'Dana', 'id': 7} | keys }}
    ["name", "id"]
    """
    return [str(name) for name in _record(value, "keys") or {}]


def values(value: Recorded) -> list[Any]:
    """List the values of a record's fields.

    >>> {{ {'name': 'Dana', 'id': 7} | values }}
    ["Dana", 7]
    """
    return list((_record(value, "values") or {}).values())


def entries(value: Recorded) -> list[Entry]:
    """List a record's fields, each with its ``key`` and ``value``.

    >>> {{ {'stage': 'open', 'court': 'Suffolk'} | entries | map('key') | join(', ') }}
    stage, court
    """
    record = _record(value, "entries") or {}
    return [{"key": str(name), "value": part} for name, part in record.items()]


def _record(value: Any, name: str) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if is_nothing(value):
        return None
    raise FilterError(
        f"The filter '{name}' takes a record, not {quoted(value)}.",
        code="not_a_record",
        hint="For each record of a list write `| each('" + name + "', …)`.",
    )
