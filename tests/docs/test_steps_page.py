"""docs/steps.md is true: its steps have no mistakes in the recipe of docs/recipes.md."""

import re
from pathlib import Path

import pytest

from tests.docs.test_recipes_page import PAGE as RECIPES
from tests.docs.test_recipes_page import findings, host, whole

__all__ = ["host"]  # the fixture

PAGE = (Path(__file__).parents[2] / "docs" / "steps.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_steps_of_the_page_have_no_findings(host, number: int) -> None:
    found = findings(whole(BLOCKS[number]), host)
    assert "\n".join(one.as_text() for one in found) == ""


def test_every_kind_of_step_has_its_section() -> None:
    from engine.recipe.keys import KINDS

    for kind in KINDS:
        assert f"`{kind}" in PAGE + RECIPES or f"{kind}:" in PAGE + RECIPES
