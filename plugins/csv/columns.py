"""How a header's texts become the names that recipes use: ``First name`` is ``row.first_name``."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from engine.sdk import Schema, SetupError

#: Fields every record has; a column of that name gets a number, as a repeated one does.
OWN_FIELDS = ("key", "line", "file_name")

_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Column:
    """One column: its name in recipes, and the header's own text."""

    name: str
    title: str


def named(titles: Sequence[str]) -> tuple[Column, ...]:
    """Name columns: lower case, ``_`` for whatever is no letter or digit.

    A blank title becomes ``column_4`` (its place), one that starts with a digit is put behind
    ``column_``, and a repeated one gets a number: ``email``, ``email_2``.
    """
    taken = set(OWN_FIELDS)
    columns = []
    for place, title in enumerate(titles, start=1):
        base = _SEPARATORS.sub("_", unicodedata.normalize("NFKC", title).lower()).strip("_")
        if not base:
            base = f"column_{place}"
        elif base[0].isdigit():
            base = f"column_{base}"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        columns.append(Column(name, title))
    return tuple(columns)


def position(columns: Sequence[Column], wanted: str, file: str) -> int:
    """Return the place, from 0, of the column called ``wanted`` in recipes or in the header.

    :raises SetupError: there is none; the hint names the nearest, or all, and says where a file has
        no header.
    """
    plain = wanted.strip().casefold()
    for place, column in enumerate(columns):
        if plain in (column.name, column.title.strip().casefold()):
            return place
    raise SetupError(
        f"There is no column {wanted!r} in '{file}'.", hint=_what_there_is(columns, plain)
    )


def schema_of(columns: Sequence[Column], **more: str) -> Schema:
    """JSON Schema of a record of these columns; closed, so that a misspelt name is found.

    :param more: further fields of text, with their titles.
    """
    properties: Schema = {
        **{name: {"type": "string", "title": title} for name, title in more.items()},
        "key": {"type": "string", "title": "Key"},
        "line": {"type": "integer", "title": "Line in the file"},
    }
    for column in columns:
        properties[column.name] = {"type": "string", "title": column.title or column.name}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def has_no_column(file: str, sheet: str | None = None) -> str:
    """Begin to say that a file lacks a column: the engine adds its name."""
    return f"{f'The sheet {sheet!r} of' if sheet else 'The file'} {file!r} has no column"


def _what_there_is(columns: Sequence[Column], wanted: str) -> str:
    names = [column.name for column in columns]
    near = difflib.get_close_matches(_SEPARATORS.sub("_", wanted), names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    shown = ", ".join(
        column.name if column.name == column.title else f"{column.name} ('{column.title}')"
        for column in columns[:30]
    )
    there_are = f"Its columns are: {shown}{' …' if len(columns) > 30 else ''}."
    if all(column.title == f"column_{place}" for place, column in enumerate(columns, start=1)):
        return (
            f"The first row doesn't look like a header. {there_are} Where it is one, write "
            "`header: first line`; where there is none, `header: [name, …]` names the columns."
        )
    return there_are
