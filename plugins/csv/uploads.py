"""A file that a person uploads for a recipe: looked at first, then put where the trigger reads."""

from collections.abc import Iterator

from engine.sdk import BadRecord, Context, File, Record, Schema, SetupError, Upload
from plugins.csv.columns import schema_of
from plugins.csv.options import Options
from plugins.csv.places.local import LocalPlace
from plugins.csv.places.place import numbered
from plugins.csv.source import kept
from plugins.csv.table import Table, table_of


def _table(
    ctx: Context,
    uploaded: File,
    key: str | None,
    delimiter: str | None,
    encoding: str | None,
    header: str | list[str] | None,
    sheet: str | None,
    header_row: int | None,
) -> Table:
    table = table_of(kept(ctx, uploaded), Options(delimiter, encoding, header, sheet, header_row))
    table.check_key(key)
    return table


def columns_of(
    ctx: Context,
    uploaded: File,
    key: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: str | list[str] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Schema:
    """Return the schema of an uploaded file's rows."""
    table = _table(ctx, uploaded, key, delimiter, encoding, header, sheet, header_row)
    return schema_of(table.columns)


def columns_in_folder(
    ctx: Context,
    uploaded: File,
    key: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: str | list[str] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Schema:
    """Return the same, for a trigger whose rows also name their file."""
    table = _table(ctx, uploaded, key, delimiter, encoding, header, sheet, header_row)
    return schema_of(table.columns, file_name="File")


def rows_of(
    ctx: Context,
    uploaded: File,
    key: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: str | list[str] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Iterator[Record | BadRecord]:
    """Yield an uploaded file's rows."""
    return _table(ctx, uploaded, key, delimiter, encoding, header, sheet, header_row).records(key)


def take_the_place(ctx: Context, uploaded: File, file: str) -> None:
    """Put an uploaded file in the place of the one that the recipe reads."""
    place = _here(ctx)
    try:
        where = str(ctx.folders.to_read(file))
    except SetupError:  # there was none yet
        where = file
    with ctx.files.open(uploaded) as opened:
        place.put(where, opened)


def add_to_folder(ctx: Context, uploaded: File, folder: str) -> None:
    """Put an uploaded file into the watched folder; one of its name that is there stays."""
    place = _here(ctx)
    try:
        where = str(place.folder_at(folder))
        taken = {one.name for one in place.listed(folder)}
    except SetupError:  # the folder is made with its first file
        where, taken = folder.rstrip("/"), set()
    with ctx.files.open(uploaded) as opened:
        place.put(f"{where}/{numbered(uploaded['name'], taken)}", opened, whole=True)


def _here(ctx: Context) -> LocalPlace:
    if ctx.connection.get("host"):
        raise SetupError(
            "The recipe reads files of a server, so none can be uploaded here.",
            hint="Put the file on the server; it is read from there.",
        )
    return LocalPlace(ctx)


ONE_FILE = Upload(schema=columns_of, read=rows_of, take=take_the_place)
INTO_FOLDER = Upload(schema=columns_in_folder, read=rows_of, take=add_to_folder)
