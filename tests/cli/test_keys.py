"""``bridgework keys``: what an admin sees and does."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet

from engine.store.connections import Connection, get_connection, save_connection
from engine.store.database import Store, open_store
from engine.store.keys import KEYS_VARIABLE

Bridgework = Callable[..., Result]


def listed(bridgework: Bridgework) -> list[dict[str, object]]:
    return json.loads(bridgework("keys", "list", "--json").stdout)


def age(home: Path, seconds: float) -> None:
    for file in (home / "keys").glob("*.key"):
        os.utime(file, (time.time() - seconds,) * 2)


@pytest.fixture
def connected(store: Store) -> Store:
    save_connection(store, Connection(name="c", connector="x", secrets={"api_key": "sk-12345678"}))
    return store


def test_a_fresh_home_has_one_key_and_none_to_retire(bridgework: Bridgework) -> None:
    (key,) = listed(bridgework)
    assert (key["use"], key["values"]) == ("encrypts", 1)
    assert "Nothing to retire" in bridgework("keys", "retire").stderr


def test_a_new_key_takes_over_and_the_old_one_is_removed(
    bridgework: Bridgework, connected: Store
) -> None:
    (old,) = listed(bridgework)
    rotated = bridgework("keys", "rotate")
    assert rotated.exit_code == 0
    assert "2 values are encrypted with it now." in rotated.stderr
    new, kept = listed(bridgework)
    assert (new["use"], new["values"]) == ("encrypts", 2)
    assert (kept["key"], kept["use"]) == (old["key"], "no longer needed")
    age(connected.home, 60)
    retired = bridgework("keys", "retire")
    assert retired.exit_code == 0
    assert f"Removed {old['key']}." in retired.stderr
    assert [key["key"] for key in listed(bridgework)] == [new["key"]]
    again = open_store(connected.home)
    assert get_connection(again, "c").secrets == {"api_key": "sk-12345678"}
    again.close()


def test_no_key_is_retired_before_the_newest_has_taken_over(
    bridgework: Bridgework, connected: Store
) -> None:
    from engine.store.keys import KeyRing

    KeyRing(connected.home / "keys").add()  # as a rotation that was killed leaves it
    refused = bridgework("keys", "retire")
    assert refused.exit_code == 3
    assert "Run `bridgework keys rotate` first." in refused.stderr
    assert len(listed(bridgework)) == 2
    assert "Going on with the key" in bridgework("keys", "rotate").stderr
    assert len(listed(bridgework)) == 2


def test_no_key_is_ever_printed(bridgework: Bridgework, connected: Store) -> None:
    said = ""
    for command in ("list", "rotate", "list"):
        result = bridgework("keys", command)
        said += result.stdout + result.stderr
    for file in (connected.home / "keys").glob("*.key"):
        assert file.read_text() not in said


def test_keys_in_the_variable_are_rotated_by_hand(
    bridgework: Bridgework, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Fernet.generate_key().decode()
    monkeypatch.setenv(KEYS_VARIABLE, first)
    store = open_store(home)
    save_connection(store, Connection(name="c", connector="x", secrets={"api_key": "sk-12345678"}))
    told = bridgework("keys", "rotate")
    assert "Put it first in BRIDGEWORK_KEYS" in told.stderr
    assert first not in told.stdout + told.stderr
    new = told.stdout.strip()
    monkeypatch.setenv(KEYS_VARIABLE, f"{new},{first}")
    assert "2 values are encrypted with it now." in bridgework("keys", "rotate").stderr
    retired = bridgework("keys", "retire")
    assert "take all but the first key from BRIDGEWORK_KEYS" in retired.stderr
    monkeypatch.setenv(KEYS_VARIABLE, new)
    again = open_store(home)
    assert get_connection(again, "c").secrets == {"api_key": "sk-12345678"}
    for opened in (store, again):
        opened.close()
    assert not list((home / "keys").glob("*.key")) if (home / "keys").exists() else True


@pytest.mark.parametrize("command", [["connections"], ["serve", "--port", "0"], ["keys"]])
def test_a_wrong_key_ends_every_command_with_a_sentence(
    bridgework: Bridgework, connected: Store, command: list[str]
) -> None:
    (connected.home / "keys" / "0001.key").write_bytes(Fernet.generate_key())
    result = bridgework(*command)
    assert result.exit_code == 3
    assert "another one than this database was encrypted with" in result.stderr
    assert "Traceback" not in result.stderr
