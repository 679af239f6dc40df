"""Writing: rows appended to a file, or kept up to date in it."""

from typing import Annotated

from engine.sdk import Context, Field, RowResult, TypedDict
from plugins.csv.fields import Delimiter, Encoding, File, codec_name, delimiter_character
from plugins.csv.writing import Style, write_rows

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
    return write_rows(ctx.folders.to_write(file), [row["columns"] for row in rows], style)


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
