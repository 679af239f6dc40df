"""Connectors: what is installed, as people and as scripts read it."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Bridgework = Callable[..., Result]

NOTES = '''
from collections.abc import Iterator
from typing import Annotated, Literal

from engine.sdk import Connector, Context, Field, NotRequired, Record, TypedDict, hookimpl

connector = Connector(name="notes", title="Notes", experimental="Nobody tried it yet.")


class Writer(TypedDict):
    email: Annotated[str, Field("E-mail", format="email")]
    name: NotRequired[str]


@connector.trigger("New note", key="id", sample={"id": "n1", "text": "Call Ada"}, noun="note")
def new_note(ctx: Context, folder: Literal["inbox", "archive"] = "inbox") -> Iterator[Record]:
    """Start with each note added to a folder."""
    yield {"id": "n1", "text": "Call Ada"}


@connector.action("Create note", noun="note")
def create_note(
    ctx: Context, text: Annotated[str, Field("Text", "What it says.")], writer: Writer,
    tags: list[Literal["red", "blue"]] | None = None, pinned: bool = False,
) -> Record:
    """Add a note to the inbox."""
    return {}


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
'''


def drop_in(home: Path, source: str = NOTES) -> None:
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "notes.py").write_text(source)


def test_list_names_installed_and_dropped_in_connectors(bridgework: Bridgework, home: Path) -> None:
    drop_in(home)
    result = bridgework("connectors", "list")
    assert result.exit_code == 0
    listed = {line.split()[0]: line for line in result.stdout.splitlines()[1:]}
    assert {"casestatus", "clio", "csv", "mailchimp", "notes"} <= set(listed)
    assert "Notes (experimental)" in listed["notes"]
    assert result.stdout == bridgework("connectors").stdout


def test_list_as_json(bridgework: Bridgework) -> None:
    listed = {
        row["name"]: row for row in json.loads(bridgework("connectors", "list", "--json").stdout)
    }
    assert listed["clio"]["login"] == "oauth2"
    assert listed["clio"]["practice"] is True
    assert "matter_changed" in listed["clio"]["triggers"]
    assert listed["casestatus"]["experimental"]


def test_show_lists_fields_in_plain_words(bridgework: Bridgework, home: Path) -> None:
    drop_in(home)
    result = bridgework("connectors", "show", "notes")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Experimental: Nobody tried it yet." in lines
    assert "Trigger notes.new_note: New note" in lines
    assert "folder inbox, archive (optional) Folder" in lines
    assert "text text Text: What it says." in lines
    assert "writer.email email E-mail" in lines
    assert "writer.name text (optional) Name" in lines
    assert "tags list of red, blue (optional) Tags" in lines
    assert "pinned yes or no (optional) Pinned" in lines


def test_show_as_json_has_schemas_samples_and_help(bridgework: Bridgework, home: Path) -> None:
    drop_in(home)
    document = json.loads(bridgework("connectors", "show", "notes", "--json").stdout)
    (trigger,) = document["triggers"]
    assert trigger["name"] == "notes.new_note"
    assert trigger["sample"] == {"id": "n1", "text": "Call Ada"}
    assert trigger["help"] == "Start with each note added to a folder."
    (action,) = document["actions"]
    assert action["fields"]["required"] == ["text", "writer"]


def test_show_every_installed_connector(bridgework: Bridgework) -> None:
    for name in ("casestatus", "clio", "csv", "mailchimp"):
        assert bridgework("connectors", "show", name).exit_code == 0, name
        assert bridgework("connectors", "show", name, "--json").exit_code == 0, name


def test_show_says_what_an_app_takes_and_what_is_never_sent_twice(bridgework: Bridgework) -> None:
    clio = bridgework("connectors", "show", "clio").stdout
    assert "A connection may send 50 requests in 60 seconds; all workers share that." in clio
    mailchimp = bridgework("connectors", "show", "mailchimp").stdout
    assert "A connection may send 10 requests at once; all workers share that." in mailchimp
    csv = bridgework("connectors", "show", "csv").stdout
    assert csv.count("Never sent twice: where an answer was lost, the next run looks") == 1
    assert "A connection may send" not in csv


def test_unknown_connector(bridgework: Bridgework) -> None:
    result = bridgework("connectors", "show", "mailchip")
    assert result.exit_code == 3
    assert "Did you mean 'mailchimp'?" in result.stderr


def test_wrong_connector_is_named_with_its_remedy_and_the_others_stay(
    bridgework: Bridgework, home: Path
) -> None:
    drop_in(home, NOTES.replace('    """Add a note to the inbox."""\n', ""))
    result = bridgework("connectors", "list")
    assert result.exit_code == 0
    assert "create_note: it has no docstring" in result.stderr
    assert "notes" not in result.stdout
    assert "clio" in result.stdout


def test_the_list_fits_a_terminal(bridgework: Bridgework) -> None:
    result = bridgework("connectors", "list")
    assert max(map(len, result.stdout.splitlines())) <= 80
    (schedule,) = [line for line in result.stdout.splitlines() if line.startswith("schedule")]
    assert schedule.split() == ["schedule", "Schedule", "1", "–", "–"]
    assert "`bridgework connectors show NAME`" in result.stderr
