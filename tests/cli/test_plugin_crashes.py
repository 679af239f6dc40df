"""A plugin that breaks, wherever and however: the run or command says which one it was, and goes on or ends well."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Bridgework = Callable[..., Result]

#: Each way to break, as the last statements of a function.
WAYS = {
    "exception": "raise KeyError('secret-of-the-inside')",
    "exit": "raise SystemExit('secret-of-the-inside')",
    "recursion": "return again()",
    "memory": "raise MemoryError",
    "cancelled": "raise asyncio.CancelledError",
    "base": "raise Strange('secret-of-the-inside')",
}

FRAGILE = '''"""Breaks where it is told to."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from engine.sdk import (
    ApiKey, Connector, Context, Field, Record, Schema, TypedDict, hookimpl,
)

WHERE = "{where}"


class Strange(BaseException):
    """No Exception."""


def again() -> Any:
    return again()


def breaks(where: str) -> Any:
    if where == WHERE:
        {how}


class Settings(TypedDict):
    api_key: Annotated[str, Field("API key", secret=True)]
    base_url: str


breaks("import")
connector = Connector(
    name="fragile", title="Fragile", auth=ApiKey(), base_url="{{base_url}}", settings=Settings
)


@connector.check
def account(ctx: Context) -> str:
    """Return the account."""
    breaks("check")
    return "Ada"


@connector.url_values
def url_values(settings: Any) -> dict[str, str]:
    """Return nothing."""
    breaks("url_values")
    return {{}}


@connector.connection_limits
def connection_limits(settings: Any) -> tuple[Any, ...]:
    """Return none."""
    breaks("connection_limits")
    return ()


def fetch(ctx: Context, key: str) -> Record | None:
    return None


def shape(ctx: Context) -> Schema:
    breaks("schema")
    return {{"type": "object", "properties": {{"id": {{"type": "string"}}}}}}


def lacks() -> tuple[str, ...]:
    breaks("lacks")
    return ()


@connector.trigger(
    "New note", key="id", sample={{"id": "n1"}}, noun="note", fetch=fetch, lacks=lacks, schema=shape
)
def note_added(ctx: Context) -> Iterator[Record]:
    """Start with each note."""
    breaks("trigger")
    yield {{"id": "n1"}}
    breaks("trigger, half-way")
    yield {{"id": "n2"}}


def repeat(text: str = "") -> str:
    breaks("repeat")
    return "harmless"


@connector.action("Send a note", noun="note", sample={{"id": "n1"}}, repeat=repeat)
def send(ctx: Context, text: str) -> Record:
    """Send it."""
    breaks("action")
    if text == "n2":
        breaks("action, one record")
    return {{"id": text}}


class Row(TypedDict):
    text: str


@connector.search("Find a note", sample={{"id": "n1"}})
def find(ctx: Context, text: str) -> Record | None:
    """Find it."""
    breaks("search")
    return {{"id": text}}


@connector.practice
def practice(seed: int) -> Any:
    """Build nothing."""
    breaks("practice")
    raise RuntimeError("only asked where it breaks")


@hookimpl
def register_connectors() -> list[Connector]:
    breaks("hook")
    return [connector]
'''

RECIPE = """name: Notes
description: They go on.
trigger:
  use: fragile.note_added
  connection: fragile
  as: note
  schedule: manual
steps:
  - id: found
    use: fragile.find
    connection: fragile
    with: {text: "{{ note.id }}"}
  - id: sent
    use: fragile.send
    connection: fragile
    with: {text: "{{ found.id }}"}
"""


def drop_in(home: Path, where: str, how: str) -> None:
    (home / "plugins").mkdir(parents=True, exist_ok=True)
    text = FRAGILE.format(where=where, how=WAYS[how])
    (home / "plugins" / "fragile.py").write_text(text)


def connect(bridgework: Bridgework) -> Result:
    return bridgework(
        "connections", "add", "fragile", "--connector", "fragile",
        "--set", "api_key=k1234567", "--set", "base_url=https://fragile.example",
    )  # fmt: skip


@pytest.fixture
def recipe(home: Path) -> str:
    Path("recipes").mkdir()
    Path("recipes/notes.yaml").write_text(RECIPE)
    return "notes"


def told(result: Result) -> str:
    """Return what was said, if it is what people can read."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    text = result.output
    for internal in ("Traceback", "secret-of-the-inside", 'fragile.py", line'):
        assert internal not in text
    return text


@pytest.mark.parametrize("how", WAYS)
def test_a_plugin_that_breaks_at_import_is_named_and_the_others_work(
    bridgework: Bridgework, home: Path, how: str
) -> None:
    for where in ("import", "hook"):
        drop_in(home, where, how)
        result = bridgework("connectors", "list", "--json")
        assert result.exit_code == 0
        names = [row["name"] for row in json.loads(result.stdout)]
        assert "clio" in names
        assert "fragile" not in names
        assert "fragile" in result.stderr
        assert "Correct the plugin or remove it." in result.stderr


@pytest.mark.parametrize(
    ("where", "how"),
    [("url_values", "exception"), ("connection_limits", "exit"), *(("check", how) for how in WAYS)],
)
def test_a_plugin_that_breaks_while_it_is_connected_is_named(
    bridgework: Bridgework, home: Path, where: str, how: str
) -> None:
    drop_in(home, where, how)
    result = connect(bridgework)
    assert result.exit_code == 3
    assert f"The connector 'fragile' failed in '{where}'" in told(result)


@pytest.mark.parametrize("how", ["exception", "base"])
def test_a_plugin_whose_practice_server_breaks_is_named(
    bridgework: Bridgework, home: Path, how: str
) -> None:
    drop_in(home, "practice", how)
    for command in (
        ("practice", "fragile"),
        ("connections", "add", "fragile", "--connector", "fragile", "--practice"),
    ):
        result = bridgework(*command)
        assert result.exit_code == 3
        assert "The connector 'fragile' failed in 'practice'" in told(result)


#: Where it breaks in a run: the operation that is named.
IN_RUNS = {
    "trigger": "note_added",
    "trigger, half-way": "note_added",
    "lacks": "note_added (lacks)",
    "repeat": "send (repeat)",
    "search": "find",
    "action": "send",
}


@pytest.mark.parametrize(
    ("where", "how"),
    [(where, "exception") for where in IN_RUNS]
    + [("trigger, half-way", how) for how in ("exit", "recursion", "base")]
    + [("action", how) for how in ("exit", "memory", "cancelled", "base")],
)
def test_a_run_that_a_plugin_breaks_names_it_and_ends(
    bridgework: Bridgework, home: Path, recipe: str, where: str, how: str
) -> None:
    drop_in(home, "nowhere", how)
    assert connect(bridgework).exit_code == 0
    drop_in(home, where, how)
    result = bridgework("run", recipe)
    assert result.exit_code in (1, 3)
    said = told(result) + told(bridgework("report", "latest"))
    assert f"The connector 'fragile' failed in '{IN_RUNS[where]}'" in said
    assert json.loads(bridgework("runs", "--json").stdout)[0]["status"] != "running"
    drop_in(home, "nowhere", how)  # corrected: what was left goes over
    assert bridgework("run", recipe).exit_code in (0, 1)


def test_one_record_that_breaks_an_action_takes_no_other_with_it(
    bridgework: Bridgework, home: Path, recipe: str
) -> None:
    drop_in(home, "action, one record", "exception")
    assert connect(bridgework).exit_code == 0
    assert bridgework("run", recipe).exit_code == 1
    said = told(bridgework("report", "latest"))
    assert "1 note" in said
    assert "The connector 'fragile' failed in 'send'" in said


@pytest.mark.parametrize("how", ["exception", "base"])
def test_trying_an_operation_that_breaks_names_the_plugin(
    bridgework: Bridgework, home: Path, how: str
) -> None:
    drop_in(home, "nowhere", how)
    assert connect(bridgework).exit_code == 0
    for where in ("trigger, half-way", "schema"):
        drop_in(home, where, how)
        result = bridgework("connectors", "try", "fragile.note_added")
        assert result.exit_code == 1
        assert "The connector 'fragile' failed in 'note_added" in told(result)


@pytest.mark.parametrize("how", ["exception", "base"])
def test_checking_a_recipe_never_breaks(
    bridgework: Bridgework, home: Path, recipe: str, how: str
) -> None:
    for where in ("schema", "lacks", "repeat", "url_values"):
        drop_in(home, where, how)
        assert bridgework("check", "recipes/notes.yaml").exit_code in (0, 1)
        assert "Traceback" not in bridgework("check", "recipes/notes.yaml").output
