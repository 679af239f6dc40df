"""What differs between two rows, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.fields import Record
from engine.files import is_file


@dataclass(frozen=True)
class FieldChange:
    """A field whose value differs.

    :param field: its dotted name.
    :param before: None where it wasn't sent; so is ``after``, where it isn't sent any more.
    """

    field: str
    before: Any
    after: Any


def changes(before: Record, after: Record) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two rows, in the order of the new one."""
    old, new = dict(flat(before)), dict(flat(after))
    return tuple(
        FieldChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*new, *old])
        if old.get(name) != new.get(name)
    )


def flat(row: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a row's fields by their dotted names; lists and files are values."""
    for name, value in row.items():
        if isinstance(value, Mapping) and not is_file(value):
            yield from flat(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}", value
