"""Rows of a CSV file, streamed: memory stays the same whatever the file's size."""

from collections.abc import Iterator
from io import TextIOWrapper
from typing import TextIO

from plugins.csv.delimited.detect import Layout
from plugins.csv.delimited.encoding import MARK_UNDECODABLE
from plugins.csv.delimited.lines import LINE_LIMIT, UNDECODABLE, Lines
from plugins.csv.delimited.records import Unusable, records, unusable
from plugins.csv.source import Source, readable


def rows(source: Source, layout: Layout) -> Iterator[tuple[int, list[str]] | Unusable]:
    """Yield ``(line, cells)`` for every row below the header; blank rows are passed over.

    A row always has as many cells as the header; what has not, or is damaged, comes as
    :class:`Unusable`.
    """
    with readable(source.name), _opened(source, layout) as file:
        for _ in range(layout.skip):
            file.readline()
        lines = Lines(file.read, first=layout.skip + 1)
        width = len(layout.titles)
        found = records(lines, layout.dialect)
        if layout.has_header:
            next(found, None)
        for row in found:
            if isinstance(row, Unusable):
                yield row
                continue
            start, end, cells = row
            if len(cells) != width and not _fit(cells, width):
                yield _ragged(lines, start, end, len(cells), width)
            elif lines.damaged and (damage := _damage(lines, start, end, cells, layout)):
                yield damage
            else:
                yield start, cells


def _opened(source: Source, layout: Layout) -> TextIO:
    return TextIOWrapper(
        source.open(), encoding=layout.encoding, errors=MARK_UNDECODABLE, newline=""
    )


def _fit(cells: list[str], width: int) -> bool:
    """Cut blank cells beyond the header, which a trailing delimiter makes."""
    if len(cells) < width or any(cells[width:]):
        return False
    del cells[width:]
    return True


def _ragged(lines: Lines, start: int, end: int, count: int, width: int) -> Unusable:
    if count < width:
        return unusable(
            lines,
            start,
            end,
            f"Line {start} has {count} of {width} cells.",
            "too_few_cells",
            "Look for a missing delimiter.",
        )
    return unusable(
        lines,
        start,
        end,
        f"Line {start} has {count} cells where the header has {width}.",
        "too_many_cells",
        "A text that contains the delimiter must stand in quotation marks.",
    )


def _damage(
    lines: Lines, start: int, end: int, cells: list[str], layout: Layout
) -> Unusable | None:
    if not lines.cut.isdisjoint(range(start, end + 1)):
        return unusable(
            lines,
            start,
            end,
            f"Line {start} is longer than {LINE_LIMIT:,} characters.",
            "line_too_long",
            "Look for line breaks that are missing.",
        )
    for cell, column in zip(cells, layout.columns, strict=True):
        if UNDECODABLE in cell:
            return unusable(
                lines,
                start,
                end,
                f"{column.title or column.name!r} on line {start} holds bytes that are no "
                f"{_encoding_name(layout.encoding)} text.",
                "wrong_encoding",
                "Save the file as UTF-8, or give its `encoding`, e.g. windows-1252.",
            )
        if "\0" in cell:
            return unusable(
                lines,
                start,
                end,
                f"{column.title or column.name!r} on line {start} holds a NUL character.",
                "nul_character",
                "The file is damaged here: export it again.",
            )
    return None


def _encoding_name(encoding: str) -> str:
    return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}.get(encoding, encoding.upper())
