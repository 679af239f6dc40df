"""Rows of an Excel workbook, read by calamine: one sheet is in memory, about 100 bytes a cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
    load_workbook,
)

from engine.sdk import SetupError
from plugins.csv.delimited.dialect import SAMPLE_LINES
from plugins.csv.delimited.records import EXCERPT, Unusable
from plugins.csv.header import header_of
from plugins.csv.options import Options
from plugins.csv.source import Source
from plugins.csv.workbook.cells import as_text
from plugins.csv.workbook.kind import COMPOUND, ZIP
from plugins.csv.workbook.parts import chosen, part_of
from plugins.csv.workbook.safety import Noted, damaged, looked_into

#: Bytes of a workbook's file; the reader takes it into memory.
LARGEST_FILE = 300_000_000
#: Rows in which a header is looked for.
HEADER_WITHIN = 20

Row = list[Any]


@dataclass(frozen=True)
class WorkbookGrid:
    """The rows of one sheet.

    :param skip: rows up to and including the header.
    """

    name: str
    titles: Sequence[str]
    skip: int
    sheet: CalamineSheet
    noted: Noted = field(repr=False)

    def rows(self) -> Iterator[tuple[int, list[str]] | Unusable]:
        width = len(self.titles)
        for number, cells in _texts(self.sheet, self.noted):
            if number < self.skip or not any(map(str.strip, cells)):
                wrong = self._error(number, cells) if number >= self.skip else None
                if wrong is not None:
                    yield wrong
                continue
            if (wrong := self._error(number, cells)) is not None:
                yield wrong
                continue
            if len(cells) > width and any(cells[width:]):
                yield _unusable(
                    number,
                    cells,
                    f"Row {number + 1} has a cell beyond the header's {width} columns.",
                    "too_many_cells",
                    "Give its column a title, or empty the cell.",
                )
                continue
            yield number + 1, [*cells[:width], *[""] * (width - len(cells))]

    def _error(self, number: int, cells: list[str]) -> Unusable | None:
        if not self.noted.errors:
            return None
        first = 0 if self.sheet.start is None else self.sheet.start[1]
        for place, title in enumerate(self.titles):
            if (number, first + place) in self.noted.errors:
                return _unusable(
                    number,
                    cells,
                    f"{title!r} in row {number + 1} holds an error, such as #REF! or #N/A.",
                    "formula_error",
                    "Correct the formula in the workbook.",
                )
        return None


def workbook_grid(source: Source, options: Options) -> WorkbookGrid:
    """Open a workbook's sheet and find its header.

    :raises SetupError: it is damaged, protected, too large, or has no such sheet.
    """
    file = _in_memory(source)
    noted = Noted()
    if _begins(file, ZIP):
        noted = looked_into(file, source.name, part_of(file, source.name, options.sheet))
    workbook = _opened(file, source.name)
    sheet = _sheet(workbook, source.name, options.sheet)
    rows = list(islice(_texts(sheet, noted), SAMPLE_LINES + (options.header_row or 0)))
    top = _header_row(rows, options.header_row)
    below = [cells for number, cells in rows if number > top and any(cells)]
    first = next((cells for number, cells in rows if number == top), [])
    if not any(first):
        where = f"row {options.header_row} of it" if options.header_row else "it"
        raise SetupError(
            f"The sheet {sheet.name!r} of '{source.name}' is empty"
            + (f" at row {options.header_row}." if options.header_row else "."),
            hint=f"Look at {where} in Excel, or name another sheet with `sheet:`.",
        )
    while first and not first[-1].strip():
        first.pop()
    titles, has_header = header_of(source.name, options.header, first, below)
    return WorkbookGrid(source.name, titles, top + 1 if has_header else top, sheet, noted)


def _in_memory(source: Source) -> BinaryIO:
    kept = BytesIO()
    with source.open() as file:
        while piece := file.read(1 << 20):
            kept.write(piece)
            if kept.tell() > LARGEST_FILE:
                raise SetupError(
                    f"The workbook '{source.name}' is larger than {LARGEST_FILE / 1e6:.0f} MB.",
                    hint="Save it as CSV, which may be of any size.",
                )
    return kept


def _opened(file: BinaryIO, name: str) -> CalamineWorkbook:
    file.seek(0)
    try:
        return load_workbook(file)
    except PasswordError as error:
        raise _protected(name) from error
    except CalamineError as error:
        if _holds(file, "EncryptedPackage"):  # ECMA-376, [MS-OFFCRYPTO]
            raise _protected(name) from error
        if not (_holds(file, "Workbook") or _holds(file, "Book")) and _begins(file, COMPOUND):
            raise SetupError(
                f"'{name}' is an Office document, but no workbook.",
                hint="Save or export it as CSV or as a workbook (.xlsx).",
            ) from error
        raise damaged(name) from error
    except BaseException as error:  # what the reader calls a panic is no Exception
        if type(error).__name__ == "PanicException":
            raise damaged(name) from error
        raise


def _holds(file: BinaryIO, stream: str) -> bool:
    """Say whether a compound file has a stream of this name."""
    file.seek(0)
    return stream.encode("utf-16-le") in file.read()


def _begins(file: BinaryIO, mark: bytes) -> bool:
    file.seek(0)
    return file.read(len(mark)) == mark


def _protected(name: str) -> SetupError:
    return SetupError(
        f"The workbook '{name}' is protected by a password, so it can't be read.",
        hint="Save it without a password (in Excel: File, Info, Protect Workbook, Encrypt with "
        "Password: empty the field).",
    )


def _sheet(workbook: CalamineWorkbook, name: str, wanted: str | None) -> CalamineSheet:
    title = _title(workbook, name, wanted)
    try:
        return workbook.get_sheet_by_name(title)
    except (CalamineError, ValueError) as error:
        raise damaged(name) from error


def _title(workbook: CalamineWorkbook, name: str, wanted: str | None) -> str:
    names = workbook.sheet_names
    sheets = workbook.sheets_metadata
    visible = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    title = chosen(names, visible, wanted)
    if title is None and wanted is None:
        raise SetupError(f"'{name}' has no sheets.", hint="Export it again.")
    if title is None:
        shown = ", ".join(f"'{one}'" for one in names[:20])
        raise SetupError(f"'{name}' has no sheet {wanted!r}.", hint=f"Its sheets are: {shown}.")
    return title


def _texts(sheet: CalamineSheet, noted: Noted) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each row, from 0, and its cells as text;
    what is merged over several rows stands in each.
    """
    start = sheet.start
    if start is None:
        return
    first = start[1]
    merged = _merged(sheet, first)
    carried: dict[int, tuple[int, str]] = {}  # column → last row and text of a merged cell
    for number, row in enumerate(sheet.iter_rows()):
        if noted.zeros:
            zeros = noted.zeros
            cells = [
                as_text(value, zeros.get((number, first + place), 0))
                for place, value in enumerate(row)
            ]
        else:
            cells = [value if type(value) is str else as_text(value) for value in row]
        for left, bottom in merged.get(number, ()):
            if left < len(cells):
                carried[left] = bottom, cells[left]
        for place, (bottom, text) in list(carried.items()):
            if number <= bottom and place < len(cells):
                cells[place] = text
            if number >= bottom:
                del carried[place]
        yield number, cells


def _merged(sheet: CalamineSheet, first: int) -> dict[int, list[tuple[int, int]]]:
    """Return by its first row each area merged over several rows: its column and last row."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and left >= first:
            found.setdefault(top, []).append((left - first, bottom))
    return found


def _header_row(rows: list[tuple[int, list[str]]], wanted: int | None) -> int:
    """Return the row of the header, from 0; a title alone in its row stands above it."""
    if wanted is not None:
        return wanted - 1
    filled = [(number, sum(map(bool, cells)), len(set(cells) - {""})) for number, cells in rows]
    some = [one for one in filled if one[1]][:HEADER_WITHIN]
    if not some:
        return 0
    widest = max(count for _, count, _ in some)
    if widest < 3:
        return some[0][0]
    return next(number for number, count, texts in some if texts > 1 or count == widest)


def _unusable(number: int, cells: list[str], reason: str, code: str, hint: str) -> Unusable:
    text = " | ".join(cells)
    return Unusable(number + 1, reason, code, hint, text[:EXCERPT])
