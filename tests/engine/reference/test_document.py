"""What a connector's page says, and that its YAML is right as soon as it is filled in."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.connector import Connector
from engine.host import Host, build_host
from engine.operations import Action, Trigger
from engine.recipe.checking.check import check_text
from engine.reference.document import ConnectorPage, describe
from engine.reference.markdown import connector_markdown
from engine.reference.snippets import TO_FILL_IN, snippet

NOTES = '''"""Notes: what [the office](docs/office.md) must not forget.

Read and written in one place.
"""
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from engine.sdk import (
    ApiKey, Connector, Context, Field, LogIn, NotRequired, OAuth2, Rate, Record, TypedDict, hookimpl,
)


class Key(TypedDict):
    api_key: Annotated[str, Field("API key", "In the settings, below “Keys”.", secret=True)]


connector = Connector(
    name="notes", title="Notes | Memos", limits=(Rate(50, per=60),), experimental="Nobody tried it.",
    log_ins={
        "key": LogIn("With a key", ApiKey(), settings=Key, help="For an account of your own."),
        "oauth": LogIn("Log in there", OAuth2(authorize_url="https://a", token_url="https://b")),
    },
)


class Writer(TypedDict):
    email: Annotated[str, Field("E-mail", format="email")]
    name: NotRequired[str | None]


class Note(TypedDict):
    id: str
    writers: list[Writer]
    at: NotRequired[str]


@connector.check
def who(ctx: Context) -> str:
    """Return the account."""
    return "Ada"


@connector.trigger("New note", key="id", sample={"id": "n1", "writers": []}, noun="short note")
def new_note(ctx: Context, folder: Literal["inbox", "archive"] = "inbox") -> Iterator[Note]:
    """Start with each note added to a folder.

    Old ones | not.
    """
    yield from ()


@connector.action("Create note", noun="note")
def create_note(
    ctx: Context, text: Annotated[str, Field("Text", "What it says.")], writer: Writer,
    kind: Literal["red", "blue"], tags: list[str], pinned: bool, stars: int, extra: dict[str, Any],
    due: Annotated[str | None, Field("Due", format="date")] = None,
) -> Record:
    """Add a note to the inbox."""
    return {}


@connector.search("Find a note")
def find_note(ctx: Context, text: str) -> Note | None:
    """Find a note by its text."""
    return None


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
'''


@pytest.fixture
def notes(tmp_path: Path) -> Connector:
    return _loaded(tmp_path).connector("notes")


def _loaded(folder: Path) -> Host:
    (folder / "notes.py").write_text(NOTES)
    return build_host([], folder=folder, strict=True)


@pytest.fixture
def page(notes: Connector) -> ConnectorPage:
    return describe(notes)


def test_a_connector_without_a_readme_has_a_good_page(page: ConnectorPage) -> None:
    assert page.purpose == "Notes: what the office must not forget."
    assert page.limits == "A connection may send 50 requests in 60 seconds; all workers share that."
    assert [way.title for way in page.ways] == ["With a key", "Log in there"]
    assert [(one.name, one.secret, one.required) for one in page.ways[0].settings] == [
        ("api_key", True, True)
    ]
    assert [heading for heading, _ in page.groups] == ["Triggers", "Actions", "Searches"]


def test_fields_are_told_in_plain_words(page: ConnectorPage) -> None:
    (action,) = page.actions
    told = {one.name: (one.kind, one.required) for one in action.fields}
    assert told["writer.email"] == ("email", True)
    assert told["writer.name"] == ("text", False)
    assert told["kind"] == ("red, blue", True)
    assert told["tags"] == ("list of text", True)
    assert told["pinned"] == ("yes or no", True)
    assert told["due"] == ("date", False)


def test_it_says_which_fields_of_a_record_are_always_there(page: ConnectorPage) -> None:
    (trigger,) = page.triggers
    assert trigger.declared
    assert {one.name: one.always for one in trigger.gives} == {
        "id": True,
        "writers": True,
        "writers[].email": False,
        "writers[].name": False,
        "at": False,
    }


def test_it_says_what_happens_when_an_answer_is_lost(page: ConnectorPage) -> None:
    assert any("a person looks whether it is there" in note for note in page.actions[0].notes)
    assert page.searches[0].notes == ("It changes nothing at the app.",)


def test_the_page_in_markdown_keeps_its_tables_whole(page: ConnectorPage) -> None:
    text = connector_markdown(page)
    assert text.startswith("# Notes | Memos\n")
    assert "> **Experimental.** Nobody tried it." in text
    assert "| `api_key` | text, secret | yes | API key: In the settings, below “Keys”. |" in text
    assert "Old ones | not." in text
    for table in text.split("\n\n"):
        if table.startswith("| "):
            assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1


def test_every_page_names_the_examples_that_use_its_connector(notes: Connector) -> None:
    assert describe(notes).examples == ()


# -- YAML to copy --------------------------------------------------------------------------------

START = """name: A recipe
description: It does something.
"""
ROWS = """trigger:
  use: csv.row_read
  with: {file: rows.csv, key: email}
  as: row
  schedule: manual
"""
WRITING = """steps:
  - id: write
    use: csv.append_rows
    with:
      file: out.csv
      columns: {a: b}
"""


def _recipe(connector: Connector, operation: Trigger | Action) -> str:
    text = snippet(connector, operation)
    if isinstance(operation, Trigger):
        return START + text + WRITING
    read = WRITING.removeprefix("steps:\n").replace(
        "a: b", f'a: "{{{{ {operation.name} | json }}}}"'
    )
    steps = "".join(f"  {line}\n" for line in text.splitlines())
    return START + ROWS + "steps:\n" + steps + (read if operation.kind == "search" else "")


def _mistakes(host: Host, connector: Connector, operation: Trigger | Action) -> list[Any]:
    text = _recipe(connector, operation)
    filled = text.replace('channel: "…"', "channel: C0123ABCD").replace(TO_FILL_IN, "rows.csv")
    return list(check_text(filled, Path("a-recipe.yaml"), host))


@cache
def installed() -> Host:
    return build_host(strict=True)


def _every_operation() -> Iterator[tuple[Connector, Trigger | Action]]:
    for connector in installed().connectors.values():
        for operation in (*connector.triggers.values(), *connector.actions.values()):
            yield connector, operation


def test_yaml_to_copy_is_right_as_soon_as_it_is_filled_in() -> None:
    wrong = {
        operation.full_name: [one.message for one in found]
        for connector, operation in _every_operation()
        if (found := _mistakes(installed(), connector, operation))
    }
    assert not wrong, wrong


def test_yaml_of_every_type_of_field_is_right_with_its_optional_fields(tmp_path: Path) -> None:
    from plugins import csv

    modules: list[ModuleType] = [csv]
    (tmp_path / "notes.py").write_text(NOTES)
    host = build_host(modules, folder=tmp_path, strict=True)
    connector = host.connector("notes")
    for operation in (*connector.triggers.values(), *connector.actions.values()):
        assert _mistakes(host, connector, operation) == []
        text = _recipe(connector, operation)
        assert "as: short_note" in text or "id: " in text
        uncommented = text.replace("# with:", "with:").replace("#   ", "  ")
        assert check_text(uncommented, Path("a-recipe.yaml"), host) == []
