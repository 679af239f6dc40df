"""What goes wrong with files in practice: each is one sentence and a remedy, or costs its row alone."""

import struct
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from engine.sdk import BadRecord, SetupError
from plugins.csv.triggers import row_read
from plugins.csv.workbook import reading, safety
from tests.plugins.csv.desk import PEOPLE, context, workbook


def read(folder: Path, content: bytes | str, name: str = "people.csv", **options: Any) -> list[Any]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(row_read(context(folder), file=name, **options))


def refused(folder: Path, content: bytes, **options: Any) -> SetupError:
    with pytest.raises(SetupError) as caught:
        read(folder, content, "people.xlsx", **options)
    assert caught.value.hint
    return caught.value


def with_part(content: bytes, part: str, data: bytes, packing: int = ZIP_DEFLATED) -> bytes:
    """Return a workbook with one part of it replaced, or added."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(made, "w", packing) as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        new.writestr(part, data)
    return made.getvalue()


# -- text ----------------------------------------------------------------------------------------


def test_a_wrong_encoding_that_was_given_costs_only_the_rows_it_spoils(tmp_path: Path) -> None:
    good, bad = read(tmp_path, "name,x\nAda,1\nZoë,2\n".encode("cp1252"), encoding="utf-8")
    assert good["name"] == "Ada"
    assert isinstance(bad, BadRecord)
    assert bad.code == "wrong_encoding"
    assert "save" in bad.hint.lower()


def test_a_header_that_comes_twice_is_no_row(tmp_path: Path) -> None:
    rows = read(tmp_path, "name,age\nAda,36\nname,age\nZoë,40\n")
    assert [(row["line"], row["name"]) for row in rows] == [(2, "Ada"), (4, "Zoë")]


def test_lines_above_the_header_are_passed_over_where_the_recipe_says_so(tmp_path: Path) -> None:
    text = "Contacts of the firm\nPrinted 2026-01-31\nname;age\nAda;36\n"
    assert [row["name"] for row in read(tmp_path, text, header_row=3)] == ["Ada"]
    with pytest.raises(SetupError, match="is empty from line 9 on"):
        read(tmp_path, text, header_row=9)


def test_a_file_cut_in_the_middle_of_a_row_loses_that_row_alone(tmp_path: Path) -> None:
    good, bad = read(tmp_path, 'name,note\nAda,"ok"\nZoë,"cut o')
    assert good["name"] == "Ada"
    assert isinstance(bad, BadRecord)
    assert bad.code == "open_quote"


def test_a_sheet_is_not_looked_for_in_text(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is no workbook, so it has no sheet 'Clients'"):
        read(tmp_path, "a,b\n1,2\n", sheet="Clients")


# -- workbooks -----------------------------------------------------------------------------------


def test_a_workbook_that_was_cut_off_is_told(tmp_path: Path) -> None:
    whole = workbook(PEOPLE)
    for length in (10, len(whole) // 2, len(whole) - 30):
        assert "is damaged or not complete" in refused(tmp_path, whole[:length]).message


def test_a_workbook_with_a_broken_sheet_is_told(tmp_path: Path) -> None:
    broken = with_part(workbook(PEOPLE), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row")
    assert "is damaged or not complete" in refused(tmp_path, broken).message


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    error = refused(tmp_path, compound("EncryptionInfo", "EncryptedPackage"))
    assert error.message == (
        "The workbook 'people.xlsx' is protected by a password, so it can't be read."
    )


def test_another_document_called_xlsx_is_told(tmp_path: Path) -> None:
    error = refused(tmp_path, compound("WordDocument"))
    assert error.message == "'people.xlsx' is an Office document, but no workbook."


def test_an_old_workbook_that_is_damaged_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, compound("Workbook")).message == "'people.xlsx' has no sheets."


def test_text_called_xlsx_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert [row["name"] for row in read(tmp_path, "name,age\nAda,36\n", "people.xlsx")] == ["Ada"]


def test_a_workbook_without_rows_is_told(tmp_path: Path) -> None:
    error = refused(tmp_path, workbook([], names=("Empty",)))
    assert error.message == "The sheet 'Empty' of 'people.xlsx' is empty."


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "LARGEST", 5_000_000)
    bomb = with_part(workbook(PEOPLE), "xl/sharedStrings.xml", b" " * 20_000_000)
    assert len(bomb) < 40_000
    assert "unfolds to more than" in refused(tmp_path, bomb).message


def test_nor_one_that_lies_about_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "LARGEST", 5_000_000)
    bomb = with_part(workbook(PEOPLE), "xl/sharedStrings.xml", b" " * 20_000_000)
    lying = bomb.replace(struct.pack("<I", 20_000_000), struct.pack("<I", 100))
    assert lying != bomb
    assert "unfolds to more than" in refused(tmp_path, lying).message


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_cell_in_the_last_corner_is_not_laid_out(tmp_path: Path, quote: str) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{rows.replace(chr(34), quote)}</sheetData></worksheet>"
    )
    error = refused(tmp_path, with_part(workbook(PEOPLE), "xl/worksheets/sheet1.xml", xml.encode()))
    assert "is too large: 1,048,576 rows by 16,384 columns" in error.message
    assert "Ctrl+End" in error.hint


def test_a_sheet_of_too_many_cells_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "MOST_CELLS", 100)
    assert "100 rows by 2 columns" in refused(tmp_path, workbook([["a", "b"]] * 100)).message


def test_a_file_too_large_for_the_reader_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_FILE", 1000)
    assert "is larger than" in refused(tmp_path, workbook(PEOPLE)).message


def test_a_packing_nobody_uses_is_told(tmp_path: Path) -> None:
    odd = with_part(workbook(PEOPLE), "xl/media/x.bin", b"x" * 100, packing=ZIP_STORED)
    assert len(read(tmp_path, odd, "people.xlsx")) == 2
    with ZipFile(BytesIO(odd)) as archive:
        place = archive.getinfo("xl/media/x.bin").header_offset
    broken = bytearray(odd)
    broken[place : place + 4] = b"nope"
    assert "is damaged" in refused(tmp_path, bytes(broken)).message


def test_damage_anywhere_ends_in_a_sentence_or_in_rows(tmp_path: Path) -> None:
    whole = workbook(PEOPLE)
    for place in range(0, len(whole), 97):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        with suppress(SetupError):
            read(tmp_path, bytes(broken), "people.xlsx")


def compound(*streams: str) -> bytes:
    """Return the smallest compound file ([MS-CFB]) with empty streams of these names."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 4 * 108
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * (512 - 8)
    entries = b""
    for number, name in enumerate(("Root Entry", *streams)):
        text = name.encode("utf-16-le") + b"\0\0"
        right = number + 1 if 0 < number < len(streams) else 0xFFFFFFFF
        child = 1 if number == 0 and streams else 0xFFFFFFFF
        entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), 5 if number == 0 else 2, 1)
        entry += struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36)
        entries += entry + struct.pack("<IQ", 0xFFFFFFFE if number == 0 else 0, 0)
    return header + table + entries.ljust(512, b"\0")
