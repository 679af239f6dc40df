"""What is saved comes back, into either kind of database, and nothing that shouldn't."""

import gzip
import io
import json
import os
import shutil
import stat
import tarfile
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from engine.backup.last import last_backup
from engine.backup.making import make_backup
from engine.backup.restoring import check_backup, restore_backup
from engine.errors import SetupError
from engine.store import tables
from engine.store.connections import get_connection
from engine.store.database import open_store
from engine.store.keys import KEYS_VARIABLE, KeyRing
from tests.engine.backup.conftest import NOTE, SECRET, Firm, everything, put, tree

#: Those whose rows are others after a restore.
SETTLED = ("workers", "runs", "chunks", "run_log", "recipes", "recipe_schedules")


def key_of(firm: Firm, home: Path) -> None:
    shutil.copytree(firm.home / "keys", home / "keys")


def parts(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}


def test_everything_comes_back(firm, tmp_path):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert made.left_out == ()
    last = last_backup(firm.home)
    assert (last.made_at, last.size) == (made.manifest.made_at, made.file.stat().st_size)
    home, recipes = tmp_path / "new", tmp_path / "new-recipes"
    key_of(firm, home)
    restored = restore_backup(made.file, home, recipes, resume=True)
    assert restored.recipes == recipes
    assert tree(recipes) == {"night.yaml": b"name: Every night\n", "tables/stages.csv": b"open,1\n"}
    for name in ("files", "kept-files"):
        assert tree(home / name) == tree(firm.home / name) != {}
    assert tree(home / "plugins") == {"ours/__init__.py": b"x = 1\n"}
    assert {path.name for path in home.iterdir()} == {
        *("bridgework.db", "files", "keys", "kept-files", "plugins", "serve.lock")
    }
    store = open_store(home)
    assert everything(store, SETTLED) == everything(firm.store, SETTLED)
    assert get_connection(store, "depot").secrets == {"key": SECRET}
    store.close()


@pytest.mark.sqlite
def test_a_home_moves_to_postgresql_and_back(firm, tmp_path, request):
    before = everything(firm.store, SETTLED)
    first = make_backup(firm.store, firm.recipes, tmp_path / "first.tar").file
    url = request.getfixturevalue("postgres_url")
    key_of(firm, tmp_path / "there")
    restore_backup(first, tmp_path / "there", tmp_path / "recipes-there", url=url, resume=True)
    there = open_store(tmp_path / "there", url)
    assert everything(there, SETTLED) == before
    with there.writing() as connection:  # new rows are numbered after the old ones
        row = {"email": "new@firm.example", "password_hash": "x"}
        now = connection.execute(select(tables.users.c.created_at).limit(1)).scalar_one()
        connection.execute(insert(tables.users).values(**row, created_at=now))
    last = make_backup(there, tmp_path / "recipes-there", tmp_path / "last.tar").file
    key_of(firm, tmp_path / "again")
    with pytest.raises(SetupError, match="holds something already"):
        restore_backup(last, tmp_path / "again", tmp_path / "x", url=url)
    key_of(firm, tmp_path / "back")
    restore_backup(last, tmp_path / "back", tmp_path / "recipes-back", resume=True)
    back = open_store(tmp_path / "back")
    assert everything(back, (*SETTLED, "users")) == everything(there, (*SETTLED, "users"))
    assert len(everything(back)["users"]) == 3
    for store in (there, back):
        store.close()


def test_no_secret_is_in_the_file(firm, tmp_path, monkeypatch):
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://bridgework.firm.example")
    monkeypatch.setenv("BRIDGEWORK_SMTP_URL", "smtp://ann:pass-of-ann@mail.firm.example")
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    found = parts(made.file)
    unpacked = b"".join(
        gzip.decompress(data) if name.endswith(".gz") else data for name, data in found.items()
    )
    assert b"%PDF" not in unpacked
    keys = [key.secret for key in KeyRing(firm.home / "keys").read()]
    for secret in (SECRET.encode(), NOTE.encode(), b"pass-of-ann", *keys):
        assert secret not in unpacked
        assert secret not in made.file.read_bytes()
    assert json.loads(found["manifest.json"])["settings"]["BRIDGEWORK_PUBLIC_URL"]
    assert b"what was done" not in unpacked  # the log
    assert next(iter(found)) == "manifest.json"
    assert "keys.tar.gz" not in found


def test_its_keys_are_in_it_only_where_that_is_asked_for(firm, tmp_path):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar", with_keys=True)
    home = tmp_path / "new"
    put(home / "keys" / "web.secret", "signs log-ins")
    restore_backup(made.file, home, tmp_path / "new-recipes")
    assert tree(home / "keys").keys() == {"0001.key", "web.secret"}
    assert stat.S_IMODE((home / "keys" / "0001.key").stat().st_mode) == 0o600
    store = open_store(home)
    assert get_connection(store, "depot").secrets == {"key": SECRET}
    store.close()


def test_without_its_key_it_says_which_one_is_missing(firm, tmp_path, monkeypatch):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    [key] = KeyRing(firm.home / "keys").read()
    home = tmp_path / "new"
    with pytest.raises(SetupError, match=f"key {key.id}.* is not in '{home}/keys'"):
        restore_backup(made.file, home, tmp_path / "new-recipes")
    assert [path.name for path in home.iterdir()] == ["serve.lock"]
    open_store(tmp_path / "other").close()
    shutil.copytree(tmp_path / "other" / "keys", home / "keys")
    with pytest.raises(SetupError, match="which this backup was made with") as raised:
        restore_backup(made.file, home, tmp_path / "new-recipes")
    assert "The keys here are" in raised.value.hint
    monkeypatch.setenv(KEYS_VARIABLE, key.secret.decode())
    restore_backup(made.file, home, tmp_path / "new-recipes")


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(firm, tmp_path):
    file = tmp_path / "all.tar"
    file.write_text("precious")
    with pytest.raises(SetupError, match="is there already"):
        make_backup(firm.store, firm.recipes, file)
    assert file.read_text() == "precious"
    make_backup(firm.store, firm.recipes, file, replace=True)
    check_backup(file)


def test_links_lead_nowhere_but_from_the_recipes(firm, tmp_path):
    put(tmp_path / "elsewhere" / "passwords.txt", "hush")
    (firm.home / "files" / "link.txt").symlink_to(tmp_path / "elsewhere" / "passwords.txt")
    (firm.home / "files" / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(firm.home / "files" / "pipe")
    (firm.recipes / "linked.yaml").symlink_to(firm.recipes / "night.yaml")
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    assert {path.name for path in made.left_out} == {"link.txt", "folder", "pipe"}
    with tarfile.open(fileobj=io.BytesIO(parts(made.file)["recipes.tar.gz"])) as tar:
        assert {e.name for e in tar if e.isreg()} == {
            *("linked.yaml", "night.yaml", "tables/stages.csv")
        }


def test_recipes_that_say_something_else_are_left_alone(firm, tmp_path):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    put(tmp_path / "others" / "night.yaml", "name: Another\n")
    home = tmp_path / "new"
    key_of(firm, home)
    restored = restore_backup(made.file, home, tmp_path / "others")
    assert tree(tmp_path / "others") == {"night.yaml": b"name: Another\n"}
    assert tree(restored.recipes)["night.yaml"] == b"name: Every night\n"
    assert restored.recipes.parent == home


@pytest.mark.sqlite
def test_a_home_that_holds_something_is_left_alone_or_moved_aside(firm, tmp_path):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    with firm.store.writing() as connection:
        connection.execute(tables.ledger.delete())
    put(firm.home / "files" / "since.txt", "since then")
    with pytest.raises(SetupError, match=r"holds something already: bridgework\.db"):
        restore_backup(made.file, firm.home, firm.recipes)
    firm.store.close()
    restored = restore_backup(made.file, firm.home, firm.recipes, replace=True)
    assert restored.moved_aside is not None
    assert (restored.moved_aside / "files" / "since.txt").exists()
    assert not (firm.home / "files" / "since.txt").exists()
    store = open_store(firm.home)
    assert len(everything(store)["ledger"]) == 2
    store.close()


@pytest.mark.sqlite
def test_killed_at_any_step_it_leaves_a_whole_backup_or_none(firm, tmp_path, killed_at):
    folder = tmp_path / "backups"
    whole = 0
    for number in count(1, 3):
        file = folder / f"{number}.tar"
        was_killed = killed_at(lambda: make_backup(firm.store, firm.recipes, file), number)  # noqa: B023
        if file.exists():
            check_backup(file)
            whole += 1
        if not was_killed:
            break
    assert number > 10
    assert whole
    make_backup(firm.store, firm.recipes, folder / "last.tar")
    assert {path.suffix for path in folder.iterdir()} == {".tar"}  # what was half done is gone


@pytest.mark.sqlite
@pytest.mark.parametrize("replace", [False, True])
def test_killed_at_any_step_a_restore_begins_anew(firm, tmp_path, killed_at, replace):
    made = make_backup(firm.store, firm.recipes, tmp_path / "all.tar")
    before = everything(firm.store, SETTLED)
    refused = 0
    for number in count(1, 11 if replace else 8):
        home, recipes = tmp_path / f"home{number}", tmp_path / f"recipes{number}"
        key_of(firm, home)
        if replace:
            put(home / "files" / "old.txt", "old")

        def act():
            restore_backup(made.file, home, recipes, replace=replace, resume=True)  # noqa: B023

        was_killed = killed_at(act, number)
        if (home / "restore-under-way").exists():
            with pytest.raises(SetupError, match="cut short"):
                open_store(home)
            refused += 1
        if not was_killed:
            break
        if not (home / "bridgework.db").exists() or (home / "restore-under-way").exists():
            restore_backup(made.file, home, recipes, replace=replace, resume=True)
            store = open_store(home)
            assert everything(store, SETTLED) == before
            store.close()
            assert tree(home / "files") == tree(firm.home / "files")
            assert len(tree(recipes)) == 2
            old = [path.read_text() for path in home.glob("before-restore-*/files/old.txt")]
            assert old == ["old"] * replace
        shutil.rmtree(home)
    assert number > 10
    assert refused > 2
