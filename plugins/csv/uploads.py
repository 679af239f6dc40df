"""A file that a person uploads for a recipe: looked at first, then put where the trigger reads."""

from collections.abc import Iterator

from engine.sdk import BadRecord, Context, File, Record, Schema, SetupError, Unpack, Upload
from plugins.csv.columns import schema_of
from plugins.csv.fields import OptionFields
from plugins.csv.options import Options
from plugins.csv.places.local import LocalPlace
from plugins.csv.places.place import numbered
from plugins.csv.source import kept
from plugins.csv.table import Table, table_of


def columns_of(
    ctx: Context, uploaded: File, key: str | None = None, **options: Unpack[OptionFields]
) -> Schema:
    """Return the schema of an uploaded file's rows."""
    return schema_of(_table(ctx, uploaded, key, options).columns)


def columns_in_folder(
    ctx: Context, uploaded: File, key: str | None = None, **options: Unpack[OptionFields]
) -> Schema:
    """Return the same, for a trigger whose rows also name their file."""
    return schema_of(_table(ctx, uploaded, key, options).columns, file_name="File")


def rows_of(
    ctx: Context, uploaded: File, key: str | None = None, **options: Unpack[OptionFields]
) -> Iterator[Record | BadRecord]:
    """Yield an uploaded file's rows."""
    return _table(ctx, uploaded, key, options).records(key)


def _table(ctx: Context, uploaded: File, key: str | None, options: OptionFields) -> Table:
    table = table_of(kept(ctx, uploaded), Options(**options))
    table.check_key(key)
    return table


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
