"""A plugin that breaks, wherever and however: the run or command says which one it was, and goes on or ends well."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.fragile import RECIPE, fragile

Bridgework = Callable[..., Result]


def drop_in(home: Path, where: str, how: str) -> None:
    (home / "plugins").mkdir(parents=True, exist_ok=True)
    (home / "plugins" / "fragile.py").write_text(fragile(where, how))
    # Of a file that was written twice in one second Python takes the byte code of the first.
    shutil.rmtree(home / "plugins" / "__pycache__", ignore_errors=True)


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


@pytest.mark.parametrize("how", ["exception", "exit", "base"])
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
    [
        ("url_values", "exception"),
        ("connection_limits", "exit"),
        *(("check", how) for how in ("recursion", "base")),
    ],
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
    + [("trigger, half-way", how) for how in ("exit", "cancelled", "base")]
    + [("action", how) for how in ("exit", "memory", "recursion", "base")],
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
