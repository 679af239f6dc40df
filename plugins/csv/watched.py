"""A folder that is watched: each new file once, when nobody is writing it any more."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from engine.sdk import (
    BadRecord,
    Context,
    Field,
    File,
    InputError,
    PartRead,
    Record,
    Schema,
    SetupError,
    TypedDict,
    Unpack,
)
from plugins.csv.columns import has_no_column, schema_of
from plugins.csv.fields import Key, OptionFields, Sheet
from plugins.csv.options import Options
from plugins.csv.places.place import SETTLED, Listed, Place, pieces, place_of, settled
from plugins.csv.table import table_of

TABLES = "*.csv, *.tsv, *.txt, *.xlsx, *.xlsm, *.xls"
#: The folder below, to which files are moved.
DONE = "done"
#: Begins the name of a file that was found to be unreadable.
WRONG = "wrong|"

FolderName = Annotated[
    str, Field("Folder", help="Its name in the recipe's folders, or its full path.")
]
Tables = Annotated[
    str,
    Field("Files", help="Which ones, e.g. `*.csv`; several with commas. Left out, all tables."),
]
Pattern = Annotated[str, Field("Files", help="Which ones, e.g. `*.pdf`. Left out, all.")]
Afterwards = Annotated[
    Literal["leave", "move to done", "delete"],
    Field(
        "Afterwards",
        help="What becomes of a file when its records are settled. Left in its place, it is read "
        "again only when it changes.",
    ),
]

UnchangedFor = Annotated[
    int,
    Field(
        "Unchanged for",
        help="Seconds for which a file must not have changed before it is read; more where files "
        "come slowly.",
    ),
]


class NewFile(TypedDict):
    """A file that came to a folder."""

    key: str
    name: str
    size: int
    changed_at: str
    file: File


def columns_of_new_file(
    ctx: Context,
    folder: FolderName,
    files: Tables = TABLES,
    key: Key = None,
    unchanged_for: UnchangedFor = SETTLED,
    **options: Unpack[OptionFields],
) -> Schema:
    """JSON Schema of the rows of the folder's newest file, or of one that was moved to done.

    :raises SetupError: there is no file yet, or it can't be read.
    """
    with place_of(ctx) as place:
        where, found = folder, list(settled(place, folder, files, unchanged_for))
        if not found:
            where = f"{folder}/{DONE}"
            with suppress(SetupError):  # nothing was moved yet
                found = list(settled(place, where, files, unchanged_for))
        if not found:
            raise SetupError(f"There is no file in {folder!r} yet.", hint="Put one there.")
        table = table_of(place.to_read(f"{where}/{found[-1].name}"), Options(**options))
        table.check_key(key)
        return schema_of(table.columns, file_name="File")


def without_column(record: Record, sheet: Sheet = None) -> str:
    """Say which file lacks a column that a recipe reads."""
    return has_no_column(str(record.get("file_name")), sheet)


def row_of_new_file(
    ctx: Context,
    folder: FolderName,
    files: Tables = TABLES,
    key: Key = None,
    afterwards: Afterwards = "leave",
    unchanged_for: UnchangedFor = SETTLED,
    **options: Unpack[OptionFields],
) -> Iterator[Record | BadRecord | PartRead]:
    """Read the rows of every new file in a folder.

    A file is read when nobody has changed it for a while, and once only; one that changes or is
    replaced is read again. `row.file_name` is its name; else rows are as those of a single file.
    """
    with place_of(ctx) as place:
        for file, is_new in _found(ctx, place, folder, files, unchanged_for):
            if is_new:
                try:
                    table = table_of(place.to_read(f"{folder}/{file.name}"), Options(**options))
                    table.check_key(key)
                except SetupError as error:  # this file is wrong; the others are not
                    yield from _wrong(file, error.message, error.hint)
                    continue
                for record in table.records(key, prefix=f"{file.name}|"):
                    if not isinstance(record, BadRecord):
                        record["file_name"] = file.name
                    yield record
            yield _read(ctx, folder, file, afterwards)


def file_added(
    ctx: Context,
    folder: FolderName,
    files: Pattern = "*",
    afterwards: Afterwards = "leave",
    unchanged_for: UnchangedFor = SETTLED,
) -> Iterator[NewFile | BadRecord | PartRead]:
    """Read every new file in a folder, to pass it on as it is.

    A file is read when nobody has changed it for a while, and once only; one that changes or is
    replaced is read again.
    """
    with place_of(ctx) as place:
        for file, is_new in _found(ctx, place, folder, files, unchanged_for):
            if is_new:
                try:
                    source = place.to_read(f"{folder}/{file.name}")
                    kept = ctx.files.save(file.name, pieces(source))
                except (InputError, SetupError) as error:
                    yield from _wrong(file, error.message, error.hint)
                    continue
                changed_at = datetime.fromtimestamp(file.changed, UTC).isoformat(timespec="seconds")
                yield NewFile(
                    key=f"{file.name}|{file.size}|{changed_at}",
                    name=file.name,
                    size=kept["size"],
                    changed_at=changed_at,
                    file=kept,
                )
            yield _read(ctx, folder, file, afterwards)


def _found(
    ctx: Context, place: Place, folder: str, files: str, seconds: int
) -> Iterator[tuple[Listed, bool]]:
    """Yield the files that are there, the oldest first, and whether they are new."""
    found = list(settled(place, folder, files, seconds))
    unread = ctx.unread([name for file in found for name in (file.state, WRONG + file.state)])
    new = [file for file in found if {file.state, WRONG + file.state} <= unread]
    still = place.still(folder, new) if seconds else {file.state for file in new}
    for file in found:
        if file.state not in unread:
            yield file, False
        elif file in new and file.state in still:
            yield file, True


def _wrong(file: Listed, reason: str, hint: str) -> Iterator[BadRecord | PartRead]:
    """Report a file that can't be read; it stays where it is, and counts as read."""
    yield BadRecord(
        key=file.state,
        reason=reason,
        code="unreadable_file",
        hint=f"{hint} Then put it into the folder again.".strip(),
        label=file.name,
        source={"file_name": file.name, "size": file.size},
    )
    yield PartRead(WRONG + file.state)


def _read(ctx: Context, folder: str, file: Listed, afterwards: str) -> PartRead:
    if afterwards == "leave":
        return PartRead(file.state)
    return PartRead(file.state, partial(_put_away, ctx, folder, file, afterwards))


def _put_away(ctx: Context, folder: str, file: Listed, afterwards: str) -> None:
    """Move or delete a file whose records are settled, unless it changed meanwhile."""
    with place_of(ctx) as place:
        if all(file.state != other.state for other in place.listed(folder)):
            return
        if afterwards == "delete":
            place.remove(folder, file.name)
        else:
            place.move(folder, file.name, DONE)
