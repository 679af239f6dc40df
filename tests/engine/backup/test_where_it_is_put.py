"""Where a backup is put: disks that can do less, what is there already, and which ones are kept."""

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from engine.backup.last import last_backup
from engine.backup.making import _DRAFT, make_backup
from engine.backup.restoring import check_backup, restore_backup
from engine.backup.rotation import dated_name, keep_newest
from engine.errors import SetupError
from engine.store.database import open_store
from tests.engine.backup.conftest import put

pytestmark = pytest.mark.sqlite


@pytest.fixture
def home(new_home, tmp_path):
    store = open_store(new_home(tmp_path / "home"))
    yield store
    store.close()


def saved(store, file: Path) -> Path:
    return make_backup(store, store.home / "no-recipes", file).file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_newest_few_of_this_home_are_kept_and_nothing_else_is_deleted(home, tmp_path, clock):
    folder, ours = tmp_path / "backups", []
    for _ in range(3):
        ours.append(saved(home, folder / dated_name(clock())))
        clock.pass_by(days=1)
    other = open_store(tmp_path / "other")
    theirs = saved(other, folder / "bridgework-2001-01-01-000000.tar")
    other.close()
    put(folder / "bridgework-2002-02-02-000000.tar", "a film")
    put(folder / "notes.txt", "stays")
    assert keep_newest(ours[2], 2) == [ours[0]]
    assert names(folder) == {
        *(ours[1].name, ours[2].name, theirs.name),
        *("bridgework-2002-02-02-000000.tar", "notes.txt"),
    }


def test_what_was_just_made_is_kept_by_a_clock_that_was_put_back(home, tmp_path):
    late = saved(home, tmp_path / "bridgework-2099-01-01-000000.tar")
    made = saved(home, tmp_path / "bridgework-2026-01-01-000000.tar")
    assert keep_newest(made, 1) == [late]
    assert made.exists()


def test_a_disk_without_second_names_and_locks_takes_it_too(home, tmp_path, monkeypatch):
    """As a network's folder or a memory stick."""

    def cannot(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    taken = fcntl.flock
    stick = tmp_path / "stick"
    stick.mkdir()

    def locks_elsewhere(descriptor: int, how: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(stick):
            raise OSError(errno.EBADF, "Bad file descriptor")
        taken(descriptor, how)

    monkeypatch.setattr("os.link", cannot)
    monkeypatch.setattr("fcntl.flock", locks_elsewhere)
    file = saved(home, stick / "all.tar")
    check_backup(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(stick) == {"all.tar"}
    with pytest.raises(SetupError, match="is there already"):
        saved(home, file)


def test_a_home_that_cannot_note_it_has_its_backup_all_the_same(home, tmp_path):
    (home.home / "last-backup.json.new").mkdir()
    check_backup(saved(home, tmp_path / "all.tar"))
    assert last_backup(home.home) is None


def test_a_device_is_not_replaced_by_a_backup(home, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SetupError, match="is no file that could be replaced"):
        make_backup(home, tmp_path / "none", pipe, replace=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_to_write_in_that_another_clears_up_is_made_again(home, tmp_path, monkeypatch):
    opened, cleared = os.open, []

    def late(path: object, *how: int, **more: object) -> int:
        if _DRAFT in str(path) and not cleared:
            cleared.append(path)
            Path(str(path)).rmdir()
        return opened(path, *how, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("os.open", late)
    check_backup(saved(home, tmp_path / "all.tar"))
    assert cleared


@pytest.mark.parametrize("place", ["home/files/out", "recipes", "recipes/tables"])
def test_put_among_what_it_saves_it_leaves_out_backups_and_nothing_else(home, tmp_path, place):
    put(tmp_path / place / "clients.csv", "name\n")
    put(tmp_path / place / "films.tar", "an ordinary one")
    for name in ("monday.tar", "tuesday.tar"):
        made = make_backup(home, tmp_path / "recipes", tmp_path / place / name)
    found = {part.name: part.files for part in made.manifest.parts}
    assert found["recipes.tar.gz"] + found["files.tar.gz"] == 2
    assert made.left_out == ()


def test_names_as_long_as_disks_take_come_back(home, tmp_path):
    long = f"{'ü' * 125}.yaml"
    put(tmp_path / "recipes" / long, "name: Long\n")
    made = make_backup(home, tmp_path / "recipes", tmp_path / "all.tar", with_keys=True)
    restore_backup(made.file, tmp_path / "new", tmp_path / "back")
    assert names(tmp_path / "back") == {long}


def test_the_note_of_the_last_backup_is_its_owners_alone(home, tmp_path):
    before = os.umask(0)
    try:
        saved(home, tmp_path / "all.tar")
    finally:
        os.umask(before)
    assert stat.S_IMODE((home.home / "last-backup.json").stat().st_mode) == 0o600
