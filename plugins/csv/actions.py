"""Writing: rows appended to a file, or kept up to date in it.

What writes is imported where rows are written, for recipes that only read a file need none of it.
"""

from pathlib import PurePosixPath
from typing import Annotated

from engine.sdk import Accepted, Context, Field, InputError, RowResult, SetupError, TypedDict
from plugins.csv.fields import Delimiter, Encoding, FileName, codec_name, delimiter_character
from plugins.csv.places.place import place_of

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
    file: FileName,
    rows: list[OutputRow],
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    plain: Plain = False,
) -> list[RowResult]:
    """Add rows at the end of a CSV file or Excel workbook, which is made when it isn't there."""
    from plugins.csv.writing.batch import Style, write_rows

    style = Style(delimiter_character(delimiter), codec_name(encoding), plain)
    columns = [row["columns"] for row in rows]
    if ctx.connection.get("host"):
        raise SetupError(
            "Rows can't be appended to a file on a server: after a crash nobody could tell which "
            "of them are there.",
            hint="Use csv.upsert_rows, which writes each key once.",
        )
    path = ctx.folders.to_write(file)
    return write_rows(path, columns, style, sent_as=ctx.idempotency_keys)


def find_row(ctx: Context, file: FileName, columns: dict[str, str]) -> Accepted | None:
    """Look whether a row that was being appended when Bridgework was stopped is in the file."""
    from plugins.csv.writing.batch import was_written

    path = ctx.folders.to_write(file)
    if not was_written(path, ctx.idempotency_key):
        return None
    return Accepted({"file": path.name, "columns": columns}, created=True)


def upsert_rows(
    ctx: Context,
    file: FileName,
    key_column: KeyColumn,
    rows: list[OutputRow],
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    plain: Plain = False,
) -> list[RowResult]:
    """Write rows to a CSV file or Excel workbook; a row takes the place of the earlier one with the same key.

    Columns that a row doesn't mention keep what the file has.
    """
    from plugins.csv.writing.batch import Style, write_rows

    style = Style(delimiter_character(delimiter), codec_name(encoding), plain)
    columns = [row["columns"] for row in rows]
    if ctx.connection.get("host"):
        _check_named_by_record(ctx, file)
    with place_of(ctx) as place, place.writing(file) as path:
        return write_rows(path, columns, style, key_column=key_column.strip())


def _check_named_by_record(ctx: Context, file: str) -> None:
    """Refuse a file of a server that a record names outside the folders that the recipe names.

    :raises InputError: it is there.
    """
    path, named = PurePosixPath(file), ctx.folders.named
    if named is None or file in named:
        return
    inside = not path.is_absolute() or any(path.is_relative_to(one) for one in ctx.folders.roots)
    if ".." in path.parts or "\0" in file or not inside:
        raise InputError(
            f"The file {file!r}, which the record names, would be outside the recipe's folder on "
            "the server.",
            hint="Where that is meant, write the folder into the recipe before the {{ }}.",
            field="file",
            code="outside",
        )
