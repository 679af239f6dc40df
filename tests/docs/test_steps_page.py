"""docs/steps.md is true: its steps have no mistakes in the recipe of docs/recipes.md."""

import re
from pathlib import Path

import pytest

from tests.docs.test_recipes_page import findings, host, whole

__all__ = ["host"]  # the fixture

PAGE = (Path(__file__).parents[2] / "docs" / "steps.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_steps_of_the_page_have_no_findings(host, number: int) -> None:
    found = findings(whole(BLOCKS[number]), host)
    assert "\n".join(one.as_text() for one in found) == ""
