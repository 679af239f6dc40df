"""The ring of keys: made for their owner alone, closed to others, never half written."""

import logging
import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from engine.errors import SetupError
from engine.store.keys import KEYS_VARIABLE, KeyRing


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


def test_a_fresh_home_has_no_key(ring: KeyRing) -> None:
    assert ring.read() == ()
    assert not ring.folder.exists()


def test_a_new_key_comes_first_and_belongs_to_its_owner_alone(ring: KeyRing) -> None:
    (first,) = ring.first()
    new = ring.add()
    assert ring.read() == (new, first)
    assert [key.file.name for key in ring.read() if key.file] == ["0002.key", "0001.key"]
    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in ring.folder.iterdir()} == {0o600}


def test_a_first_key_that_another_process_made_is_taken(ring: KeyRing) -> None:
    assert ring.first() == ring.first()


def test_keys_made_at_once_are_all_kept(ring: KeyRing) -> None:
    ring.first()
    threads = [threading.Thread(target=ring.add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({key.secret for key in ring.read()}) == 9


def test_a_draft_that_a_crash_left_behind_is_no_key(ring: KeyRing) -> None:
    ring.first()
    (ring.folder / ".0002.key.4711").write_bytes(b"half a")
    assert len(ring.read()) == 1
    assert ring.add().file == ring.folder / "0002.key"


def test_the_stamp_changes_with_the_keys(ring: KeyRing) -> None:
    ring.first()
    os.utime(ring.folder, (1, 1))
    before = ring.stamp()
    assert ring.stamp() == before
    ring.add()
    assert ring.stamp() != before


def test_files_that_others_can_read_are_closed_and_it_is_said(
    ring: KeyRing, caplog: pytest.LogCaptureFixture
) -> None:
    ring.first()
    ring.folder.chmod(0o755)
    (ring.folder / "0001.key").chmod(0o644)
    with caplog.at_level(logging.WARNING):
        ring.read()
    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((ring.folder / "0001.key").stat().st_mode) == 0o600
    assert "0001.key' in" not in caplog.text
    assert caplog.text.count("it is closed to them now") == 2
    caplog.clear()
    ring.read()
    assert not caplog.text


def test_the_short_name_gives_nothing_of_the_key_away(ring: KeyRing) -> None:
    (key,) = ring.first()
    assert len(key.id) == 8
    assert key.id not in key.secret.decode()
    assert key.secret.decode() not in repr(key)


def test_the_variable_stands_before_the_folder(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.first()
    given = [Fernet.generate_key() for _ in range(2)]
    monkeypatch.setenv(KEYS_VARIABLE, " , ".join(key.decode() for key in given))
    assert [key.secret for key in ring.read()] == given
    assert {key.file for key in ring.read()} == {None}


def test_a_key_file_of_another_name_is_told_before_a_new_key_is_made(ring: KeyRing) -> None:
    (first,) = ring.first()
    assert first.file is not None
    first.file.rename(ring.folder / "mine.key")
    with pytest.raises(SetupError, match="another name"):
        ring.add()
