"""Rows into a CSV file: appended, or each in place of the earlier row with its key."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.sdk import Accepted, Rejected, RemoteError, RetryableError, RowResult
from plugins.csv.writing.keys import keys_in, remember
from plugins.csv.writing.locking import LockedFile, locked
from plugins.csv.writing.sent import is_there
from plugins.csv.writing.sheet import Sheet, sheet_at
from plugins.csv.writing.workbook import WorkbookSheet

#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A signed number is no formula; E.164 phone numbers are such numbers too.
SIGNED_NUMBER = re.compile(r"[+-]\d+([.,]\d+)*")


@dataclass(frozen=True)
class Style:
    """What a recipe says about the file; None leaves it to the file that is there.

    :param plain: write cells that look like formulas as they are.
    """

    delimiter: str | None = None
    encoding: str | None = None
    plain: bool = False


def without_formula(text: str) -> str:
    """Put ``'`` before text that a spreadsheet would run as a formula."""
    if text.startswith(FORMULA_STARTS) and not SIGNED_NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_rows(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    style: Style,
    *,
    key_column: str | None = None,
    sent_as: Sequence[str] = (),
) -> list[RowResult]:
    """Write rows, each a mapping of column to text; the answers stand in the same order.

    :param key_column: a row takes the place of those with the same text in this column; None
        appends all.
    :param sent_as: a key for each row, by which :func:`was_written` knows it again.
    :raises RetryableError: the file can't be written to now.
    :raises RemoteError: what is in the file can't be rewritten.
    :raises SetupError: there is something at ``path`` that is no CSV file.
    """
    try:
        with locked(path) as file:
            mentioned = {column for row in rows for column in row}
            sheet = sheet_at(file.path, mentioned, style.delimiter, style.encoding)
            batch = _Batch(sheet, style, key_column)
            results = [batch.take(row) for row in rows]
            pairs = zip(sent_as, results, strict=False)
            batch.save(file, [key for key, result in pairs if isinstance(result, Accepted)])
            return results
    except OSError as error:
        raise RetryableError(
            f"'{path.name}' can't be written: {error.strerror}.",
            hint="Close it in other programs, and check the folder's rights and the disk's space.",
        ) from error
    except (csv.Error, UnicodeError) as error:
        raise RemoteError(
            f"'{path.name}' can't be rewritten, because it is damaged.",
            hint="Open and save it in a spreadsheet, or write to another file.",
        ) from error


def was_written(path: Path, sent_as: str) -> bool:
    """Return whether the row that was sent with this key is in the file.

    :raises RetryableError: that can't be seen now.
    """
    try:
        with locked(path) as file:  # which looks first what a crash left
            return is_there(file.path, sent_as)
    except OSError as error:
        raise RetryableError(
            f"'{path.name}' can't be looked at: {error.strerror}.",
            hint="Check the folder's rights.",
        ) from error


class _Batch:
    """Rows on their way into a sheet, as ``{place in the header: text}``."""

    def __init__(self, sheet: Sheet | WorkbookSheet, style: Style, key_column: str | None) -> None:
        self._sheet = sheet
        self._safe = str if style.plain or not sheet.runs_formulas else without_formula
        self._key_column = None if key_column is None else self._safe(key_column)
        self._header = list(sheet.titles)
        self._places: dict[str, int] = {}
        for place, title in enumerate(sheet.titles):
            self._places.setdefault(title.casefold(), place)
        self._known = set[str]() if self._key_place is None else keys_in(sheet, self._key_place)
        self._new: list[dict[int, str]] = []
        self._new_by_key: dict[str, dict[int, str]] = {}
        self._changed: dict[str, dict[int, str]] = {}

    @property
    def _key_place(self) -> int | None:
        """The key column's place; None while the header doesn't have it, or without a key."""
        return None if self._key_column is None else self._places.get(self._key_column.casefold())

    def take(self, row: Mapping[str, str]) -> RowResult:
        """Take a row in, or say why it can't be written."""
        columns = {self._safe(name.strip()): self._safe(text) for name, text in row.items()}
        key = self._key_of(columns)
        if problem := self._problem(columns, key):
            return problem
        cells = {self._place(column): text for column, text in columns.items()}
        created = self._put(key, cells)
        answer = {"file": self._sheet.path.name, "columns": columns}
        return Accepted(answer, id=key, created=created)

    def save(self, file: LockedFile, sent_as: Sequence[str]) -> None:
        """Append where nothing that is there changes; else write the file anew."""
        if not self._new and not self._changed:
            return
        new = [self._laid_out(cells) for cells in self._new]
        widened = len(self._header) > len(self._sheet.titles)
        if self._changed or widened or not self._sheet.grows:
            with file.replaced(sent_as) as path:
                self._sheet.write_to(path, self._header, chain(self._old_rows(), new))
        else:
            file.append(self._sheet.addition(new), sent_as)
        if self._key_place is not None:
            self._known.update(self._new_by_key)
            remember(file.path, self._key_place, self._known)

    def _key_of(self, columns: Mapping[str, str]) -> str | None:
        if self._key_column is None:
            return None
        plain = self._key_column.casefold()
        return next(
            (text.strip() for name, text in columns.items() if name.casefold() == plain), ""
        )

    def _problem(self, columns: Mapping[str, str], key: str | None) -> Rejected | None:
        if not columns:
            return Rejected("This row has no columns.", code="no_columns", field="columns")
        for column, text in columns.items():
            if problem := self._sheet.problem(column) or self._sheet.problem(text):
                grows = self._sheet.grows
                return Rejected(
                    problem,
                    code="wrong_encoding" if grows else "wrong_text",
                    field=f"columns.{column}",
                    hint="Write to a new file, with the encoding utf-8."
                    if grows
                    else "Shorten it or clean it with a filter, or write to a CSV file.",
                )
        if key == "":
            return Rejected(
                f"This row has no {self._key_column!r}, the column that tells rows apart.",
                code="missing_key",
                field=f"columns.{self._key_column}",
            )
        return None

    def _place(self, column: str) -> int:
        """Return a column's place; an unknown one goes to the end of the header."""
        place = self._places.setdefault(column.casefold(), len(self._header))
        if place == len(self._header):
            self._header.append(column)
        return place

    def _put(self, key: str | None, cells: dict[int, str]) -> bool:
        """Add a row, or change the one called ``key``; say whether it is new."""
        if key is not None and key in self._known:
            self._changed.setdefault(key, {}).update(cells)
            return False
        if key is not None and key in self._new_by_key:
            self._new_by_key[key].update(cells)
            return False
        if key is not None:
            self._new_by_key[key] = cells
        self._new.append(cells)
        return True

    def _old_rows(self) -> Iterator[Sequence[str]]:
        """Yield what is there, with changes; rows that don't fit the header stay as they are."""
        place = self._key_place
        for cells in self._sheet.rows():
            if len(cells) != len(self._sheet.titles):
                yield cells
            elif place is None or place >= len(cells):
                yield self._laid_out({}, cells)
            else:
                yield self._laid_out(self._changed.get(cells[place].strip(), {}), cells)

    def _laid_out(self, cells: Mapping[int, str], onto: Sequence[str] = ()) -> list[str]:
        row = [*onto, *[""] * (len(self._header) - len(onto))]
        for place, text in cells.items():
            row[place] = text
        return row
