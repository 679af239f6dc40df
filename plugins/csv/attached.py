"""Files that come with a record, such as attachments: their rows, and files put where they belong."""

from typing import Annotated, Any

from engine.sdk import Context, Field, File, InputError, Record, SetupError, TypedDict
from plugins.csv.columns import has_no_column
from plugins.csv.fields import Delimiter, Encoding, Header, HeaderRow, Key, Sheet
from plugins.csv.options import Options
from plugins.csv.places.place import place_of, plain_name
from plugins.csv.source import kept
from plugins.csv.table import table_of
from plugins.csv.watched import FolderName

#: Rows that one record may bring: all of them are in memory.
MOST_ROWS = 10_000
#: Rows that can't be used and are named.
NAMED = 5

Attachment = Annotated[File, Field("File", help="E.g. `{{ mail.attachments | first }}`.")]
Name = Annotated[
    str | None, Field("Name", help="What it is called there. Left out, as it is called here.")
]


class Rows(TypedDict):
    """The rows of one file."""

    name: str
    count: int
    columns: list[str]
    rows: list[dict[str, Any]]


class Saved(TypedDict):
    """A file that was written."""

    name: str
    size: int


def rows_of_file(
    ctx: Context,
    file: Attachment,
    key: Key = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
) -> Rows:
    """Read the rows of a file that came with the record, for a `for_each` over `rows`.

    Up to 10,000 rows; a row that can't be used makes the whole file one that is refused.
    """
    options = Options(delimiter, encoding, header, sheet, header_row)
    try:
        table = table_of(kept(ctx, file), options)
        table.check_key(key)
    except SetupError as error:  # the attachment is wrong, not the set-up
        raise InputError(
            error.message, hint=error.hint, field="file", code="unreadable_file"
        ) from error
    rows: list[dict[str, Any]] = []
    wrong: list[str] = []
    for record in table.records(key):
        if not isinstance(record, dict):
            wrong.append(record.reason)
            if len(wrong) == NAMED:
                break
        elif len(rows) == MOST_ROWS:
            raise InputError(
                f"'{file['name']}' has more than {MOST_ROWS:,} rows.",
                hint="Put it into a watched folder: files there may be of any size.",
                field="file",
                code="too_many_rows",
            )
        else:
            rows.append(record)
    if wrong:
        raise InputError(
            f"'{file['name']}' has rows that can't be used: {' '.join(wrong)}",
            hint="Correct them in the file, and let it be sent again.",
            field="file",
            code="unusable_rows",
        )
    titles = [column.title or column.name for column in table.columns]
    return Rows(name=file["name"], count=len(rows), columns=titles, rows=rows)


def without_column(record: Record) -> str:
    """Say which file lacks a column that a recipe reads."""
    return has_no_column(str(record.get("name")))


def save_file(ctx: Context, folder: FolderName, file: Attachment, name: Name = None) -> Saved:
    """Put a file into a folder, in place of one of the same name."""
    try:
        called = plain_name(name or file["name"])
    except SetupError as error:
        raise InputError(error.message, hint=error.hint, field="name") from error
    with place_of(ctx) as place, ctx.files.open(file) as opened:
        size = place.put(f"{folder.rstrip('/')}/{called}", opened)
    return Saved(name=called, size=size)
