"""Recipes tried on what their sources may send."""

from pathlib import Path

import pytest

from engine.host import build_host
from engine.recipe.load import parse_recipe
from engine.run.whatif.whatif import whatif

SHIPPED = Path(__file__).parents[4] / "recipes"
CLIO = SHIPPED / "clio-matters-to-case-status.yaml"


class Look:
    """One recipe's edge cases, by field and variant."""

    def __init__(self, text, found):
        self.text, self.found = text, found
        self.cases = {(case.field, case.id): case for line in found.lines for case in line.cases}

    def sentences(self, level=None):
        return [p.sentence for p in self.found.problems if level in (None, p.level)]

    def problem(self, field, variant):
        """Return the one problem that speaks of a variant."""
        (found,) = [p for p in self.found.problems if p.field == field and variant in p.cases]
        return found


@pytest.fixture(scope="session")
def host():
    return build_host()


@pytest.fixture(scope="session")
def look(host):
    """Return a function that tries a recipe's text out."""

    def look(text, path=CLIO):
        return Look(text, whatif(parse_recipe(text, path), host))

    return look


@pytest.fixture(scope="session")
def clio(look):
    """The shipped recipe that this is all about."""
    return look(CLIO.read_text("utf-8"))
