"""Reading: one record for every row of a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from engine.sdk import BadRecord, Context, Field, Record, Schema
from plugins.csv.columns import position, schema_of
from plugins.csv.detect import Layout, layout_of
from plugins.csv.fields import (
    Delimiter,
    Encoding,
    File,
    Header,
    codec_name,
    delimiter_character,
)
from plugins.csv.reading import file_to_read, readable, rows
from plugins.csv.records import Unusable

Key = Annotated[
    str | None,
    Field(
        "Key column",
        help="The column that tells rows apart, e.g. email. Left out, it is the line number, and "
        "then a row that moves to another line counts as another row.",
    ),
]


def columns(
    ctx: Context,
    file: File,
    key: Key = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header: Header = None,
) -> Schema:
    """JSON Schema of the records that :func:`row_read` yields for the same arguments.

    :raises SetupError: as :func:`row_read`.
    """
    path, layout = _look_at(ctx, file, delimiter, encoding, header)
    if key is not None:
        position(layout.columns, key, path.name)
    return schema_of(layout.columns)


def row_read(
    ctx: Context,
    file: File,
    key: Key = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header: Header = None,
) -> Iterator[Record | BadRecord]:
    """Read a CSV file row by row.

    A column is read by its header in lower case with `_` for spaces and signs: `First name` is
    `row.first_name`. Cells are always text. `line` is the number of the line in the file.
    """
    path, layout = _look_at(ctx, file, delimiter, encoding, header)
    names = ("key", "line", *(column.name for column in layout.columns))
    key_place = None if key is None else position(layout.columns, key, path.name)
    for row in rows(path, layout):
        if isinstance(row, Unusable):
            yield BadRecord(
                key=_line_key(row.start, key),
                reason=row.reason,
                code=row.code,
                hint=row.hint,
                label=f"line {row.start}",
                source={"line": row.start, "text": row.text},
            )
            continue
        line, cells = row
        value = str(line) if key_place is None else cells[key_place].strip()
        record = dict(zip(names, (value, line, *cells), strict=True))
        if value:
            yield record
        else:
            yield BadRecord(
                key=_line_key(line, key),
                reason=f"Line {line} has no {key!r}, the column that tells rows apart.",
                code="missing_key",
                hint="Fill the cell in, or choose another key column.",
                label=f"line {line}",
                source=record,
            )


def _look_at(
    ctx: Context,
    file: str,
    delimiter: str | None,
    encoding: str | None,
    header: str | list[str] | None,
) -> tuple[Path, Layout]:
    path = file_to_read(ctx, file)
    with readable(path):
        layout = layout_of(
            path,
            delimiter=delimiter_character(delimiter),
            encoding=codec_name(encoding),
            header=header,
        )
    return path, layout


def _line_key(line: int, key: str | None) -> str:
    return str(line) if key is None else f"line {line}"
