"""Which character stands between cells, and how cells are quoted."""

import csv
import re
from io import StringIO
from typing import TypedDict

from plugins.csv.delimited.lines import UNDECODABLE

#: Lines looked at.
SAMPLE_LINES = 100
DELIMITERS = (",", ";", "\t", "|", "^", "~")

_LONG_RUN = re.compile(r"""([^,;\t|^~"'\\\r\n]{100})[^,;\t|^~"'\\\r\n]+""")


class Dialect(TypedDict):
    """The csv module's own parameters."""

    delimiter: str
    quotechar: str
    escapechar: str | None
    skipinitialspace: bool


def dialect_of(text: str, delimiter: str | None) -> Dialect:
    """Return the csv parameters that fit ``text``.

    A delimiter that cuts every line into as many cells as the header is taken; where there is
    none, or more than one, clevercsv weighs what the cells look like. The comma stands in.
    """
    beginning = _beginning_of_cells("".join(text.splitlines(keepends=True)[:SAMPLE_LINES]))
    fitting = [delimiter] if delimiter else [d for d in DELIMITERS if _fits(beginning, d)]
    dialect = Dialect(
        delimiter=fitting[0] if len(fitting) == 1 else _weighed(beginning, fitting),
        quotechar="'" if _single_quoted(beginning) else '"',
        escapechar=None,
        skipinitialspace=False,
    )
    rows = _strict_rows(beginning, dialect)
    if f"{dialect['delimiter']} {dialect['quotechar']}" in beginning:
        spaced = Dialect(**{**dialect, "skipinitialspace": True})
        spaced_rows = _strict_rows(beginning, spaced)
        if len(spaced_rows) > len(rows) or _unquoted(rows, spaced_rows, dialect["quotechar"]):
            dialect, rows = spaced, spaced_rows
    if '\\"' in beginning:
        escaped = Dialect(**{**dialect, "escapechar": "\\"})
        if len(_strict_rows(beginning, escaped)) > len(rows):
            dialect = escaped
    return dialect


def _weighed(text: str, fitting: list[str]) -> str:
    import clevercsv  # here, because it takes 0.2 s and most files leave nothing to weigh

    found = clevercsv.Detector().detect(text, delimiters=fitting or list(DELIMITERS))
    return (found and found.delimiter) or (fitting[0] if fitting else ",")


def _beginning_of_cells(text: str) -> str:
    """Shorten what can't hold a delimiter: clevercsv's time grows with the square of a cell.

    It takes neither NUL characters nor lone surrogates.
    """
    return _LONG_RUN.sub(r"\1", text.replace("\0", "").replace(UNDECODABLE, ""))


def _fits(text: str, delimiter: str) -> bool:
    try:
        widths = {len(row) for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter)}
    except csv.Error:  # a cell beyond the csv module's limit
        return False
    widths.discard(0)  # blank lines
    return len(widths) == 1 and widths != {1}


def _single_quoted(text: str) -> bool:
    """Say whether ' quotes cells: the header is quoted too then, and " is not used at all."""
    header = text.lstrip().partition("\n")[0].strip()
    return '"' not in text and len(header) > 1 and header[0] == header[-1] == "'"


def _strict_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """Return the rows as wide as the header, up to where quotation marks stop making sense."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), strict=True, **dialect):
            if row and (not rows or len(row) == len(rows[0])):
                rows.append(row)
    except csv.Error:
        pass
    return rows


def _unquoted(plain: list[list[str]], spaced: list[list[str]], quote: str) -> bool:
    """Say whether a cell loses its quotation marks once the space before it is passed over."""
    return any(
        cell.startswith(" " + quote) and not without.startswith(" ")
        for row, row_without in zip(plain, spaced, strict=False)
        for cell, without in zip(row, row_without, strict=False)
    )
