"""A file that rows are written to: how it is written now, or is going to be."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

from plugins.csv.delimited.detect import layout_of
from plugins.csv.delimited.dialect import Dialect
from plugins.csv.source import at_path
from plugins.csv.writing.workbook import ENDINGS, WorkbookSheet, workbook_at

#: Spreadsheets take a file for UTF-8 only with a byte order mark, and expect CR LF (RFC 4180).
NEW_ENCODING = "utf-8-sig"
NEW_LINE = "\r\n"


@dataclass(frozen=True)
class Sheet:
    """How a file is or will be written.

    :param titles: its header; empty while there is no file.
    :param encoding: for the whole file, with a byte order mark where it has one.
    :param bare_encoding: for what is added at its end.
    :param skip: lines above the header, i.e. a ``sep=`` line.
    """

    path: Path
    exists: bool
    titles: tuple[str, ...]
    dialect: Dialect
    encoding: str
    bare_encoding: str
    newline: str = NEW_LINE
    skip: int = 0

    #: Rows can be added at its end.
    grows = True
    #: Spreadsheets take some texts for formulas.
    runs_formulas = True

    def problem(self, text: str) -> str:
        """Say why a text can't be written; empty where it can."""
        try:
            text.encode(self.bare_encoding)
        except UnicodeEncodeError as error:
            return f"{error.object[error.start]!r} can't be written in {self.bare_encoding}."
        return ""

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows below the header as they are, also such as don't fit it.

        :raises csv.Error: a cell is longer than the csv module takes.
        """
        if not self.exists:
            return
        # undecodable bytes pass through, to be written back as they were
        with self.path.open(encoding=self.encoding, errors="surrogateescape", newline="") as file:
            for _ in range(self.skip):
                file.readline()
            yield from islice(csv.reader(file, **self.dialect), 1, None)

    def write_to(self, path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a whole file to ``path``, in the manner of this one."""
        with path.open("w", encoding=self.encoding, errors="surrogateescape", newline="") as file:
            if self.skip:
                file.write(f"sep={self.dialect['delimiter']}{self.newline}")
            writer = csv.writer(file, lineterminator=self.newline, **self.dialect)
            writer.writerow(header)
            writer.writerows(rows)

    def addition(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Return the bytes that add ``rows`` at the end of this file."""
        text = StringIO(newline="")
        csv.writer(text, lineterminator=self.newline, **self.dialect).writerows(rows)
        line_ends = tuple(end.encode(self.bare_encoding) for end in "\r\n")
        with self.path.open("rb") as file:
            file.seek(-min(4, self.path.stat().st_size), 2)
            ended = file.read().endswith(line_ends)
        return (("" if ended else self.newline) + text.getvalue()).encode(self.bare_encoding)


def sheet_at(
    path: Path, columns: Collection[str], delimiter: str | None, encoding: str | None
) -> Sheet | WorkbookSheet:
    """Look at the file at ``path``; what the arguments leave open, an existing file decides.

    :param columns: what is going to be written; they tell which delimiter a header has.
    :raises SetupError: there is something there that is no CSV file.
    """
    if path.suffix.lower() in ENDINGS:
        return workbook_at(path)
    if not path.exists() or path.stat().st_size == 0:
        encoding = encoding or NEW_ENCODING
        dialect = Dialect(
            delimiter=delimiter or ",", quotechar='"', escapechar=None, skipinitialspace=False
        )
        return Sheet(path, False, (), dialect, encoding, encoding)
    # a few rows can look as if they had another delimiter; the header's names settle it
    for candidate in [delimiter] if delimiter else [",", ";", "\t", "|", None]:
        layout = layout_of(
            at_path(path), delimiter=candidate, encoding=encoding, header="first line"
        )
        titles = {title.casefold() for title in layout.titles}
        if not titles.isdisjoint(map(str.casefold, columns)):
            break
    with path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        newline = NEW_LINE if file.readline().endswith(NEW_LINE) else "\n"
    return Sheet(
        path,
        True,
        layout.titles,
        layout.dialect,
        layout.encoding,
        layout.bare_encoding,
        newline,
        layout.skip,
    )
