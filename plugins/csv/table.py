"""A file as a table: its columns, and its rows one after the other, whatever its format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from engine.sdk import BadRecord, Record, SetupError
from plugins.csv.columns import Column, named, position
from plugins.csv.delimited.detect import Layout, layout_of
from plugins.csv.delimited.reading import rows as delimited_rows
from plugins.csv.delimited.records import Unusable
from plugins.csv.fields import codec_name, delimiter_character
from plugins.csv.options import Options
from plugins.csv.source import Source, readable
from plugins.csv.workbook.kind import is_workbook

#: What spreadsheets take for the beginning of a formula.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
#: Begins the titles of columns that a file of rejected rows has besides its own.
OURS = "Bridgework: "
#: The column by which rows that are imported again are known.
KEY_TITLE = OURS + "key"


class Grid(Protocol):
    """Rows of cells below a header."""

    @property
    def titles(self) -> Sequence[str]: ...

    def rows(self) -> Iterator[tuple[int, list[str]] | Unusable]:
        """Yield ``(line, cells)``, as many cells as titles; blank rows are passed over."""
        ...


@dataclass(frozen=True)
class Table:
    """The rows of one file.

    :param name: the file's.
    """

    name: str
    grid: Grid

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that records have."""
        return tuple(column for _, column in self._used)

    @cached_property
    def _used(self) -> list[tuple[int, Column]]:
        every = named(self.grid.titles)
        return [(n, column) for n, column in enumerate(every) if not _is_ours(column.title)]

    def records(self, key: str | None, prefix: str = "") -> Iterator[Record | BadRecord]:
        """Yield a record of every row.

        :param key: the column that tells rows apart; None: the number of the line.
        :param prefix: what keys begin with that are numbers of lines.
        """
        places = [n for n, _ in self._used]
        all_used = places == list(range(len(self.grid.titles)))
        names = ("key", "line", *(column.name for column in self.columns))
        key_place = self._key_place(key)
        ours = KEY_TITLE in self.grid.titles
        header = list(self.grid.titles)
        for row in self.grid.rows():
            if isinstance(row, Unusable):
                yield BadRecord(
                    key=f"{prefix}{row.start}" if key is None else f"line {prefix}{row.start}",
                    reason=row.reason,
                    code=row.code,
                    hint=row.hint,
                    label=f"line {row.start}",
                    source={"line": row.start, "text": row.text},
                )
                continue
            line, cells = row
            if cells == header:  # two files, one after the other
                continue
            value = f"{prefix}{line}" if key_place is None else cells[key_place].strip()
            if not value and key is None:
                value = f"{prefix}{line}"
            kept = cells if all_used else [cells[place] for place in places]
            if ours:
                kept = [_without_mark(text) for text in kept]
            record = dict(zip(names, (value, line, *kept), strict=True))
            if value:
                yield record
            else:
                yield BadRecord(
                    key=f"line {prefix}{line}",
                    reason=f"Line {line} has no {key!r}, the column that tells rows apart.",
                    code="missing_key",
                    hint="Fill the cell in, or choose another key column.",
                    label=f"line {line}",
                    source=record,
                )

    def check_key(self, key: str | None) -> None:
        """Look that there is such a column.

        :raises SetupError: there is none.
        """
        self._key_place(key)

    def _key_place(self, key: str | None) -> int | None:
        if key is None:  # rows that were rejected carry the key they had
            titles = list(self.grid.titles)
            return titles.index(KEY_TITLE) if KEY_TITLE in titles else None
        return self._used[position(self.columns, key, self.name)][0]


@dataclass(frozen=True)
class _Lines:
    source: Source
    layout: Layout

    @property
    def titles(self) -> Sequence[str]:
        return self.layout.titles

    def rows(self) -> Iterator[tuple[int, list[str]] | Unusable]:
        return delimited_rows(self.source, self.layout)


def table_of(source: Source, options: Options) -> Table:
    """Look at a file and return its table.

    :raises SetupError: it can't be read, is empty, or is something else.
    """
    with readable(source.name):
        if is_workbook(source):
            from plugins.csv.workbook.reading import workbook_grid

            return Table(source.name, workbook_grid(source, options))
        if options.sheet is not None:
            raise SetupError(
                f"'{source.name}' is no workbook, so it has no sheet {options.sheet!r}.",
                hint="Remove `sheet:`, or give an Excel workbook (.xlsx).",
            )
        layout = layout_of(
            source,
            delimiter=delimiter_character(options.delimiter),
            encoding=codec_name(options.encoding),
            header=options.header,
            header_row=options.header_row,
        )
        return Table(source.name, _Lines(source, layout))


def _without_mark(text: str) -> str:
    """Return a cell of a file of rejected rows without the ' that keeps it from being a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS and text[1:2] else text


def _is_ours(title: str) -> bool:
    return title.strip().startswith(OURS.strip())
