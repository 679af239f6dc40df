"""A watched folder that others may write to: they reach nothing else of this computer by it."""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.sdk import Context, InputError, RetryableError
from plugins.csv.actions import upsert_rows
from plugins.csv.places.local import LocalPlace
from plugins.csv.uploads import add_to_folder
from plugins.csv.watched import file_added, row_of_new_file
from tests.plugins.csv.desk import context, parts_of, records_of

CSV = b"email,name\nada@mail.example,Ada\n"


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    (tmp_path / "in").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "a.key").write_bytes(b"a,b\nvery,secret\n")
    return context(tmp_path, unread=set)


def put(path: Path) -> None:
    path.write_bytes(CSV)
    os.utime(path, (time.time() - 60,) * 2)


def test_links_that_lead_out_are_no_files_of_the_folder(tmp_path: Path, ctx: Context) -> None:
    put(tmp_path / "in" / "good.csv")
    (tmp_path / "in" / "again.csv").symlink_to("good.csv")
    (tmp_path / "in" / "bad.csv").symlink_to(tmp_path / "keys" / "a.key")
    (tmp_path / "in" / "round.csv").symlink_to("round.csv")
    (tmp_path / "in" / "nowhere.csv").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "in" / "pipe.csv")
    found = records_of(list(file_added(ctx, folder="in", unchanged_for=0)))
    assert sorted(one["name"] for one in found) == ["again.csv", "good.csv"]
    rows = records_of(list(row_of_new_file(ctx, folder="in", unchanged_for=0)))
    assert {row["email"] for row in rows} == {"ada@mail.example"}


def test_what_looks_like_a_mark_and_is_none_holds_nothing_up(tmp_path: Path, ctx: Context) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        put(tmp_path / "in" / name)
    os.mkfifo(tmp_path / "in" / ".a.csv.whole")
    (tmp_path / "in" / ".b.csv.whole").symlink_to("/dev/zero")
    (tmp_path / "in" / ".c.csv.whole").write_bytes(b"\xff\xfe")
    listed = LocalPlace(ctx).listed("in")
    assert {one.name: one.whole for one in listed if one.name.endswith(".csv")} == {
        "a.csv": False,
        "b.csv": False,
        "c.csv": False,
    }


def test_files_are_moved_to_no_other_folder_by_a_link(tmp_path: Path, ctx: Context) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "in" / "done").symlink_to(tmp_path / "plugins")
    put(tmp_path / "in" / "evil.csv")
    items = list(
        row_of_new_file(ctx, folder="in", unchanged_for=0, files="*", afterwards="move to done")
    )
    [part] = parts_of(items)
    assert part.then is not None
    with pytest.raises(RetryableError, match="it is a link to another folder"):
        part.then()
    assert list((tmp_path / "plugins").iterdir()) == []
    assert (tmp_path / "in" / "evil.csv").exists()


def test_an_upload_writes_through_no_link(tmp_path: Path, ctx: Context) -> None:
    (tmp_path / "in" / ".new.csv.whole").symlink_to(tmp_path / "keys" / "a.key")
    add_to_folder(ctx, ctx.files.save("new.csv", [CSV]), "in")
    assert (tmp_path / "in" / "new.csv").read_bytes() == CSV
    assert (tmp_path / "keys" / "a.key").read_bytes() == b"a,b\nvery,secret\n"
    assert [one.whole for one in LocalPlace(ctx).listed("in") if one.name == "new.csv"] == [True]


@pytest.mark.parametrize(
    "file", ["../.ssh/authorized_keys", "/etc/cron.d/x", "/out/../etc/x", "a/../../x"]
)
def test_a_record_names_no_file_of_a_server_elsewhere(ctx: Context, file: str) -> None:
    folders = replace(ctx.folders, named=frozenset({"/etc/known.csv"}), roots=(Path("/out"),))
    server = replace(ctx, folders=folders, connection={"host": "sftp.example.com"})
    rows: Any = [{"columns": {"a": "1"}}]
    with pytest.raises(InputError, match="outside the recipe's folder on the server"):
        upsert_rows(server, file=file, key_column="a", rows=rows)
