"""Rows into real files: appended or upserted, safe against formulas, crashes and other writers."""

import csv
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Folders
from engine.sdk import Accepted, Context, Rejected, RemoteError, RetryableError, SetupError
from plugins.csv.actions import append_rows, upsert_rows
from plugins.csv.triggers import row_read


def context(folder: Path) -> Context:
    return Context(
        http=None,  # type: ignore[arg-type]  # files need no HTTP
        now=datetime(2026, 1, 1, tzinfo=UTC),
        folders=Folders(search=(folder,), output=folder),
    )


def append(folder: Path, *rows: dict[str, str], **options: Any) -> Sequence[Accepted | Rejected]:
    given: Any = [{"columns": row} for row in rows]
    return append_rows(context(folder), file="out.csv", rows=given, **options)


def upsert(folder: Path, *rows: dict[str, str], **options: Any) -> Sequence[Accepted | Rejected]:
    given: Any = [{"columns": row} for row in rows]
    return upsert_rows(
        context(folder), file="out.csv", **{"key_column": "email", **options}, rows=given
    )


def content(folder: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO((folder / "out.csv").read_bytes().decode(encoding))))


def created(results: Sequence[Accepted | Rejected]) -> list[bool | None]:
    return [result.created for result in results if isinstance(result, Accepted)]


def test_a_new_file_opens_well_in_spreadsheets(tmp_path: Path) -> None:
    results = append(tmp_path, {"email": "ada@example.com", "Name": "Ada, “L”"})
    assert results == [
        Accepted(
            {"file": "out.csv", "columns": {"email": "ada@example.com", "Name": "Ada, “L”"}},
            created=True,
        )
    ]
    assert (tmp_path / "out.csv").read_bytes() == (
        b"\xef\xbb\xbf" + 'email,Name\r\nada@example.com,"Ada, “L”"\r\n'.encode()
    )


def test_appending_keeps_what_is_there(tmp_path: Path) -> None:
    append(tmp_path, {"a": "1"})
    append(tmp_path, {"a": "1"}, {"A": "2"})
    assert content(tmp_path) == [["a"], ["1"], ["1"], ["2"]]


def test_new_columns_join_the_header(tmp_path: Path) -> None:
    append(tmp_path, {"a": "1", "b": "2"})
    append(tmp_path, {"b": "3", "c": "4"}, {"d": "5"})
    assert content(tmp_path) == [
        ["a", "b", "c", "d"],
        ["1", "2", "", ""],
        ["", "3", "4", ""],
        ["", "", "", "5"],
    ]


def test_an_existing_file_keeps_its_manner(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes("Name;Straße\nMüller;Weg 1".encode("cp1252"))
    append(tmp_path, {"name": "Çelik", "straße": "Pl; 2"}, {"name": "Łukasz"})
    assert (tmp_path / "out.csv").read_bytes().decode("cp1252") == (
        'Name;Straße\nMüller;Weg 1\nÇelik;"Pl; 2"\n'
    )
    results = append(tmp_path, {"name": "Łukasz"})
    assert results == [
        Rejected(
            "'Ł' can't be written in cp1252.",
            code="wrong_encoding",
            field="columns.name",
            hint="Write to a new file, with the encoding utf-8.",
        )
    ]
    append(tmp_path, {"name": "José", "Ort": "Köln"})
    assert (tmp_path / "out.csv").read_bytes().decode("cp1252") == (
        'Name;Straße;Ort\nMüller;Weg 1;\nÇelik;"Pl; 2";\nJosé;;Köln\n'
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings_for_new_files(tmp_path: Path, encoding: str) -> None:
    for name in ("Søren", "Zoë"):
        append(tmp_path, {"name": name, "city": "x"}, encoding=encoding, delimiter="semicolon")
    text = (tmp_path / "out.csv").read_bytes().decode(encoding)
    assert text == "name;city\r\nSøren;x\r\nZoë;x\r\n"


def test_a_delimiter_line_stays(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"sep=;\r\na;b\r\n1;2\r\n")
    append(tmp_path, {"a": "3"})
    append(tmp_path, {"c": "4"})
    assert (tmp_path / "out.csv").read_bytes() == b"sep=;\r\na;b;c\r\n1;2;\r\n3;;\r\n;;4\r\n"


def test_rows_of_a_few_cells_do_not_mislead_about_the_delimiter(tmp_path: Path) -> None:
    for number in range(3):
        append(tmp_path, {"note": f"a;b;{number}", "tags": "x|y|z"})
    assert content(tmp_path)[3] == ["a;b;2", "x|y|z"]
    single = tmp_path / "single"
    for text in ("a;b", "c;d", "e,f"):
        append(single, {"note": text})
    assert content(single) == [["note"], ["a;b"], ["c;d"], ["e,f"]]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-12.50", "-12.50"),
        ("+15550100", "+15550100"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas_do_not_run(tmp_path: Path, text: str, written: str) -> None:
    append(tmp_path, {"a": text, "b": "x"})
    assert content(tmp_path)[1] == [written, "x"]
    plain = tmp_path / "plain"
    append(plain, {"a": text, "b": "x"}, plain=True)
    assert content(plain)[1] == [text, "x"]


def test_formulas_do_not_hide_in_the_header(tmp_path: Path) -> None:
    append(tmp_path, {"=1+1": "x"})
    assert content(tmp_path)[0] == ["'=1+1"]
    append(tmp_path, {"=1+1": "y"})
    assert content(tmp_path) == [["'=1+1"], ["x"], ["y"]]


def test_upsert_replaces_the_row_with_the_key(tmp_path: Path) -> None:
    first = upsert(tmp_path, {"email": "a@x.example", "n": "1"}, {"email": "b@x.example", "n": "2"})
    assert created(first) == [True, True]
    assert [result.target_id for result in first if isinstance(result, Accepted)] == [
        "a@x.example",
        "b@x.example",
    ]
    second = upsert(
        tmp_path, {"Email": "b@x.example", "n": "3"}, {"email": "c@x.example", "when": "now"}
    )
    assert created(second) == [False, True]
    assert content(tmp_path) == [
        ["email", "n", "when"],
        ["a@x.example", "1", ""],
        ["b@x.example", "3", ""],
        ["c@x.example", "", "now"],
    ]


def test_upserting_again_changes_nothing(tmp_path: Path) -> None:
    rows = [{"email": f"{n}@x.example", "n": str(n)} for n in range(20)]
    upsert(tmp_path, *rows)
    before = (tmp_path / "out.csv").read_bytes()
    assert created(upsert(tmp_path, *rows)) == [False] * 20
    assert (tmp_path / "out.csv").read_bytes() == before


def test_columns_a_row_does_not_mention_stay(tmp_path: Path) -> None:
    upsert(tmp_path, {"email": "a", "n": "1", "m": "2"})
    upsert(tmp_path, {"email": "a", "m": ""})
    assert content(tmp_path)[1] == ["a", "1", ""]


def test_the_same_key_twice_in_a_batch(tmp_path: Path) -> None:
    assert created(upsert(tmp_path, {"email": "a", "n": "1"}, {"email": "a", "n": "2"})) == [
        True,
        False,
    ]
    assert content(tmp_path) == [["email", "n"], ["a", "2"]]


def test_a_key_that_looks_like_a_formula(tmp_path: Path) -> None:
    upsert(tmp_path, {"email": "=a", "n": "1"})
    assert created(upsert(tmp_path, {"email": "=a", "n": "2"})) == [False]
    assert content(tmp_path) == [["email", "n"], ["'=a", "2"]]


def test_rows_without_key_or_columns_are_rejected_alone(tmp_path: Path) -> None:
    results = upsert(tmp_path, {"n": "1"}, {}, {"email": " "}, {"email": "a"})
    assert [getattr(result, "code", "") for result in results] == [
        "missing_key",
        "no_columns",
        "missing_key",
        "",
    ]
    assert content(tmp_path) == [["email"], ["a"]]


def test_what_others_change_is_seen(tmp_path: Path) -> None:
    upsert(tmp_path, {"email": "a", "n": "1"})
    with (tmp_path / "out.csv").open("a", encoding="utf-8", newline="") as file:
        file.write("b,2\r\n")
    assert created(upsert(tmp_path, {"email": "b", "n": "3"})) == [False]
    (tmp_path / "out.csv").unlink()
    assert created(upsert(tmp_path, {"email": "b", "n": "4"})) == [True]
    assert content(tmp_path) == [["email", "n"], ["b", "4"]]


def test_rows_that_do_not_fit_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"email,n\na,1\nodd\nx,y,z\n\nM\xfc,\x00\n")
    upsert(tmp_path, {"email": "a", "n": "2"}, encoding="utf-8")
    assert (tmp_path / "out.csv").read_bytes() == (b"email,n\na,2\nodd\nx,y,z\n\nM\xfc,\x00\n")


def test_many_batches_take_time_in_proportion(tmp_path: Path) -> None:
    def batches(first: int, count: int) -> float:
        start = time.perf_counter()
        for batch in range(first, first + count):
            upsert(tmp_path, *({"email": f"{batch}.{n}", "n": str(n)} for n in range(500)))
        return time.perf_counter() - start

    early = batches(0, 10)
    batches(10, 60)
    assert batches(70, 10) < 3 * early + 0.2
    assert len(content(tmp_path)) == 40_001


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("a\r\n1\r\n", encoding="utf-8")
    (tmp_path / "out.csv").symlink_to(tmp_path / "real.csv")
    append(tmp_path, {"a": "2", "b": "3"})
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"a,b\r\n1,\r\n2,3\r\n"


def test_rights_stay(tmp_path: Path) -> None:
    append(tmp_path, {"a": "1"})
    (tmp_path / "out.csv").chmod(0o640)
    append(tmp_path, {"b": "1"})
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(RetryableError, match=r"^'out.csv' can't be written: Is a directory\."):
        append(tmp_path, {"a": "1"})
    workbook = tmp_path / "w"
    workbook.mkdir()
    (workbook / "out.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(SetupError, match="an Excel workbook"):
        append(workbook, {"a": "1"})
    damaged = tmp_path / "d"
    damaged.mkdir()
    (damaged / "out.csv").write_text("email,n\n" + "x" * 200_000 + ",1\n", encoding="utf-8")
    with pytest.raises(RemoteError, match=r"^'out.csv' can't be rewritten"):
        upsert(damaged, {"email": "a", "m": "1"})
    assert [path.name for path in damaged.iterdir() if path.suffix == ".new"] == []


#: Another process that writes batches: folder, number of batches, rows in each, a name for them.
WRITER = """
import sys
from pathlib import Path
from plugins.csv.writing.batch import Style, write_rows

folder, batches, size, name = sys.argv[1:]
for batch in range(int(batches)):
    rows = [{"email": f"{name}{batch}.{n}", "n": "long text " * 20} for n in range(int(size))]
    rows.append({"email": "shared", "n": name})
    write_rows(Path(folder) / "out.csv", rows, Style(), key_column="email")
    print(batch, flush=True)
"""


def writer(folder: Path, batches: int, size: int, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(batches), str(size), name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )


def test_threads_and_processes_take_turns(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for batch in range(20):
            upsert(tmp_path, {"email": f"{name}{batch}.0"}, {"email": "shared", "n": name})

    processes = [writer(tmp_path, 20, 1, name) for name in "ab"]
    for process in processes:  # all are writing once each has written something
        assert process.stdout is not None
        process.stdout.readline()
    threads = [threading.Thread(target=write, args=(name,)) for name in "cd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    rows = content(tmp_path)
    assert sorted(row[0] for row in rows[1:]) == sorted(
        ["shared", *(f"{name}{batch}.0" for name in "abcd" for batch in range(20))]
    )
    assert all(len(row) == 2 for row in rows)


def test_a_torn_append_is_taken_back(tmp_path: Path) -> None:
    append(tmp_path, {"a": "1"})
    whole = (tmp_path / "out.csv").read_bytes()
    journal = tmp_path / ".out.csv.lock"
    added = b"second,row\r\nthird,row\r\n"
    for torn in range(len(added) + 1):
        (tmp_path / "out.csv").write_bytes(whole + added[:torn])
        journal.write_bytes(b"%d\n" % len(whole) + added)
        append(tmp_path, {"a": "2"})
        expected = whole + (added if torn == len(added) else b"") + b"2\r\n"
        assert (tmp_path / "out.csv").read_bytes() == expected
        assert journal.read_bytes() == b""


def test_a_journal_does_no_harm_to_what_others_wrote(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"a\r\n1\r\nmine\r\n")
    (tmp_path / ".out.csv.lock").write_bytes(b"6\nyours,and,more\r\n")
    append(tmp_path, {"a": "2"})
    assert (tmp_path / "out.csv").read_bytes() == b"a\r\n1\r\nmine\r\n2\r\n"
    (tmp_path / ".out.csv.lock").write_bytes(b"600\nyours,and,more\r\n")
    append(tmp_path, {"a": "3"})
    assert (tmp_path / "out.csv").read_bytes() == b"a\r\n1\r\nmine\r\n2\r\n3\r\n"


def test_killed_writers_leave_whole_rows(tmp_path: Path) -> None:
    """kill -9 at any instant; the next writer finds only whole rows, each key once."""
    for delay in (0.0, 0.003, 0.01, 0.03, 0.1):
        process = writer(tmp_path, 100_000, 300, str(delay))
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
        upsert(tmp_path, {"email": f"after {delay}", "n": "x"})
        rows = content(tmp_path)
        assert all(len(row) == 2 for row in rows)
        keys = [row[0] for row in rows]
        assert len(keys) == len(set(keys))


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12) | st.text(
    st.sampled_from("a ,;|'\"\\\t\n="), max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), CELL, min_size=1), max_size=12))
def test_what_is_written_is_read_back(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    (tmp_path / "out.csv").unlink(missing_ok=True)
    whole = [{"a": "", "b": "", "c": "", **row} for row in rows]
    append(tmp_path, {"a": "first", "b": "", "c": ""}, plain=True)
    for row in rows:
        append(tmp_path, row, plain=True)
    found = [
        {"a": row["a"], "b": row["b"], "c": row["c"]}
        for row in row_read(context(tmp_path), file="out.csv", delimiter=",", header="first line")
        if isinstance(row, dict)
    ]
    assert found[1:] == [row for row in whole if any(row.values())]
