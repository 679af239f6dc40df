"""A watched folder: every new file once, never half of one, and put away when it is done."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from engine.sdk import BadRecord, Context, InputError, SetupError
from plugins.csv.attached import MOST_ROWS, rows_of_file, save_file
from plugins.csv.places import place
from plugins.csv.watched import columns_of_new_file, file_added, row_of_new_file
from tests.plugins.csv.desk import context, parts_of, records_of, workbook

CSV = "email,name\nada@mail.example,Ada\nzoe@mail.example,Zoë\n"


class Known:
    """Which parts were read; as the engine remembers them."""

    def __init__(self) -> None:
        self.done: set[str] = set()

    def unread(self, parts: Any) -> set[str]:
        return set(parts) - self.done

    def settle(self, items: list[Any]) -> list[dict[str, Any]]:
        """Take note of what was read, as after a run, and return the records."""
        for part in parts_of(items):
            self.done.add(part.part)
            if part.then:
                part.then()
        return records_of(items)


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
def ctx(tmp_path: Path, known: Known) -> Context:
    (tmp_path / "in").mkdir()
    return context(tmp_path, unread=known.unread)


def read(ctx: Context, **options: Any) -> list[Any]:
    return list(row_of_new_file(ctx, folder="in", **{"unchanged_for": 0, **options}))


def put(tmp_path: Path, name: str, content: str | bytes = CSV, age: float = 60) -> None:
    path = tmp_path / "in" / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (time.time() - age,) * 2)


def test_rows_of_every_new_file_once(tmp_path: Path, ctx: Context, known: Known) -> None:
    put(tmp_path, "b.csv")
    put(tmp_path, "a.xlsx", workbook([["email", "name", "x"], ["cy@mail.example", "Cy", "1"]]))
    found = known.settle(read(ctx))
    assert [(row["file_name"], row["key"], row["email"]) for row in found] == [
        ("b.csv", "b.csv|2", "ada@mail.example"),
        ("b.csv", "b.csv|3", "zoe@mail.example"),
        ("a.xlsx", "a.xlsx|2", "cy@mail.example"),
    ]
    assert known.settle(read(ctx)) == []
    put(tmp_path, "c.csv")
    assert [row["file_name"] for row in known.settle(read(ctx))] == ["c.csv", "c.csv"]
    put(tmp_path, "b.csv", CSV + "new@mail.example,New\n", age=30)
    assert len(known.settle(read(ctx))) == 3


def test_what_was_not_settled_is_read_again(tmp_path: Path, ctx: Context) -> None:
    put(tmp_path, "a.csv")
    assert len(records_of(read(ctx))) == len(records_of(read(ctx))) == 2


def test_a_key_column_is_the_key_whatever_the_file(tmp_path: Path, ctx: Context) -> None:
    put(tmp_path, "a.csv")
    assert [row["key"] for row in records_of(read(ctx, key="email"))] == [
        "ada@mail.example",
        "zoe@mail.example",
    ]


def test_a_file_that_still_changes_is_left_alone(
    tmp_path: Path, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.csv")  # its time is old, but it came just now
    assert read(ctx, unchanged_for=10) == []
    later = time.time() + 11
    monkeypatch.setattr(place.settled, "__kwdefaults__", {"clock": lambda: later})
    assert len(records_of(read(ctx, unchanged_for=10))) == 2


@pytest.mark.parametrize(
    "name", [".hidden.csv", "~$a.xlsx", "a.csv.part", "a.csv.filepart", "a.csv.tmp", "notes.pdf"]
)
def test_what_is_unfinished_or_no_table_is_passed_over(
    tmp_path: Path, ctx: Context, name: str
) -> None:
    put(tmp_path, name)
    (tmp_path / "in" / "folder.csv").mkdir()
    assert read(ctx) == []


def test_a_file_is_moved_when_it_is_settled_and_not_before(
    tmp_path: Path, ctx: Context, known: Known
) -> None:
    put(tmp_path, "a.csv")
    items = read(ctx, afterwards="move to done")
    assert (tmp_path / "in" / "a.csv").exists()
    known.settle(items)
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["done"]
    put(tmp_path, "a.csv", CSV + "x,y\n")
    known.settle(read(ctx, afterwards="move to done"))
    assert sorted(path.name for path in (tmp_path / "in" / "done").iterdir()) == [
        "a 2.csv",
        "a.csv",
    ]


def test_one_that_changed_meanwhile_is_not_put_away(
    tmp_path: Path, ctx: Context, known: Known
) -> None:
    put(tmp_path, "a.csv")
    items = read(ctx, afterwards="delete")
    put(tmp_path, "a.csv", CSV + "x,y\n")
    known.settle(items)
    assert len(known.settle(read(ctx, afterwards="delete"))) == 3
    assert list((tmp_path / "in").iterdir()) == []


def test_putting_away_is_made_up_for_after_a_crash(
    tmp_path: Path, ctx: Context, known: Known
) -> None:
    put(tmp_path, "a.csv")
    known.done |= {part.part for part in parts_of(read(ctx, afterwards="move to done"))}
    assert known.settle(read(ctx, afterwards="move to done")) == []
    assert (tmp_path / "in" / "done" / "a.csv").exists()


def test_a_wrong_file_is_reported_once_and_the_others_come_over(
    tmp_path: Path, ctx: Context, known: Known
) -> None:
    put(tmp_path, "a.csv", b"%PDF-1.7 ", age=90)
    put(tmp_path, "b.csv")
    items = read(ctx, afterwards="move to done")
    [bad] = [item for item in items if isinstance(item, BadRecord)]
    assert (bad.code, bad.label) == ("unreadable_file", "a.csv")
    assert "a PDF document" in bad.reason
    assert len(known.settle(items)) == 2
    assert (tmp_path / "in" / "a.csv").exists()
    assert read(ctx, afterwards="move to done") == []


def test_files_come_whole_to_be_passed_on(tmp_path: Path, ctx: Context, known: Known) -> None:
    put(tmp_path, "letter.pdf", b"%PDF-1.7")
    [new] = known.settle(list(file_added(ctx, folder="in", files="*.PDF", unchanged_for=0)))
    assert (new["name"], new["size"]) == ("letter.pdf", 8)
    with ctx.files.open(new["file"]) as opened:
        assert opened.read() == b"%PDF-1.7"
    saved = save_file(ctx, folder="out", file=new["file"])
    assert (tmp_path / "out" / "letter.pdf").read_bytes() == b"%PDF-1.7"
    assert saved == {"name": "letter.pdf", "size": 8}


@pytest.mark.parametrize("name", ["../x.pdf", "/etc/passwd", "..", ""])
def test_a_file_is_never_saved_outside_its_folder(tmp_path: Path, ctx: Context, name: str) -> None:
    file = ctx.files.save("a.pdf", [b"x"])
    if not name:
        assert save_file(ctx, folder="out", file=file, name=name)["name"] == "a.pdf"
        return
    with pytest.raises(InputError, match="is no name of a file"):
        save_file(ctx, folder="out", file=file, name=name)


def test_columns_are_those_of_the_newest_file_also_of_a_done_one(
    tmp_path: Path, ctx: Context, known: Known
) -> None:
    with pytest.raises(SetupError, match="There is no file in 'in' yet"):
        columns_of_new_file(ctx, folder="in", unchanged_for=0)
    put(tmp_path, "a.csv")
    for _ in range(2):
        schema = columns_of_new_file(ctx, folder="in", unchanged_for=0)
        assert list(schema["properties"]) == ["file_name", "key", "line", "email", "name"]
        known.settle(read(ctx, afterwards="move to done"))


def test_a_folder_that_is_not_there_is_told(ctx: Context) -> None:
    with pytest.raises(SetupError, match="There is no folder 'out'"):
        list(row_of_new_file(ctx, folder="out"))


# -- attachments ---------------------------------------------------------------------------------


def test_rows_of_an_attachment_are_bounded(ctx: Context) -> None:
    file = ctx.files.save("a.csv", [b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1)])
    with pytest.raises(InputError, match="more than 10,000 rows"):
        rows_of_file(ctx, file=file)


def test_an_attachment_with_a_row_that_cannot_be_used_is_refused(ctx: Context) -> None:
    file = ctx.files.save("a.csv", [b"a,b\n1,2\n1,2,3\n"])
    with pytest.raises(InputError, match="Line 3 has 3 cells where the header has 2"):
        rows_of_file(ctx, file=file)
    picture = ctx.files.save("a.png", [b"\x89PNG"])
    with pytest.raises(InputError, match="a picture"):
        rows_of_file(ctx, file=picture)
