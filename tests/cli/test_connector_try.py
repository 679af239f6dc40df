"""``connectors try`` at the command line."""

import json
from collections.abc import Callable

from click.testing import Result

from engine.practice.server import PracticeServer
from engine.store.connections import get_connection
from engine.store.database import Store

Bridgework = Callable[..., Result]


def test_records_requests_and_differences_are_shown(
    bridgework: Bridgework, jottings: PracticeServer, store: Store
) -> None:
    url = get_connection(store, "jottings").settings["base_url"]
    result = bridgework("connectors", "try", "jottings.note_changed", "--limit", 1)
    assert result.exit_code == 0, result.output
    assert f"1. GET {url}/v1/notes?limit=100&offset=0" in result.stdout
    assert '"text": "Call Ada"' in result.stdout
    assert "1 note:" in result.stdout
    assert "No difference from the declared fields." in result.stdout


def test_an_action_needs_a_yes(bridgework: Bridgework, jottings: PracticeServer) -> None:
    command = ("connectors", "try", "jottings.create_note", "--set", "text=Hi")
    result = bridgework(*command)
    assert result.exit_code == 2
    assert "jottings.create_note changes something at the app. Add --yes" in result.stderr
    result = bridgework(*command, "--yes", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["records"][0]["text"] == "Hi"
    assert said["requests"][0]["status"] == 201


def test_a_length_of_time_may_be_given(bridgework: Bridgework, jottings: PracticeServer) -> None:
    result = bridgework("connectors", "try", "jottings.note_changed", "--since", "2 days")
    assert result.exit_code == 0
    assert "0 notes:" in result.stdout
    result = bridgework("connectors", "try", "jottings.note_changed", "--since", "once")
    assert result.exit_code == 2
    assert "'once' is no time." in result.stderr


def test_a_refusal_is_shown_and_ends_with_a_code(
    bridgework: Bridgework, jottings: PracticeServer
) -> None:
    result = bridgework(
        "connectors", "try", "jottings.create_note", "--yes", "--set", f"text={'x' * 501}"
    )
    assert result.exit_code == 1
    assert "422" in result.stdout
    assert "is too long" in result.stdout
    assert "Jottings refused this (answer 422)." in result.stdout
