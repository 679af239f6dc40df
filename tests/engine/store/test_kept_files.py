"""What files contain is kept once, encrypted, within a size, and deleted when nothing names it."""

import errno
import os
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert

from engine.errors import InputError, RetryableError, SetupError
from engine.run.upkeep.kept_files import sweep
from engine.store import kept_files, tables
from engine.store.database import Store
from engine.store.kept_files import PIECE, KeptFiles
from engine.store.reseal import reseal, values_by_key
from engine.store.vault import Vault

NOW = datetime.now(UTC)
CONTENT = bytes(range(256)) * 3000  # two pieces and the beginning of a third


@pytest.fixture
def files(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "kept-files", Vault([Fernet.generate_key()]))


def on_disk(files: KeptFiles) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, len(CONTENT)])
def test_what_is_saved_is_what_is_opened(files: KeptFiles, size: int) -> None:
    content = CONTENT[:size]
    chunks = [content[n : n + 70_000] for n in range(0, size, 70_000)]
    file = files.save("a.bin", chunks, "image/png")
    assert (file["name"], file["media_type"], file["size"]) == ("a.bin", "image/png", size)
    with files.open(file) as opened:
        assert opened.read() == content


def test_it_can_be_searched_as_archives_need(files: KeptFiles) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("one.txt", "1" * 400_000)
        archive.writestr("two.txt", "two")
    file = files.save("a.zip", [packed.getvalue()])
    with files.open(file) as opened, ZipFile(opened) as archive:
        assert archive.read("two.txt") == b"two"
        assert len(archive.read("one.txt")) == 400_000


def test_the_same_contents_are_there_once_and_unreadable(files: KeptFiles) -> None:
    one = files.save("one.txt", [b"Dear ", b"Ada"])
    two = files.save("../two.txt", [b"Dear Ada"])
    assert one["file"] == two["file"]
    assert two["name"] == "two.txt"
    [kept] = on_disk(files)
    assert b"Ada" not in kept.read_bytes()


def test_one_piece_is_in_memory_whatever_the_size(files: KeptFiles) -> None:
    import tracemalloc

    piece = os.urandom(65536)
    tracemalloc.start()
    file = files.save("large.bin", (piece for _ in range(320)))  # 20 MB
    with files.open(file) as opened:
        while opened.read(65536):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert file["size"] == 320 * 65536
    assert peak < 12 * PIECE


def test_a_file_that_is_too_large_is_not_taken_and_leaves_nothing(files: KeptFiles) -> None:
    small = KeptFiles(files.folder, files.vault, largest=1_000_000)
    with pytest.raises(InputError, match=r"'film\.mp4' is larger than 1\.0 MB, and was not"):
        small.save("film.mp4", (b"x" * 65536 for _ in range(10_000)))
    assert on_disk(files) == []


def test_an_administrator_says_how_large(files: KeptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept_files.LARGEST_VARIABLE, "1")
    with pytest.raises(InputError, match="larger than"):
        files.save("a", [b"x" * 1_000_001])
    monkeypatch.setenv(kept_files.LARGEST_VARIABLE, "much")
    with pytest.raises(SetupError, match="'much', which is no number"):
        files.save("a", [b"x"])


def test_what_breaks_off_leaves_nothing(files: KeptFiles) -> None:
    def breaking() -> Any:
        yield b"half"
        raise ConnectionError

    with pytest.raises(RetryableError, match=r"'a\.txt' can't be kept"):
        files.save("a.txt", breaking())
    assert on_disk(files) == []


def test_a_full_disk_is_a_sentence(files: KeptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RetryableError, match="No space left on device"):
        files.save("a.txt", [b"x"])
    assert on_disk(files) == []


@pytest.mark.parametrize("id", ["../../../etc/passwd", "ab" * 31, "AB" * 32, "ab" * 32, 5])
def test_an_id_that_is_none_opens_nothing(files: KeptFiles, id: Any) -> None:
    with pytest.raises(InputError, match=r"'a\.txt' isn't kept any more"):
        files.open({"name": "a.txt", "media_type": "", "size": 1, "file": id})


@pytest.mark.parametrize("damage", ["cut", "swapped", "resized"])
def test_a_damaged_file_is_told(files: KeptFiles, damage: str) -> None:
    file = files.save("a.bin", [CONTENT])
    [kept] = on_disk(files)
    sealed, size = kept.read_bytes(), files.vault.sealed_size(8 + PIECE)
    match damage:
        case "cut":
            kept.write_bytes(sealed[:size])
        case "swapped":
            kept.write_bytes(sealed[size : 2 * size] + sealed[:size] + sealed[2 * size :])
        case "resized":
            file["size"] -= 20
    with pytest.raises(InputError, match=r"'a\.bin' is damaged"), files.open(file) as opened:
        opened.read()


# -- keys and sweeping ---------------------------------------------------------------------------


def test_a_new_key_takes_files_over_too(store: Store) -> None:
    from engine.store.keys import KeyRing

    file = store.files.save("a.bin", [CONTENT])
    ring = KeyRing(store.home / "keys")
    old = ring.read()
    ring.add()
    assert not store.files.is_newest(next(store.files.places()))
    assert reseal(store).lost == 0
    newest = ring.read()[0]
    opened, lost = values_by_key(store, [newest, *old])
    assert (lost, set(opened)) == (0, {newest.id})
    with KeptFiles(store.files.folder, Vault([newest.secret])).open(file) as found:
        assert found.read() == CONTENT


def age(store: Store, **ages: int) -> None:
    """Let files have been used last so many days ago."""
    for place in store.files.places():
        used = time.time() - ages[place.name[:3]] * 86400 if place.name[:3] in ages else None
        if used:
            os.utime(place, (used, used))


def test_files_go_when_unused_for_long_and_named_by_nothing(store: Store) -> None:
    named, forgotten, recent, opened = (
        store.files.save(name, [name.encode()]) for name in ("named", "forgotten", "new", "opened")
    )
    common = {"recipe": "r", "first_run_id": 1, "run_id": 1, "outcome": "rejected"}
    with store.writing() as connection:
        sealed = store.vault.seal({"id": 1, "attachments": [named]})
        connection.execute(
            insert(tables.open_problems), [common | {"record_key": "1", "source": sealed}]
        )
    for file in (named, forgotten, opened):
        age(store, **{file["file"][:3]: 40})
    store.files.open(opened).close()
    before = NOW - timedelta(days=30)
    assert sweep(store, before) == 1
    for file in (named, recent, opened):
        store.files.open(file).close()
    with pytest.raises(InputError, match="isn't kept any more"):
        store.files.open(forgotten)
    assert sweep(store, before) == 0


def test_what_a_dead_writer_left_goes_after_a_day(store: Store) -> None:
    store.files.save("a", [b"a"])
    old, new = store.files.folder / "part-old", store.files.folder / "part-new"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    sweep(store, NOW - timedelta(days=30))
    assert (old.exists(), new.exists()) == (False, True)
