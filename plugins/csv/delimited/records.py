"""Rows of cells out of lines of text; a row that can't be read costs itself, not the file.

The csv module reads strictly, so that a quotation mark that is never closed is noticed instead of
swallowing what follows: its line is given up and reading goes on with the next one.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from plugins.csv.delimited.dialect import Dialect
from plugins.csv.delimited.lines import UNDECODABLE, Lines, RecordTooLongError

#: Lines that may be read again after a stray quotation mark, and how many more for each line of
#: the file: a file full of them must not cost the square of its length.
REREAD_LINES = 100_000
REREAD_PER_LINE = 10
#: Characters of an unusable row that are kept for the report.
EXCERPT = 1000


@dataclass(frozen=True)
class Unusable:
    """Lines that can't be read as a row.

    :param start: number of the first line.
    :param text: how they begin, fit for a report.
    """

    start: int
    reason: str
    code: str
    hint: str
    text: str


def records(lines: Lines, dialect: Dialect) -> Iterator[tuple[int, int, list[str]] | Unusable]:
    """Yield ``(first line, last line, cells)`` for every row that isn't blank."""
    end = lines.row_start - 1
    read_again = 0
    while True:
        before = end
        reader = csv.reader(lines, strict=True, **dialect)
        try:
            for cells in reader:
                start, end = end + 1, before + reader.line_num
                if any(cells):
                    yield start, end, cells
                lines.row_start = end + 1
            return
        except csv.Error:
            start, last = end + 1, before + reader.line_num
            end = start
            if start == last and (lenient := _leniently(lines.text(start, start)[0], dialect)):
                yield start, start, lenient
            else:
                # what the quotation mark swallowed is read again, line by line
                read_again += last - start
                if read_again > REREAD_LINES + REREAD_PER_LINE * start:
                    end = last
                yield _broken_quotes(lines, start, end)
        except RecordTooLongError:
            start, end = end + 1, lines.last
            yield unusable(
                lines,
                start,
                end,
                f"The row on line {start} doesn't end: it runs on to line {end}.",
                "row_too_long",
                "Look for a quotation mark that is not closed.",
            )
        lines.go_back_to(end + 1)


def unusable(
    lines: Lines, start: int, end: int, reason: str, code: str, hint: str = ""
) -> Unusable:
    """Describe the lines from ``start`` to ``end``, of which the beginning is kept."""
    text = ""
    for line in lines.text(start, end):
        text += line[: EXCERPT - len(text)]
        if len(text) >= EXCERPT:
            text = text[: EXCERPT - 1] + "…"
            break
    readable = text.rstrip("\r\n").replace(UNDECODABLE, "\ufffd").replace("\0", "\u2400")
    return Unusable(start, reason, code, hint, readable)


def _leniently(line: str, dialect: Dialect) -> list[str] | None:
    """Read a single line with text beside its quotation marks; None when that isn't its fault."""
    reader = csv.reader([line, ""], **dialect)
    try:
        cells = next(reader)
    except csv.Error:  # a cell beyond the csv module's limit
        return None
    return cells if reader.line_num == 1 else None  # else a quotation mark is left open


def _broken_quotes(lines: Lines, start: int, end: int) -> Unusable:
    limit = csv.field_size_limit()
    if len(lines.text(start, start)[0]) > limit:
        return unusable(
            lines,
            start,
            end,
            f"A cell on line {start} is longer than {limit:,} characters.",
            "cell_too_long",
            "Shorten the cell, or look for a quotation mark that is not closed.",
        )
    given_up = f" Nothing up to line {end} can be read." if end > start else ""
    return unusable(
        lines,
        start,
        end,
        f"A quotation mark on line {start} is not closed.{given_up}",
        "open_quote",
        'Close it, or write "" for a quotation mark that belongs to the text.',
    )
