"""Excel workbooks: cells as people see them, as text; and workbooks that rows are written to."""

import tracemalloc
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from engine.sdk import Accepted, BadRecord, Rejected, SetupError
from plugins.csv.actions import append_rows, upsert_rows
from plugins.csv.attached import rows_of_file
from plugins.csv.triggers import columns, row_read
from tests.plugins.csv.desk import PEOPLE, context, saved, workbook


def read(folder: Path, content: bytes, name: str = "people.xlsx", **options: Any) -> list[Any]:
    (folder / name).write_bytes(content)
    return list(row_read(context(folder), file=name, **options))


def sheet_of(**cells: Any) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    for where, value in cells.items():
        sheet[where] = value
    return book, sheet


def test_rows_of_the_first_sheet_are_records(tmp_path: Path) -> None:
    book = workbook(PEOPLE, [["other"], ["x"]])
    assert read(tmp_path, book) == [
        {"key": "2", "line": 2, "no": "00042", "first_name": "Ada", "e_mail": "ada@mail.example"},
        {"key": "3", "line": 3, "no": "7", "first_name": "Zoë", "e_mail": "zoe@mail.example"},
    ]
    assert list(columns(context(tmp_path), file="people.xlsx")["properties"]) == [
        "key", "line", "no", "first_name", "e_mail",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["people.csv", "people", "people.xls"])
def test_it_is_known_by_its_contents_not_its_name(tmp_path: Path, name: str) -> None:
    assert len(read(tmp_path, workbook(PEOPLE), name)) == 2


def test_a_sheet_is_read_by_its_name(tmp_path: Path) -> None:
    book = workbook([["other"], ["x"]], PEOPLE, names=("Notes", "Clients & co"))
    assert [row["first_name"] for row in read(tmp_path, book, sheet=" clients & CO ")] == [
        "Ada",
        "Zoë",
    ]
    with pytest.raises(SetupError) as caught:
        read(tmp_path, book, sheet="Client")
    assert caught.value.message == "'people.xlsx' has no sheet 'Client'."
    assert caught.value.hint == "Its sheets are: 'Notes', 'Clients & co'."


def test_a_hidden_sheet_is_not_the_first(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    for row in PEOPLE:
        book.create_sheet("Seen").append(row) if len(book.sheetnames) == 1 else book["Seen"].append(
            row
        )
    assert len(read(tmp_path, saved(book))) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("00042", "00042"),
        (42, "42"),
        (42.0, "42"),
        (0.1, "0.1"),
        (-12.5, "-12.5"),
        (1e-7, "0.0000001"),
        (12345678901, "12345678901"),
        (1e20, "100000000000000000000"),
        (True, "true"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 20, 30), "2026-01-31T20:30:00"),
        (time(9, 5), "09:05:00"),
        (timedelta(hours=30), "30:00:00"),
        ("a\nb ", "a\nb "),
        ("=1+1", ""),  # written by a program that never calculated it
        ("'=1+1", "'=1+1"),
    ],
    ids=str,
)
def test_every_cell_is_text(tmp_path: Path, value: Any, text: str) -> None:
    [row] = read(tmp_path, workbook([["Name", "Value", "More"], ["x", value, "y"]]))
    assert row["value"] == text


def test_leading_zeros_that_a_format_shows_are_kept(tmp_path: Path) -> None:
    book, sheet = sheet_of(
        A1="ZIP", B1="Name", C1="No", A2=2134, B2="Ada", C2=7, A3="02134-1", B3="x"
    )
    sheet["A2"].number_format = sheet["A3"].number_format = "00000"
    sheet["C2"].number_format = "0.00"
    first, second = read(tmp_path, saved(book))
    assert (first["zip"], first["no"], second["zip"]) == ("02134", "7", "02134-1")


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    book, sheet = sheet_of(B2="Clients of 2026")
    sheet.merge_cells("B2:D2")
    for line, row in enumerate(PEOPLE, start=4):
        for place, text in enumerate(row, start=2):
            sheet.cell(line, place, text)
    rows = read(tmp_path, saved(book))
    assert [(row["line"], row["no"], row["first_name"]) for row in rows] == [
        (5, "00042", "Ada"),
        (6, "7", "Zoë"),
    ]


def test_the_headers_row_may_be_given(tmp_path: Path) -> None:
    rows = [["Report", "of", "today"], ["a", "b", "c"], *PEOPLE]
    found = read(tmp_path, workbook(rows), header_row=3)
    assert [row["first_name"] for row in found] == ["Ada", "Zoë"]
    with pytest.raises(SetupError, match="is empty at row 30"):
        read(tmp_path, workbook(rows), header_row=30)


def test_blank_rows_and_columns_are_passed_over(tmp_path: Path) -> None:
    rows = [PEOPLE[0], [None, " ", None], PEOPLE[1], [], PEOPLE[2], [None] * 9]
    assert [row["line"] for row in read(tmp_path, workbook(rows))] == [3, 5]


def test_cells_merged_over_rows_stand_in_each(tmp_path: Path) -> None:
    book, sheet = sheet_of(
        A1="Matter", B1="Person", C1="Role", A2="M-1", B2="Ada", B3="Zoë", B4="Cy"
    )
    sheet.merge_cells("A2:A3")
    sheet["A4"] = "M-2"
    assert [row["matter"] for row in read(tmp_path, saved(book))] == ["M-1", "M-1", "M-2"]


def test_a_cell_beyond_the_header_is_told(tmp_path: Path) -> None:
    good, bad = read(tmp_path, workbook([["A", "B", "C"], ["1", "2", "3"], ["1", "2", "3", "4"]]))
    assert good["a"] == "1"
    assert isinstance(bad, BadRecord)
    assert (bad.code, bad.label) == ("too_many_cells", "line 3")


def test_an_error_in_a_cell_is_told(tmp_path: Path) -> None:
    book, sheet = sheet_of(A1="Name", B1="Fee", C1="X", A2="Ada", B2="#REF!", A3="Zoë", B3=3)
    sheet["B2"].data_type = "e"
    bad, good = read(tmp_path, saved(book))
    assert isinstance(bad, BadRecord)
    assert bad.code == "formula_error"
    assert bad.reason == "'Fee' in row 2 holds an error, such as #REF! or #N/A."
    assert good["fee"] == "3"


def test_a_workbook_that_came_with_a_record_is_read_too(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    file = ctx.files.save("people.xlsx", [workbook(PEOPLE)])
    found = rows_of_file(ctx, file=file, key="no")
    assert (found["count"], found["columns"]) == (2, ["No", "First name", "E-Mail"])
    assert [row["key"] for row in found["rows"]] == ["00042", "7"]


def test_memory_while_a_large_sheet_is_read_is_not_pythons(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["No", "Name", "Note"])
    for number in range(10_000):
        sheet.append([number, "Ada Byron", "text"])
    (tmp_path / "big.xlsx").write_bytes(saved(book))
    tracemalloc.start()
    count = sum(1 for _ in row_read(context(tmp_path), file="big.xlsx"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 6_000_000


# -- writing -------------------------------------------------------------------------------------


def cells(path: Path) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(path).active.rows]


def append(folder: Path, *rows: dict[str, str], file: str = "out.xlsx") -> list[Any]:
    given = [{"columns": row} for row in rows]
    return append_rows(context(folder), file=file, rows=given)  # type: ignore[arg-type]  # plain


def test_rows_are_written_as_text_and_no_formula_runs(tmp_path: Path) -> None:
    results = append(tmp_path, {"No": "00042", "Sum": "=1+1", "Phone": "+12125550100"})
    assert isinstance(results[0], Accepted)
    append(tmp_path, {"No": "7", "Note": "new column"})
    assert cells(tmp_path / "out.xlsx") == [
        ["No", "Sum", "Phone", "Note"],
        ["00042", "=1+1", "+12125550100", None],
        ["7", None, None, "new column"],
    ]
    types = {
        cell.data_type for row in load_workbook(tmp_path / "out.xlsx").active.rows for cell in row
    }
    assert types <= {"s", "inlineStr", "n"}  # n: empty
    rows = read(tmp_path, (tmp_path / "out.xlsx").read_bytes())
    assert rows[0]["sum"] == "=1+1"


def test_a_row_takes_the_place_of_the_one_with_its_key(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    for name, sum_ in (("Ada", "1"), ("Zoë", "2"), ("Ada", "3")):
        rows: Any = [{"columns": {"name": name, "sum": sum_}}]
        [result] = upsert_rows(ctx, file="out.xlsx", key_column="Name", rows=rows)
    assert isinstance(result, Accepted)
    assert result.created is False
    assert cells(tmp_path / "out.xlsx") == [["name", "sum"], ["Ada", "3"], ["Zoë", "2"]]


def test_what_excel_refuses_is_rejected(tmp_path: Path) -> None:
    long, control, good = append(
        tmp_path, {"a": "x" * 40_000}, {"a": "bell \x07"}, {"a": "tab\tand\nline"}
    )
    assert isinstance(long, Rejected)
    assert "40,000 characters is longer" in long.reason
    assert isinstance(control, Rejected)
    assert (control.code, control.field) == ("wrong_text", "columns.a")
    assert isinstance(good, Accepted)


def test_somebody_elses_workbook_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").write_bytes(workbook(PEOPLE))
    before = (tmp_path / "out.xlsx").read_bytes()
    with pytest.raises(SetupError, match="was not made by Bridgework, so nothing is written"):
        append(tmp_path, {"No": "1"})
    assert (tmp_path / "out.xlsx").read_bytes() == before


def test_what_is_written_opens_in_other_programs(tmp_path: Path) -> None:
    append(tmp_path, {"a": "1"})
    book = load_workbook(BytesIO((tmp_path / "out.xlsx").read_bytes()))
    assert (book.properties.creator, book.sheetnames) == ("Bridgework", ["Rows"])
