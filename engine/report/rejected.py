"""The records of a run that did not come over, as a file to correct and import again.

It has the columns of the source, and beside them why each record was refused. Those columns are
passed over when the file is imported, and each row keeps the key it had, so what is corrected
becomes what it should have been at first, and nothing is doubled.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.errors import SetupError
from engine.files import in_words
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.checking.records import records_of
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.store.bulk import among
from engine.store.database import Store
from engine.store.ledger import Entry, Outcome, stream_entries
from engine.store.runs import Run
from engine.store.tables import open_problems

#: What did not come over for sure; what is unsure may have.
NOT_OVER: tuple[Outcome, ...] = ("rejected", "failed")
#: Begins the titles of the columns that are passed over.
OURS = "Bridgework: "
EXPLAINED = (OURS + "key", OURS + "reason", OURS + "what to do")
#: Fields that a file's rows have besides its columns.
NOT_OF_THE_FILE = ("key", "line", "file_name")
#: A spreadsheet takes a cell that starts with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PAGE = 500


def write_rejected(store: Store, host: Host, run: Run, recipe: Recipe | None, path: Path) -> int:
    """Write the records that did not come over to a CSV file or Excel workbook; return how many.

    Records that came over since, e.g. in a retry, are left out.

    :param recipe: of the run as it is now, for the columns' titles; None where it is gone.
    :raises SetupError: the file is of another kind, or can't be written.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_workbook}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise SetupError(
            f"'{path.name}' is neither a CSV file nor an Excel workbook.",
            hint="Give a name that ends with .csv or .xlsx.",
        )
    titles = _titles(host, recipe)
    names = _names(store, run, titles)
    try:
        return writer(path, _rows(store, run, names, titles))
    except OSError as error:
        raise SetupError(f"'{path}' can't be written: {error.strerror}.") from error


def has_rejected(store: Store, run: Run) -> bool:
    """Say whether there is anything to write."""
    return next(_open_records(store, run), None) is not None


def _rows(
    store: Store, run: Run, names: Sequence[str], titles: Mapping[str, str]
) -> Iterator[list[str]]:
    yield [*(titles.get(name, name) for name in names), *EXPLAINED]
    for entry, source in _open_records(store, run):
        values = dict(_flat(source))
        yield [
            *(_text(values.get(name)) for name in names),
            entry.key,
            redact(entry.reason or ""),
            redact(entry.how_to_fix or ""),
        ]


def _open_records(store: Store, run: Run) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
    """Yield what is still open of the run, with what was read of it."""
    page: list[Entry] = []
    for entry in stream_entries(store, run.id, outcomes=NOT_OVER):
        page.append(entry)
        if len(page) == PAGE:
            yield from _with_sources(store, run, page)
            page = []
    yield from _with_sources(store, run, page)


def _with_sources(
    store: Store, run: Run, page: Sequence[Entry]
) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
    if not page:
        return
    table = open_problems.c
    query = select(table.record_key, table.source).where(
        table.recipe == run.recipe, among(table.record_key, "keys")
    )
    with store.reading() as connection:
        rows = connection.execute(query, {"keys": [entry.key for entry in page]})
        found: dict[str, bytes] = dict(rows.all())
    for entry in page:
        if (sealed := found.get(entry.key)) is not None:
            source = store.vault.open(sealed)
            yield entry, source if isinstance(source, Mapping) else {"value": source}


def _titles(host: Host, recipe: Recipe | None) -> dict[str, str]:
    """Return the titles of the source's columns by their names, as far as they are known."""
    if recipe is None or recipe.further:
        return {}
    use = recipe.trigger
    trigger = host.operation(use.use.value)
    if not isinstance(trigger, Trigger) or trigger.schema is None:
        return {}
    schema = records_of(host, trigger, use.fields, recipe.path.parent, use.connection_name)
    return {
        name: str(part.get("title") or name)
        for name, part in schema.get("properties", {}).items()
        if name not in NOT_OF_THE_FILE
    }


def _names(store: Store, run: Run, titles: Mapping[str, str]) -> list[str]:
    """Return the fields that the records have, those with titles first."""
    names = dict.fromkeys(titles)
    for _, source in _open_records(store, run):
        names |= dict.fromkeys(name for name, _ in _flat(source))
    return [name for name in names if name not in NOT_OF_THE_FILE]


def _flat(source: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in source.items():
        value = in_words(value)
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}", value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)


def _write_csv(path: Path, rows: Iterator[list[str]]) -> int:
    """Write what spreadsheets open well; cells that look like formulas get a ' before them."""
    count = -1
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow(
                ["'" + text if text.startswith(FORMULA_STARTS) else text for text in row]
            )
            count += 1
    return count


def _write_workbook(path: Path, rows: Iterator[list[str]]) -> int:
    from openpyxl import Workbook  # here, because it takes 0.1 s
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Not imported")
    count = -1
    for row in rows:
        cells = []
        for text in row:
            clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:32_767]
            cell = WriteOnlyCell(sheet, clean.encode("utf-8", "replace").decode())
            cell.data_type = "s"  # never a formula
            cells.append(cell)
        sheet.append(cells)
        count += 1
    book.save(path)
    return count
