"""Files that are wrong: a bad row costs itself, a bad file gets one clear sentence."""

import json
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Folders
from engine.sdk import BadRecord, Context, Record, SetupError
from plugins.csv.delimited.lines import BLOCK, LINE_LIMIT
from plugins.csv.triggers import row_read


def read(folder: Path, content: bytes | str, **options: Any) -> list[Record | BadRecord]:
    data = content.encode() if isinstance(content, str) else content
    (folder / "people.csv").write_bytes(data)
    return stream(folder, **options)


def stream(folder: Path, **options: Any) -> list[Record | BadRecord]:
    context = Context(
        http=None,  # type: ignore[arg-type]  # files need no HTTP
        now=datetime(2026, 1, 1, tzinfo=UTC),
        folders=Folders(search=(folder,), output=folder),
    )
    return list(row_read(context, **{"file": "people.csv", **options}))


def split(found: list[Record | BadRecord]) -> tuple[list[int], dict[str, BadRecord]]:
    """Return the lines of the good rows, and the bad ones by key."""
    good = [row["line"] for row in found if not isinstance(row, BadRecord)]
    return good, {row.key: row for row in found if isinstance(row, BadRecord)}


def test_ragged_rows_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n5,6,7\n"))
    assert good == [2, 5]
    assert bad["3"] == BadRecord(
        key="3",
        reason="Line 3 has 2 of 3 cells.",
        code="too_few_cells",
        hint="Look for a missing delimiter.",
        label="line 3",
        source={"line": 3, "text": "1,2"},
    )
    assert bad["4"].code == "too_many_cells"
    assert bad["4"].reason == "Line 4 has 4 cells where the header has 3."


def test_a_trailing_delimiter_is_no_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n1,2,\n3,4,,\n") == [
        {"key": "2", "line": 2, "a": "1", "b": "2"},
        {"key": "3", "line": 3, "a": "3", "b": "4"},
    ]
    row = read(tmp_path, "a,b,\n1,2,\n")[0]
    assert row == {"key": "2", "line": 2, "a": "1", "b": "2", "column_3": ""}


def test_a_byte_of_another_encoding_costs_its_row(tmp_path: Path) -> None:
    good, bad = split(
        read(tmp_path, "name,city\nSøren,Köln\n".encode() + b"M\xfcller,Bonn\nAda,Rom\n")
    )
    assert good == [2, 4]
    assert bad["3"].reason == "'name' on line 3 holds bytes that are no UTF-8 text."
    assert bad["3"].source == {"line": 3, "text": "M\ufffdller,Bonn"}
    assert "windows-1252" in bad["3"].hint


def test_a_wrong_encoding_beyond_what_detection_reads(tmp_path: Path) -> None:
    head = "name\nSøren\n".encode() + b"plain\n" * 40_000
    good, bad = split(read(tmp_path, head + b"M\xfcller\nlast\n"))
    assert len(good) == 40_002
    assert [*bad] == ["40003"]


def test_nul_characters_cost_their_row(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, "a,b\n1,2\n3,\x004\n5,6\n"))
    assert good == [2, 4]
    assert bad["3"].code == "nul_character"
    assert "\x00" not in json.dumps(dict(bad["3"].source), ensure_ascii=False)


def test_a_cell_of_ten_megabytes_costs_its_row(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, "a,b\n1,2\n" + "x" * 10_000_000 + ",3\n4,5\n6,7\n"))
    assert good == [2, 4, 5]
    assert [*bad] == ["3"]
    assert len(bad["3"].source["text"]) <= 1000


def test_a_quoted_cell_of_ten_megabytes_costs_its_row(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, 'a,b\n1,2\n"' + "x" * 10_000_000 + '",3\n4,5\n'))
    assert good == [2, 4]
    assert [*bad] == ["3"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("beyond", range(-2, 3))
def test_a_cut_line_ends_where_it_ends(tmp_path: Path, line_end: str, beyond: int) -> None:
    # the line's end falls on every place around the end of a block
    length = LINE_LIMIT + 3 * BLOCK - len("a,b" + line_end) + beyond
    content = line_end.join(["a,b", "x," * (length // 2), "4,5", "6,7", ""])
    good, bad = split(read(tmp_path, content))
    assert good == [3, 4]
    assert [*bad] == ["2"]


def test_memory_is_bounded_in_a_file_without_line_ends(tmp_path: Path) -> None:
    with (tmp_path / "people.csv").open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(60):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    good, bad = split(stream(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert good == [2]
    assert [*bad] == ["3"]
    assert peak < 12_000_000


def test_an_open_quote_costs_its_line_not_the_file(tmp_path: Path) -> None:
    rest = "".join(f"name {n},city {n}\n" for n in range(50_000))
    good, bad = split(read(tmp_path, 'a,b\n1,2\n"Ada,London\n' + rest))
    assert good == [2, *range(4, 50_004)]
    assert bad["3"].reason == "A quotation mark on line 3 is not closed."
    assert bad["3"].source["text"] == '"Ada,London'


def test_an_open_quote_that_another_line_closes(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, 'a,b\n"Ada,London\n"Bob","Rome"\n"x\ny",z\n'))
    assert good == [3, 4]
    assert [*bad] == ["2"]


def test_an_open_quote_on_the_last_line(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, 'a,b\n1,2\n3,"cut of'))
    assert good == [2]
    assert bad["3"].code == "open_quote"


def test_many_open_quotes(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, "a,b\n" + 'x,"y\n1,2\n' * 3000))
    assert good == [*range(3, 6003, 2)]
    assert len(bad) == 3000


def test_a_row_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.csv.delimited.lines.HELD_LIMIT", 4)  # of 64: a shorter file does
    (tmp_path / "people.csv").write_text('a,b\n1,2\n"x\n' + 'x","x\n' * 60_000, encoding="utf-8")
    tracemalloc.start()
    found = stream(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    good, bad = split(found)
    assert good == [2]
    assert bad["3"].code == "row_too_long"
    assert len(bad) < 200
    assert peak < 15_000_000


def test_a_file_full_of_open_quotes_takes_no_square_of_its_length(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, 'a,b\n1,2\n"x\n' + 'x","x\n' * 100_000))
    assert good == [2]
    assert bad["3"].reason == "A quotation mark on line 3 is not closed."
    last = [*bad.values()][-1]
    assert last.reason.endswith("is not closed. Nothing up to line 100003 can be read.")


def test_a_blank_key_is_reported_with_its_row(tmp_path: Path) -> None:
    good, bad = split(read(tmp_path, "id,name\n1,Ada\n ,Bob\n", key="id"))
    assert good == [2]
    assert bad["line 3"].code == "missing_key"
    assert bad["line 3"].reason == "Line 3 has no 'id', the column that tells rows apart."
    assert bad["line 3"].source["name"] == "Bob"


def test_a_bad_row_has_a_key_of_its_own_where_keys_are_a_column(tmp_path: Path) -> None:
    _, bad = split(read(tmp_path, "id,name\n1,Ada\n2\n", key="id"))
    assert [*bad] == ["line 3"]


@pytest.mark.parametrize("content", [b"", b"\n\r\n\n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SetupError, match=r"^'people.csv' is empty\."):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\xd0\xcf\x11\xe0rest", "an Office document"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (bytes(range(256)) * 4, "not text"),
        (b"\x00" * 1000, "not text"),
    ],
)
def test_files_of_another_kind(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(SetupError) as caught:
        read(tmp_path, content)
    assert what in caught.value.message
    assert "CSV" in caught.value.hint


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "people.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(SetupError, match="damaged or not complete"):
        stream(tmp_path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"There is no file 'none.csv'"):
        stream(tmp_path, file="none.csv")
    (tmp_path / "inbox").mkdir()
    with pytest.raises(SetupError, match="'inbox' is a folder, not a file"):
        stream(tmp_path, file="inbox")
    with pytest.raises(SetupError, match="is a folder, not a file"):
        stream(tmp_path, file=str(tmp_path))


def test_a_header_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"^The first line of 'people.csv' can't be read"):
        read(tmp_path, 'a,"b\n1,2\n3,4\n')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([",", '"', "\n", "\r", "x", " ", ";", "\0", "é", "\\"])))
def test_every_line_with_text_ends_in_a_row_or_a_report(tmp_path: Path, parts: list[str]) -> None:
    """Nothing is lost silently: each line below the header is used, reported, or blank."""
    content = f"{'a' * 500},{'b' * 500}\n" + "".join(parts)  # long enough to be text with NULs
    (tmp_path / "people.csv").write_bytes(content.encode())
    found = stream(tmp_path, header="first line", delimiter=",", encoding="utf-8")
    seen = "".join(
        str(row.source["text"]).replace("\u2400", "\0")
        if isinstance(row, BadRecord)
        else row["a" * 500] + row["b" * 500]
        for row in found
    )
    for letter in "x\0é":
        assert seen.count(letter) == content.count(letter)
    starts = [int(row.key) if isinstance(row, BadRecord) else int(row["line"]) for row in found]
    assert starts == sorted(set(starts))
