"""After a crash it is known of each row whether it was appended, by the key it was sent with."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.context import Folders
from engine.sdk import Accepted, Context, Rejected
from plugins.csv.actions import append_rows, find_row
from plugins.csv.writing import sent


def context(folder: Path) -> Context:
    folders = Folders(search=(folder,), output=folder)
    return Context(http=None, now=datetime(2026, 1, 1, tzinfo=UTC), folders=folders)  # type: ignore[arg-type]


def key(number: int) -> str:
    return f"{number:032x}"


def append(folder: Path, **rows: dict[str, str]):
    keys = tuple(key(int(name[1:])) for name in rows)
    ctx = replace(context(folder), idempotency_keys=keys)
    return append_rows(ctx, file="out.csv", rows=[{"columns": row} for row in rows.values()])


def found(folder: Path, number: int) -> bool:
    ctx = replace(context(folder), idempotency_key=key(number))
    answer = find_row(ctx, file="out.csv", columns={"a": "1"})
    assert answer in (None, Accepted({"file": "out.csv", "columns": {"a": "1"}}, created=True))
    return answer is not None


def test_rows_are_known_by_their_keys_however_alike_they_are(tmp_path: Path) -> None:
    assert not found(tmp_path, 1)
    append(tmp_path, r1={"a": "1"}, r2={"a": "1"})
    append(tmp_path, r3={"b": "widens the header"})
    assert [found(tmp_path, n) for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_row_that_was_refused_is_not_there(tmp_path: Path) -> None:
    results = append(tmp_path, r1={}, r2={"a": "2"})
    assert isinstance(results[0], Rejected)
    assert [found(tmp_path, n) for n in (1, 2)] == [False, True]


@pytest.mark.parametrize("written", range(len(b"second\r\nthird\r\n") + 1))
def test_what_a_crash_left_of_an_append_tells(tmp_path: Path, written: int) -> None:
    append(tmp_path, r1={"a": "1"})
    file, journal = tmp_path / "out.csv", tmp_path / ".out.csv.lock"
    whole, added = file.read_bytes(), b"second\r\nthird\r\n"
    journal.write_bytes(f"{len(whole)} {key(2)} {key(3)}\n".encode() + added)
    file.write_bytes(whole + added[:written])
    complete = written == len(added)
    assert [found(tmp_path, n) for n in (1, 2, 3)] == [True, complete, complete]
    assert file.read_bytes() == whole + (added if complete else b"")
    assert journal.read_bytes() == b""


@pytest.mark.parametrize("replaced", [True, False])
def test_what_a_crash_left_of_a_new_file_tells(tmp_path: Path, replaced: bool) -> None:
    append(tmp_path, r1={"a": "1"})
    new = tmp_path / ".out.csv.new"
    new.write_bytes(b"a,b\r\n1,\r\n,2\r\n")
    note = f"new {new.stat().st_ino} {key(2)}\n"
    (tmp_path / ".out.csv.lock").write_text(note)
    if replaced:
        new.replace(tmp_path / "out.csv")
    assert [found(tmp_path, n) for n in (1, 2)] == [True, replaced]


def test_a_key_cut_off_by_a_crash_spoils_none_after_it(tmp_path: Path) -> None:
    append(tmp_path, r1={"a": "1"})
    with (tmp_path / ".out.csv.sent").open("a") as file:
        file.write(key(2)[:10])
    append(tmp_path, r3={"a": "3"})
    assert [found(tmp_path, n) for n in (1, 2, 3)] == [True, False, True]


def test_old_keys_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "KEPT", 10)
    for n in range(100):
        append(tmp_path, **{f"r{n}": {"a": str(n)}})
    assert all(found(tmp_path, n) for n in range(90, 100))
    assert not found(tmp_path, 0)
    assert (tmp_path / ".out.csv.sent").stat().st_size < 30 * 33
