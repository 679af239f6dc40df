"""What did not come over, as a file: corrected and imported again it comes over, once."""

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from engine.errors import SetupError
from engine.host import Host, build_host
from engine.recipe.library import Library
from engine.report.rejected import has_rejected, write_rejected
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.ledger import entries
from engine.store.runs import Run, get_run

RECIPE = """\
name: People go on
trigger:
  use: csv.row_read
  with: {file: people.csv%s}
  as: row
steps:
  - id: kept
    use: csv.upsert_rows
    with:
      file: out.csv
      key_column: email
      columns.email: "{{ row.e_mail }}"
      columns.age: "{{ row.age | int }}"
      columns.phone: "{{ row.phone }}"
      plain: true
"""
PEOPLE = """E-Mail,Age,Phone
ada@mail.example,36,+1 212 555 0123
zoe@mail.example,forty,+49 30 5550123
cy@mail.example,fifty,=1+1
"""


class Desk:
    """A recipe over files, run as on the command line."""

    def __init__(self, store: Store, folder: Path, key: str) -> None:
        folder.mkdir()
        self.store, self.folder, self.host = store, folder, build_host(strict=False)
        (folder / "people.yaml").write_text(RECIPE % key)
        self.library = Library(folder)

    @property
    def recipe(self) -> Any:
        return self.library.load("people")

    def run(self, people: bytes) -> Run:
        (self.folder / "people.csv").write_bytes(people)
        number = request_run(self.store, self.host, self.recipe)
        execute(self.store, self.host, number)
        run = get_run(self.store, number)
        assert run is not None
        return run

    def rejected(self, run: Run, name: str) -> Path:
        path = self.folder / name
        write_rejected(self.store, self.host, run, self.recipe, path)
        return path

    def out(self) -> list[str]:
        text = (self.store.home / "files" / "out.csv").read_text("utf-8-sig")
        return sorted(text.splitlines()[1:])


@pytest.mark.parametrize("key", ["", ", key: E-Mail"], ids=["by line", "by key"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_corrected_rows_come_over_and_nothing_is_doubled(
    store: Store, tmp_path: Path, key: str, form: str
) -> None:
    desk = Desk(store, tmp_path / "recipes", key)
    first = desk.run(PEOPLE.encode())
    assert (first.counts["created"], first.counts["rejected"]) == (1, 2)
    path = desk.rejected(first, f"again.{form}")
    corrected = _corrected(path)
    second = desk.run(corrected)
    assert (second.read, second.counts) == (2, {"created": 2})
    assert {entry.key for entry in entries(store, second.id)} == (
        {"zoe@mail.example", "cy@mail.example"} if key else {"3", "4"}
    )
    assert desk.out() == [
        "ada@mail.example,36,+1 212 555 0123",
        "cy@mail.example,50,=1+1",
        "zoe@mail.example,40,+49 30 5550123",
    ]
    assert not has_rejected(store, first)
    assert desk.run(PEOPLE.replace("forty", "40").replace("fifty", "50").encode()).counts == {
        "unchanged": 3
    }


def _corrected(path: Path) -> bytes:
    """Correct the ages, as a person does, and return the file."""
    right = {"forty": "40", "fifty": "50"}
    if path.suffix == ".csv":
        text = path.read_text("utf-8-sig")
        for wrong, better in right.items():
            text = text.replace(f",{wrong},", f",{better},")
        return text.encode()
    book = load_workbook(path)
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value in right:
                cell.value = right[cell.value]
    book.save(path)
    return path.read_bytes()


def test_it_has_the_columns_of_the_source_and_the_reasons(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "recipes", "")
    path = desk.rejected(desk.run(PEOPLE.encode()), "again.csv")
    header, zoe, cy = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert header == [
        "E-Mail", "Age", "Phone", "Bridgework: key", "Bridgework: reason", "Bridgework: what to do",
    ]  # fmt: skip
    assert zoe[:4] == ["zoe@mail.example", "forty", "'+49 30 5550123", "3"]
    assert "forty" in zoe[4]
    assert cy[2] == "'=1+1"  # no spreadsheet runs it
    book = load_workbook(desk.rejected(desk.run(PEOPLE.encode()), "again.xlsx"))
    assert book.active["C3"].data_type in {"s", "inlineStr"}


def test_a_row_that_could_not_be_read_is_in_it_as_text(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "recipes", "")
    run = desk.run(b"E-Mail,Age,Phone\nada@mail.example,36,1\nzoe@mail.example,40\n")
    [header, row] = csv.reader(desk.rejected(run, "a.csv").read_text("utf-8-sig").splitlines())
    assert row[header.index("text")] == "zoe@mail.example,40"


def test_a_recipe_that_is_gone_is_no_hindrance(store: Store, tmp_path: Path, host: Host) -> None:
    desk = Desk(store, tmp_path / "recipes", "")
    run = desk.run(PEOPLE.encode())
    assert write_rejected(store, host, run, None, tmp_path / "a.CSV") == 2
    with pytest.raises(SetupError, match="neither a CSV file nor an Excel workbook"):
        write_rejected(store, host, run, None, tmp_path / "a.pdf")
    with pytest.raises(SetupError, match="can't be written: No such file"):
        write_rejected(store, host, run, None, tmp_path / "none" / "a.csv")


@pytest.fixture
def host() -> Host:
    return build_host(strict=False)
