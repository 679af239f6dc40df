"""``connectors test --live``: a real account, looked at, recorded, and checked again offline."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.practice.server import PracticeServer

Bridgework = Callable[..., Result]


def test_a_real_account_is_only_read(bridgework: Bridgework, jottings: PracticeServer) -> None:
    result = bridgework("connectors", "test", "jottings", "--live")
    assert result.exit_code == 0, result.output
    assert "(note_changed: 8 read.)" in result.stdout
    assert "Jottings passed all 7 checks." in result.stdout
    assert {one["method"] for one in jottings.requests} == {"GET"}


def test_what_was_recorded_passes_again_with_nobody_there(
    bridgework: Bridgework, jottings: PracticeServer, tmp_path: Path
) -> None:
    result = bridgework("connectors", "test", "jottings", "--live", "--record", tmp_path / "r")
    assert result.exit_code == 0, result.output
    assert "recording.json' holds the answers. Look at it before you pass it on." in result.stderr
    asked = len(jottings.requests)
    result = bridgework("connectors", "test", "jottings", "--replay", tmp_path / "r", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["passed"] == 7
    assert len(jottings.requests) == asked
    recording = (tmp_path / "r" / "recording.json").read_text()
    assert "ada.byron" not in recording
    assert jottings.credentials()["api_key"] not in recording


def test_actions_are_done_only_with_a_yes(bridgework: Bridgework, jottings: PracticeServer) -> None:
    command = ("connectors", "test", "jottings", "--live", "--writes")
    result = bridgework(*command)
    assert result.exit_code == 2
    assert "--writes changes things at the app. Add --yes" in result.stderr
    result = bridgework(*command, "--yes", "--set", "create_note.text=From a test")
    assert result.exit_code == 0, result.output
    assert jottings.records()["notes"][-1]["text"] == "From a test"


def test_what_differs_from_the_declared_fields_fails(
    bridgework: Bridgework, jottings: PracticeServer
) -> None:
    for row in jottings.records()["notes"]:
        row["text"] = 5
    result = bridgework("connectors", "test", "jottings", "--live")
    assert result.exit_code == 1
    assert "The field 'text' was text and is a number now." in result.stdout
    assert "(check records_fit_their_schema[note_changed])" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--connection", "x"], 2, "--connection, --set, --writes and --record go with --live."),
        (["--live", "--replay", "x"], 2, "Give either --live, perhaps with --record, or --replay."),
        (["--replay", "x"], 3, "can't be read"),
        (["--live", "--set", "nothing.x=1"], 3, "names no operation of Jottings."),
        (["--live", "--connection", "other"], 3, "There is no connection called 'other'."),
    ],
    ids=range(5),
)
def test_what_cannot_be_is_said(
    bridgework: Bridgework, jottings: PracticeServer, arguments: list[str], code: int, said: str
) -> None:
    result = bridgework("connectors", "test", "jottings", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
