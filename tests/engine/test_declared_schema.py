"""A change of what recipes can name is noticed, and told as what it does to them."""

import json
from pathlib import Path

import pytest

from engine.connector import Connector
from engine.declared_schema import changes, file_of, keep
from engine.host import build_host
from engine.limits import Rate
from engine.testing import connector_suite

PLUGIN = '''
from collections.abc import Iterator
from typing import Literal

from engine.sdk import Connector, Context, Record, hookimpl

connector = Connector(name="shelf", title="Shelf")


@connector.trigger("New book", key="id", sample={"id": "b1", "title": "Emma"}, noun="book")
def new_book(ctx: Context, genre: str = "") -> Iterator[Record]:
    """Start with each book."""
    yield {"id": "b1", "title": "Emma"}


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
'''


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "__init__.py").write_text(PLUGIN)
    return tmp_path


def connector(plugins: Path, old: str = "", new: str = "") -> Connector:
    (plugins / "shelf" / "__init__.py").write_text(PLUGIN.replace(old, new) if old else PLUGIN)
    return build_host([], folder=plugins, strict=True).connector("shelf")


def test_without_a_file_nothing_is_said(plugins: Path) -> None:
    assert changes(connector(plugins)) == []
    assert file_of(connector(plugins)) == plugins / "shelf" / "schema.json"


def test_what_was_kept_is_the_same(plugins: Path) -> None:
    assert keep(connector(plugins)) == plugins / "shelf" / "schema.json"
    assert changes(connector(plugins)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("new_book", "book_bought", "The operation new_book is gone, which breaks recipes."),
        ('key="id"', 'key="title"', "The key of new_book was id and is title, which breaks recipes."),
        ('genre: str = ""', "", "new_book takes no 'genre' any more, which breaks recipes."),
        (
            'genre: str = ""',
            'genre: Literal["a"] = "a"',
            "new_book takes another kind of 'genre', which may break recipes.",
        ),
        ('genre: str = ""', "genre: str", "new_book takes 'genre' always now, which breaks recipes."),
        ('genre: str = ""', 'genre: str = "", n: int = 1', "new_book takes 'n' now."),
        ('sample={"id": "b1", "title": "Emma"}', 'sample={"id": "b1"}', "new_book gives no 'title' any more, which breaks recipes."),
    ],
    ids=range(7),
)  # fmt: skip
def test_each_change_is_told_with_what_it_does(
    plugins: Path, old: str, new: str, said: str
) -> None:
    keep(connector(plugins))
    assert changes(connector(plugins, old, new))[0] == said


def test_the_suite_fails_at_a_change_that_nobody_noted(plugins: Path) -> None:
    keep(connector(plugins))
    changed = connector(plugins, 'genre: str = ""', "")
    suite = connector_suite(changed)()
    with pytest.raises(pytest.fail.Exception, match="connectors test shelf --accept` notes it"):
        suite.test_its_schema_is_as_it_was()
    keep(changed)
    suite.test_its_schema_is_as_it_was()


def test_a_broken_file_is_told(plugins: Path) -> None:
    keep(connector(plugins))
    (plugins / "shelf" / "schema.json").write_text("{")
    assert changes(connector(plugins)) == ["'schema.json' can't be read."]


def test_texts_are_no_part_of_it(plugins: Path) -> None:
    file = keep(connector(plugins))
    assert file is not None
    assert "Start with" not in file.read_text()
    assert json.loads(file.read_text())["new_book"]["takes"]["properties"] == {
        "genre": {"type": "string"}
    }


@pytest.mark.parametrize("rate", [Rate(0), Rate(5, per=0)])
def test_limits_at_which_nothing_can_be_sent_fail(plugins: Path, rate: Rate) -> None:
    one = connector(plugins)
    one.limits = (rate,)
    with pytest.raises(pytest.fail.Exception, match="Nothing can be sent"):
        connector_suite(one)().test_limits_make_sense()
