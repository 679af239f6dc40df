"""Secrets at rest: what is sealed, with which key, and how a running program learns of a new one."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from engine.errors import SetupError
from engine.store.keys import KEYS_VARIABLE, KeyRing
from engine.store.vault import Vault, open_vault

VALUE = {"settings": {"api_key": "sk-1234567890"}, "tokens": None}


def test_what_is_sealed_is_opened_and_not_readable_between() -> None:
    vault = Vault([Fernet.generate_key()])
    sealed = vault.seal(VALUE)
    assert b"sk-1234567890" not in sealed
    assert vault.open(sealed) == VALUE


def test_older_keys_of_the_ring_still_open() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = Vault([old]).seal(VALUE)
    assert Vault([new, old]).open(sealed) == VALUE


def test_another_key_is_refused_in_plain_words() -> None:
    sealed = Vault([Fernet.generate_key()]).seal(VALUE)
    with pytest.raises(SetupError, match="encrypted with another key"):
        Vault([Fernet.generate_key()]).open(sealed)


def test_the_first_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    vault = open_vault(folder, sealed_before=False)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert open_vault(folder, sealed_before=True).open(vault.seal(VALUE)) == VALUE


def test_a_lost_key_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="encryption key is missing") as caught:
        open_vault(tmp_path / "keys", sealed_before=True)
    assert "backup" in caught.value.hint
    assert not (tmp_path / "keys").exists()


def test_the_newest_key_file_encrypts(tmp_path: Path) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    (tmp_path / "0001.key").write_bytes(old)
    (tmp_path / "0002.key").write_bytes(new + b"\n")
    sealed = open_vault(tmp_path, sealed_before=True).seal(VALUE)
    assert Vault([new]).open(sealed) == VALUE


def test_keys_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    monkeypatch.setenv(KEYS_VARIABLE, f"{new.decode()}, {old.decode()}")
    vault = open_vault(tmp_path / "keys", sealed_before=True)
    assert vault.open(Vault([old]).seal(VALUE)) == VALUE
    assert Vault([new]).open(vault.seal(VALUE)) == VALUE
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("damaged", ["not a key", "x" * 44, "é" * 44])
def test_a_damaged_key_is_told_without_showing_it(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "0001.key").write_text(damaged)
    with pytest.raises(SetupError, match="damaged") as caught:
        open_vault(tmp_path, sealed_before=False)
    assert damaged not in str(caught.value)


def test_a_key_made_meanwhile_is_learnt_when_it_is_met(tmp_path: Path) -> None:
    running = open_vault(tmp_path / "keys", sealed_before=False)
    before = running.seal(VALUE)
    KeyRing(tmp_path / "keys").add()
    after = open_vault(tmp_path / "keys", sealed_before=True).seal(VALUE)
    assert running.open(after) == VALUE
    assert running.open(before) == VALUE


def test_a_key_made_meanwhile_is_used_from_then_on(tmp_path: Path) -> None:
    running = open_vault(tmp_path / "keys", sealed_before=False)
    running.seal(VALUE)
    new = KeyRing(tmp_path / "keys").add()
    assert Vault([new.secret]).open(running.seal(VALUE)) == VALUE


def test_a_key_that_is_gone_still_opens_what_was_on_its_way(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    running = open_vault(tmp_path / "keys", sealed_before=False)
    sealed = running.seal(VALUE)
    (old,) = ring.read()
    ring.add()
    ring.remove(old)
    assert Vault([ring.read()[0].secret]).open(running.seal(VALUE)) == VALUE
    assert running.open(sealed) == VALUE


def test_a_folder_that_vanishes_stops_no_running_program(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    running = open_vault(folder, sealed_before=False)
    (folder / "0001.key").rename(tmp_path / "kept.key")
    folder.rmdir()
    sealed = running.seal(VALUE)
    assert Vault([(tmp_path / "kept.key").read_bytes()]).open(sealed) == VALUE


def test_a_value_is_renewed_with_the_newest_key() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = Vault([old]).seal(VALUE)
    vault = Vault([new, old])
    assert not vault.is_newest(sealed)
    renewed = vault.renewed(sealed)
    assert vault.is_newest(renewed)
    assert Vault([new]).open(renewed) == VALUE
