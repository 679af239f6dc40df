"""``connectors try`` at the command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from engine.host import build_host
from engine.http.connect import new_connection
from engine.loopback import on_loopback
from engine.store.connections import save_connection
from engine.store.database import Store

Bridgework = Callable[..., Result]


@pytest.fixture
def jottings(bridgework: Bridgework, home: Path, store: Store) -> Iterator[str]:
    """A written connector, connected to its practice server; the server's address."""
    assert bridgework("connectors", "new", "jottings").exit_code == 0
    connector = build_host([], folder=home / "plugins", strict=True).connector("jottings")
    assert connector.practice_function is not None
    server = connector.practice_function(1)
    with on_loopback(server) as url:
        settings = {**server.credentials(), "base_url": url}
        save_connection(store, new_connection(connector, "jottings", settings, practice=True))
        yield url


def test_records_requests_and_differences_are_shown(bridgework: Bridgework, jottings: str) -> None:
    result = bridgework("connectors", "try", "jottings.note_changed", "--limit", 1)
    assert result.exit_code == 0, result.output
    assert f"1. GET {jottings}/v1/notes?limit=100&offset=0" in result.stdout
    assert '"text": "Call Ada"' in result.stdout
    assert "1 note:" in result.stdout
    assert "No difference from the declared fields." in result.stdout


def test_an_action_needs_a_yes(bridgework: Bridgework, jottings: str) -> None:
    command = ("connectors", "try", "jottings.create_note", "--set", "text=Hi")
    result = bridgework(*command)
    assert result.exit_code == 2
    assert "jottings.create_note changes something at the app. Add --yes" in result.stderr
    result = bridgework(*command, "--yes", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["records"][0]["text"] == "Hi"
    assert said["requests"][0]["status"] == 201


def test_a_length_of_time_may_be_given(bridgework: Bridgework, jottings: str) -> None:
    result = bridgework("connectors", "try", "jottings.note_changed", "--since", "2 days")
    assert result.exit_code == 0
    assert "0 notes:" in result.stdout
    result = bridgework("connectors", "try", "jottings.note_changed", "--since", "once")
    assert result.exit_code == 2
    assert "'once' is no time." in result.stderr


def test_a_refusal_is_shown_and_ends_with_a_code(bridgework: Bridgework, jottings: str) -> None:
    result = bridgework(
        "connectors", "try", "jottings.create_note", "--yes", "--set", f"text={'x' * 501}"
    )
    assert result.exit_code == 1
    assert "422" in result.stdout
    assert "is too long" in result.stdout
    assert "Jottings refused this (answer 422)." in result.stdout
