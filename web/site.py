"""What every view works with: the open home, the connectors, the recipes and the queue."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, url_for

from engine.calls import guarded
from engine.drift.upgrades import declared_now
from engine.errors import BridgeworkError, RecipeError
from engine.public_address import public_link
from engine.recipe.beside import read_beside
from engine.recipe.checking.check import check_text
from engine.recipe.findings import Finding
from engine.recipe.gallery import examples
from engine.recipe.load import REMEMBERED, Pairs
from engine.recipe.yaml.source import read_text
from engine.reference.document import ConnectorPage, describe
from engine.run.upkeep.duties import Works
from engine.run.webhooks.callers import Callers
from engine.store.declarations import Declared

#: Requests answered at once; a page is a few queries, and SQLite's readers don't wait for writers.
THREADS = 8


@dataclass(frozen=True)
class Site(Works):
    """What every view works with."""

    def check(self, path: Path, connections: Collection[str]) -> tuple[Finding, ...]:
        """Return what ``engine.recipe.checking.check`` finds in a file; a text is only looked over once.

        :raises SetupError: there is no such file, or it can't be read.
        """
        try:
            text = read_text(path)
        except RecipeError as error:
            return tuple(error.findings)
        beside = tuple(read_beside(text, path).texts.items())
        return self._look_over(text, path, frozenset(connections), beside)

    @cached_property
    def callers(self) -> Callers:
        """Those who wait for a recipe's answer: so few that pages are answered meanwhile."""
        return Callers(self, places=THREADS // 2)

    @cached_property
    def pages(self) -> dict[str, ConnectorPage]:
        """What is told of the connectors, by name, as far as they let themselves be described."""
        return self._described[0]

    @cached_property
    def undescribed(self) -> list[BridgeworkError]:
        """Why some connectors could not be described."""
        return self._described[1]

    @cached_property
    def _described(self) -> tuple[dict[str, ConnectorPage], list[BridgeworkError]]:
        pages, problems, every = {}, [], examples()
        for name, connector in self.host.connectors.items():
            try:
                with guarded(name, "declarations"):
                    pages[name] = describe(connector, every)
            except BridgeworkError as error:
                problems.append(error)
        return pages, problems

    @cached_property
    def declared(self) -> dict[str, Declared]:
        """What the connectors declare; they stay as they are while this program runs."""
        return declared_now(self.host)

    @cached_property
    def _look_over(self) -> "Callable[[str, Path, frozenset[str], Pairs], tuple[Finding, ...]]":
        @lru_cache(maxsize=REMEMBERED)
        def look_over(
            text: str, path: Path, names: frozenset[str], beside: Pairs
        ) -> tuple[Finding, ...]:
            return tuple(check_text(text, path, self.host, names))

        return look_over


def site() -> Site:
    """Return the site that the current request belongs to."""
    found: Site = current_app.extensions["bridgework"]
    return found


def outside_url(endpoint: str, **parts: Any) -> str:
    """Return a page's whole address, as it is given to other systems and to people elsewhere."""
    return public_link(url_for(endpoint, **parts)) or url_for(endpoint, _external=True, **parts)
