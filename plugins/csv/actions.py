"""Writing: rows appended to a file, or kept up to date in it."""

from typing import Annotated

from engine.sdk import Accepted, Context, Field, RowResult, TypedDict
from plugins.csv.fields import Delimiter, Encoding, File, codec_name, delimiter_character
from plugins.csv.writing import Style, was_written, write_rows

#: Rows in one call: few enough to hold in memory, enough that a file is seldom rewritten.
BATCH_SIZE = 500

Plain = Annotated[
    bool,
    Field(
        "Keep formulas",
        help="Write cells that begin with = + - or @ as they are. Otherwise they get a ' before "
        "them, so that no spreadsheet runs them.",
    ),
]
KeyColumn = Annotated[str, Field("Key column", help="The column that tells rows apart.")]


class OutputRow(TypedDict):
    """One row of the file."""

    columns: Annotated[
        dict[str, str],
        Field("Columns", help="Text by column, e.g. `columns.email`. New columns join the header."),
    ]


def append_rows(
    ctx: Context,
    file: File,
    rows: list[OutputRow],
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    plain: Plain = False,
) -> list[RowResult]:
    """Add rows at the end of a CSV file, which is made when it isn't there."""
    style = Style(delimiter_character(delimiter), codec_name(encoding), plain)
    columns = [row["columns"] for row in rows]
    path = ctx.folders.to_write(file)
    return write_rows(path, columns, style, sent_as=ctx.idempotency_keys)


def find_row(ctx: Context, file: File, columns: dict[str, str]) -> Accepted | None:
    """Look whether a row that was being appended when Bridgework was stopped is in the file."""
    path = ctx.folders.to_write(file)
    if not was_written(path, ctx.idempotency_key):
        return None
    return Accepted({"file": path.name, "columns": columns}, created=True)


def upsert_rows(
    ctx: Context,
    file: File,
    key_column: KeyColumn,
    rows: list[OutputRow],
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    plain: Plain = False,
) -> list[RowResult]:
    """Write rows to a CSV file; a row takes the place of the earlier one with the same key.

    Columns that a row doesn't mention keep what the file has.
    """
    style = Style(delimiter_character(delimiter), codec_name(encoding), plain)
    path = ctx.folders.to_write(file)
    columns = [row["columns"] for row in rows]
    return write_rows(path, columns, style, key_column=key_column.strip())
