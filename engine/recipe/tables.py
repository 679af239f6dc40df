"""Tables for ``translate``: written into a recipe, or read from a CSV or YAML file beside it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import MOST_NODES_BESIDE, MapNode, Scalar, YamlMistake, compose

#: Rows of one table; more belong into an app that is asked for them.
MOST_ROWS = 20_000
DELIMITERS = ",;\t|"
#: What is said one by one of a table's rows; the rest is counted.
MOST_NOTES = 5


class Table(dict[str, str]):
    """From one app's words to another's.

    :ivar name: what ``translate`` calls it, at its place in the recipe.
    :ivar file: where its rows stand; empty where that is the recipe itself.
    :ivar notes: what is odd about its rows, and harmless.
    """

    def __init__(self, name: Text, file: str = "") -> None:
        super().__init__()
        self.name = name
        self.file = file
        self.notes: list[str] = []

    def remedy(self, value: str) -> str:
        """Return what to do about a value that has no row."""
        if self.file.endswith(".csv"):
            return f"Add a row for it to {self.file}, which begins with {_cell(value)}."
        place = self.file or f"the table {self.name.value!r} in the recipe"
        return f"Add the line `{value}: …` to {place}."


class TableMistake(Exception):
    """A file isn't a table; the message is one sentence, with the line where one is to blame."""


@dataclass(frozen=True)
class Columns:
    """The columns of a CSV file that a table is made of; empty names: it has just two."""

    source: str = ""
    target: str = ""


def fill_from_csv(table: Table, text: str, columns: Columns) -> None:
    """Add the rows of a CSV file whose first line names its columns.

    :raises TableMistake: it can't be used.
    """
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        left, right = _places(table.file, header, columns)
        first: dict[str, tuple[int, str]] = {}
        for row in reader:
            cells = dict(zip_longest(range(max(left, right) + 1), row, fillvalue=""))
            source, target = cells[left].strip(), cells[right].strip()
            if source and target:
                _add(table, source, target, reader.line_num, first)
            elif source:
                table.notes.append(f"{_line(table, reader.line_num)}: {source!r} has no value yet.")
            elif target:
                table.notes.append(f"{_line(table, reader.line_num)}: {target!r} is for no value.")
    except csv.Error as error:
        raise TableMistake(
            f"{_line(table, max(reader.line_num, 1))} can't be read: {error}."
        ) from None


def fill_from_yaml(table: Table, text: str) -> None:
    """Add the ``from: to`` lines of a YAML file.

    :raises TableMistake: it can't be used.
    """
    try:
        root = compose(text, MOST_NODES_BESIDE)
    except YamlMistake as mistake:
        raise TableMistake(
            f"{_line(table, mistake.position.line)} can't be read as a `from: to` line."
        ) from None
    if not isinstance(root, MapNode):
        raise TableMistake(f"{table.file} has no `from: to` lines.")
    first: dict[str, tuple[int, str]] = {}
    for key, value in root.pairs:
        line = key.position.line
        if not isinstance(key, Scalar) or not isinstance(value, Scalar):
            raise TableMistake(f"{_line(table, line)} isn't a `from: to` line.")
        if value.missing or not value.text.value:
            table.notes.append(f"{_line(table, line)}: {key.text.value!r} has no value yet.")
        else:
            _add(table, key.text.value, value.text.value, line, first)


def notes_of(table: Table) -> Sequence[str]:
    """Return what is odd about a table's rows, the first few one by one."""
    more = len(table.notes) - MOST_NOTES
    return [*table.notes[:MOST_NOTES], *([f"And {more:,} rows more."] if more > 0 else [])]


def _add(
    table: Table, source: str, target: str, line: int, first: dict[str, tuple[int, str]]
) -> None:
    before, old = first.setdefault(source.casefold(), (line, target))
    if before != line:
        if old != target:
            raise TableMistake(
                f"{_line(table, line)}: {source!r} is {target!r} here and {old!r} in line {before}."
            )
        table.notes.append(
            f"{_line(table, line)}: {source!r} is there twice, first in line {before}."
        )
        return
    if len(table) >= MOST_ROWS:
        raise TableMistake(f"{table.file} has more than {MOST_ROWS:,} rows.")
    table[source] = target


def _delimiter(text: str) -> str:
    """Return what divides the columns: the sign that makes most of them in the first line."""
    line = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _places(file: str, header: Sequence[str], columns: Columns) -> tuple[int, int]:
    if not columns.source and not columns.target:
        if len(header) == 2:
            return 0, 1
        raise TableMistake(
            f"{file} has {len(header)} columns in its first line, so say which two are meant: "
            f"`from: …` and `to: …`."
        )
    places: Mapping[str, int] = {name.casefold(): place for place, name in enumerate(header)}
    for name in (columns.source, columns.target):
        if name.strip().casefold() not in places:
            raise TableMistake(
                f"{file} has no column {name!r}; its first line names: {', '.join(header)}."
            )
    return places[columns.source.strip().casefold()], places[columns.target.strip().casefold()]


def _line(table: Table, number: int) -> str:
    return f"{table.file}, line {number}"


def _cell(value: str) -> str:
    """Return a value as it stands in a CSV file."""
    return '"' + value.replace('"', '""') + '"' if set(value) & {*DELIMITERS, '"', "\n"} else value
