"""``connectors test``: a connector's checks, told one by one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.errors import SetupError
from engine.testing import connector_suite

Bridgework = Callable[..., Result]

PLUGIN = '''
from collections.abc import Iterator

from engine.sdk import Connector, Context, Record, hookimpl

connector = Connector(name="shelf", title="Shelf")


@connector.trigger("New book", key="id", sample={"id": "b1", "title": "Emma"}, noun="book")
def new_book(ctx: Context) -> Iterator[Record]:
    """Start with each book."""
    yield {"id": "b1", "title": "Emma"}
    yield {"id": "KEY", "title": "Persuasion"}


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
'''


def drop_in(home: Path, key: str) -> None:
    folder = home / "plugins"
    folder.mkdir(parents=True)
    (folder / "shelf.py").write_text(PLUGIN.replace("KEY", key))
    (folder / "broken.py").write_text("import nothing_like_it")


def test_a_dropped_in_connector_is_checked(bridgework: Bridgework, home: Path) -> None:
    drop_in(home, "b2")
    result = bridgework("connectors", "test", "shelf")
    assert result.exit_code == 0, result.output
    assert "ok      Every record has the key, and no two records of one read share it." in (
        result.stdout
    )
    assert "Shelf passed all " in result.stdout


def test_a_failure_says_what_is_wrong(bridgework: Bridgework, home: Path) -> None:
    drop_in(home, "b1")
    result = bridgework("connectors", "test", "shelf", "--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["connector"] == "shelf"
    (failed,) = [check for check in said["checks"] if not check["passed"]]
    assert said["failed"] == 1
    assert said["passed"] == len(said["checks"]) - 1
    assert failed["check"] == "records_have_unique_keys"
    assert failed["operation"] == "new_book"
    assert failed["message"].startswith("new_book yielded more than one record with the id b1")


def test_a_connector_that_there_is_not_is_said(bridgework: Bridgework) -> None:
    result = bridgework("connectors", "test", "nothing")
    assert result.exit_code == 3
    assert result.stderr.startswith("There is no connector 'nothing'.")


def test_the_suite_finds_what_was_dropped_into_the_home(home: Path) -> None:
    drop_in(home, "b2")
    suite = connector_suite("shelf")
    assert suite.subject.connector.title == "Shelf"


def test_the_suite_says_why_a_connector_cannot_be_loaded(home: Path) -> None:
    drop_in(home, "b2")
    with pytest.raises(SetupError, match="There is no connector 'nothing'"):
        connector_suite("nothing")
    with pytest.raises(Exception, match="No module named 'nothing_like_it'"):
        connector_suite("broken")
