"""An Excel workbook that rows are written to: made here, and from then on kept up to date.

Every cell is text, so ``00042`` stays as it is and nothing is a formula. A workbook that somebody
else made is never written to: its formats, formulas and further sheets would be lost.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from engine.sdk import SetupError
from plugins.csv.options import Options
from plugins.csv.source import at_path
from plugins.csv.table import Grid

#: What Excel takes (its published limits).
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_576
MAKER = "Bridgework"
ENDINGS = (".xlsx", ".xlsm")

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class WorkbookSheet:
    """The only sheet of a workbook; see :class:`plugins.csv.writing.sheet.Sheet`.

    :param titles: its header; empty while there is no file.
    """

    path: Path
    exists: bool
    titles: tuple[str, ...]

    #: A workbook is written anew as a whole.
    grows = False
    #: Text cells are never formulas.
    runs_formulas = False

    def problem(self, text: str) -> str:
        """Say why a text can't be in a cell; empty where it can."""
        if len(text) > LONGEST_CELL:
            return f"A text of {len(text):,} characters is longer than a cell of Excel may be."
        if found := _NOT_IN_XML.search(text):
            return f"{found[0]!r} can't be in a workbook's cell."
        return ""

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows below the header."""
        if not self.exists:
            return
        grid = _grid(self.path)
        for row in grid.rows():
            if isinstance(row, tuple):
                yield row[1]

    def write_to(self, path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a whole workbook to ``path``; one row at a time is in memory.

        :raises OSError: it would have more rows than Excel takes.
        """
        from openpyxl import Workbook  # here, because it takes 0.1 s and few recipes need it
        from openpyxl.cell import WriteOnlyCell

        def cells(row: Sequence[str]) -> list[WriteOnlyCell]:
            made = []
            for text in row:
                cell = WriteOnlyCell(sheet, text)
                cell.data_type = "s"  # else a text that begins with = would be a formula
                made.append(cell)
            return made

        book = Workbook(write_only=True)
        book.properties.creator = MAKER
        sheet = book.create_sheet("Rows")
        sheet.append(cells(header))
        for number, row in enumerate(rows, start=2):
            if number > MOST_ROWS:
                raise OSError(27, f"a workbook has {MOST_ROWS:,} rows at most")
            sheet.append(cells(row))
        book.save(path)

    def addition(self, rows: Iterable[Sequence[str]]) -> bytes:
        raise NotImplementedError("a workbook is written as a whole")


def workbook_at(path: Path) -> WorkbookSheet:
    """Look at the workbook at ``path``, which may not be there yet.

    :raises SetupError: somebody else made it, or it is no workbook.
    """
    if not path.exists() or path.stat().st_size == 0:
        return WorkbookSheet(path, False, ())
    try:
        with ZipFile(path) as archive, archive.open("docProps/core.xml") as opened:
            maker = re.search(
                r"creator[^>]*>([^<]*)<", opened.read(100_000).decode("utf-8", "replace")
            )
    except (BadZipFile, KeyError, OSError):
        maker = None
    if maker is None or maker[1] != MAKER:
        raise SetupError(
            f"'{path.name}' was not made by Bridgework, so nothing is written to it: its formats, "
            "formulas and further sheets would be lost.",
            hint="Write to a file of another name, or to a CSV file.",
        )
    grid = _grid(path)
    return WorkbookSheet(path, True, tuple(grid.titles))


def _grid(path: Path) -> Grid:
    from plugins.csv.workbook.reading import workbook_grid  # here: most files are no workbooks

    return workbook_grid(at_path(path), Options(header="first line", header_row=1))
