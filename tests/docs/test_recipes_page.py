"""docs/recipes.md is true: its recipes have no mistakes, and the mistakes it names are found."""

import re
from pathlib import Path

import pytest

import plugins.casestatus
import plugins.clio
import plugins.csv
import plugins.mailchimp
import plugins.webhook
from engine.host import Host, build_host
from engine.recipe.checking.check import check_recipe
from engine.recipe.findings import Finding
from engine.recipe.load import parse_recipe, read_recipe
from engine.recipe.model import Recipe
from engine.recipe.reading.keys import ASK, RECIPE, STEP, TRIGGER, Place

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def host() -> Host:
    connectors = [plugins.clio, plugins.casestatus, plugins.mailchimp, plugins.csv, plugins.webhook]
    return build_host(connectors, strict=True)


def by_top_level_key(text: str) -> dict[str, str]:
    parts = re.split(r"(?m)^(?=[a-z_]+:)", text)
    return {part.split(":", 1)[0]: part for part in parts if part.strip()}


def whole(block: str) -> str:
    """Return the page's first recipe with the block's parts in the place of its own."""
    return "".join({**by_top_level_key(BLOCKS[0]), **by_top_level_key(block)}.values())


#: The files that recipes of the page read beside themselves.
BESIDE = {"stages.csv": "From,To\nNew,Started\n", "words.csv": "Clio,Case Status,Note\nA,B,C\n"}


def findings(text: str, host: Host) -> list[Finding]:
    return check_recipe(parse_recipe(text, Path("recipes/example.yaml"), BESIDE), host)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_recipes_of_the_page_have_no_findings(host: Host, number: int) -> None:
    found = findings(whole(BLOCKS[number]), host)
    if "translate" in by_top_level_key(BLOCKS[number]) and number:
        found = [one for one in found if one.code != "unknown-table"]
    assert "\n".join(one.as_text() for one in found) == ""


@pytest.mark.parametrize("place", [RECIPE, TRIGGER, STEP, ASK], ids=lambda place: place.name)
def test_every_key_is_on_the_page(place: Place) -> None:
    for key in place.keys:
        assert f"| `{key}` |" in PAGE


MISTAKES = re.findall(r"^\| `(\w+: [^`]*)` \| `(\w+: [^`]*)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("wrong", "right"), MISTAKES)
def test_mistakes_of_the_page_are_found_and_corrected(wrong: str, right: str) -> None:
    head = "name: A\ntrigger: {use: a.b}\nsteps:\n  - use: c.d\n    "

    def read(line: str) -> tuple[Recipe | None, list[Finding]]:
        inside = line if line.startswith("if:") else f"with:\n      {line}"
        return read_recipe(head + inside + "\n", Path("r.yaml"))

    _, found = read(wrong)
    assert [one.corrected.strip() for one in found] == [right]
    assert read(right)[1] == []


def test_there_are_mistakes_on_the_page() -> None:
    assert len(MISTAKES) >= 6
