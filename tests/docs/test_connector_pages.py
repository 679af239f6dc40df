"""docs/connectors holds what connectors declare; `bridgework connectors docs --to docs/connectors` writes it."""

from functools import cache
from pathlib import Path

import pytest

from engine.host import Host, build_host
from engine.recipe.gallery import examples
from engine.reference.document import ConnectorPage, describe
from engine.reference.markdown import connector_markdown, index_markdown

FOLDER = Path(__file__).parents[2] / "docs" / "connectors"
#: Connectors without a page are none the worse: a new one touches no file outside its folder.
COMMITTED = sorted(file.stem for file in FOLDER.glob("*.md") if file.stem != "README")


@cache
def host() -> Host:
    return build_host(strict=True)


@cache
def page(name: str) -> ConnectorPage:
    return describe(host().connector(name), examples())


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_page_is_what_the_connector_declares(name: str) -> None:
    written = (FOLDER / f"{name}.md").read_text("utf-8")
    assert connector_markdown(page(name)) == written, (
        "`bridgework connectors docs --to docs/connectors` writes it anew"
    )


def test_the_list_of_connectors_is_made_of_the_committed_pages() -> None:
    assert len(COMMITTED) >= 11
    written = (FOLDER / "README.md").read_text("utf-8")
    assert index_markdown([page(name) for name in COMMITTED]) == written
