"""What a recipe's file is made of: texts with their places, and the fields under ``with:``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Dotted name of an action's field, split: ``client.phone`` is ``("client", "phone")``.
FieldPath = tuple[str, ...]

_HALF = re.compile("[\ud800-\udfff]")


def half_character(text: str) -> str | None:
    """Return the first half of a character in a text: escapes can write one, and nothing stores it."""
    found = None if text.isascii() else _HALF.search(text)
    return found and found[0]


@dataclass(frozen=True)
class Position:
    """A place in the recipe's file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Text:
    """A scalar as it was written: ``00042``, ``21:15`` and ``NO`` keep their shape.

    :param value: without quotes.
    :param position: of its first character, inside the quotes if it is quoted.
    :param quoted: it stood in quotes or in a block.
    :param lines: where each of its lines starts, when its characters are one to one in the file;
        empty when escapes or folded lines stand between them.
    """

    value: str
    position: Position
    quoted: bool = False
    lines: tuple[Position, ...] = ()

    def __str__(self) -> str:
        return self.value

    def at(self, offset: int) -> Position:
        """Return the place in the file of one of its characters, or its start where unknown."""
        line = self.value.count("\n", 0, offset)
        if line >= len(self.lines):
            return self.position
        start = self.lines[line]
        return Position(start.line, start.column + offset - self.value.rfind("\n", 0, offset) - 1)


@dataclass(frozen=True)
class Records:
    """A list of records, each with fields of its own: ``line_items: [{name: …, quantity: …}]``."""

    entries: tuple["FieldSet", ...]


#: A field's value: a template, a list of them, or a list of records.
Value = Text | tuple[Text, ...] | Records


def texts_of(value: Value) -> tuple[Text, ...]:
    """Return all texts of a field's value."""
    match value:
        case Text():
            return (value,)
        case Records():
            return tuple(text for entry in value.entries for text in entry.texts)
    return value


@dataclass(frozen=True)
class FieldSet:
    """What stands under ``with:``, flattened: nested maps and dotted names are the same thing.

    :param values: by field path, in the file's order.
    :param positions: of each field's name, and of the names that group them.
    """

    values: Mapping[FieldPath, Value] = field(default_factory=dict)
    positions: Mapping[FieldPath, Position] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[Text, ...]:
        """All values, those of lists one by one."""
        return tuple(text for value in self.values.values() for text in texts_of(value))
