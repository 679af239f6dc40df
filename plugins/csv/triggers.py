"""Reading: one record for every row of a file."""

from collections.abc import Iterator

from engine.sdk import BadRecord, Context, Record, Schema, Unpack
from plugins.csv.columns import has_no_column, schema_of
from plugins.csv.fields import FileName, Key, OptionFields, Sheet
from plugins.csv.options import Options
from plugins.csv.places.place import place_of
from plugins.csv.table import table_of


def columns(
    ctx: Context,
    file: FileName,
    key: Key = None,
    **options: Unpack[OptionFields],
) -> Schema:
    """JSON Schema of the records that :func:`row_read` yields for the same arguments.

    :raises SetupError: as :func:`row_read`.
    """
    with place_of(ctx) as place:
        table = table_of(place.to_read(file), Options(**options))
        table.check_key(key)
        return schema_of(table.columns)


def without_column(file: FileName, sheet: Sheet = None) -> str:
    """Say which file lacks a column that a recipe reads."""
    return has_no_column(file, sheet)


def row_read(
    ctx: Context,
    file: FileName,
    key: Key = None,
    **options: Unpack[OptionFields],
) -> Iterator[Record | BadRecord]:
    """Read a CSV file or an Excel workbook row by row.

    A column is read by its header in lower case with `_` for spaces and signs: `First name` is
    `row.first_name`. Cells are always text. `line` is the number of the line in the file.
    """
    with place_of(ctx) as place:
        table = table_of(place.to_read(file), Options(**options))
        table.check_key(key)
        yield from table.records(key)
