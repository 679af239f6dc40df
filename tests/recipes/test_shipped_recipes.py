"""The recipes that come with Bridgework have no mistakes, and compile."""

from pathlib import Path

import pytest

from engine.host import Host, build_host
from engine.recipe.checking.check import check_file
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.library import Library
from engine.recipe.load import read_recipe
from engine.recipe.steps import AskStep
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import compile_expression, compile_fields, compile_template
from engine.run.connections.choices import has_options
from engine.run.people.ask import plan_ask
from tests.recipes.conftest import CONNECTED

FOLDER = Path(__file__).parents[2] / "recipes"
RECIPES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host(strict=True)


def test_there_are_recipes() -> None:
    assert {path.stem for path in RECIPES} >= {
        "clio-matters-approved-to-case-status",
        "clio-matters-to-case-status",
        "clio-clients-to-mailchimp",
        "csv-contacts-to-mailchimp",
        "mailchimp-unsubscribes-to-csv",
    }


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes_have_no_findings(host: Host, path: Path) -> None:
    found = check_file(path, host, {*CONNECTED, "firm-sftp"}, hints=True)
    assert "\n".join(finding.as_text() for finding in found) == ""


@pytest.mark.parametrize("name", Library(FOLDER).names())
def test_shipped_recipes_compile(name: str) -> None:
    recipe = Library(FOLDER).load(name)
    environment = build_environment(filters_for(recipe.tables), TESTS)
    assert recipe.description.endswith(".")
    for rule in recipe.skip:
        assert compile_expression(environment, rule.condition.value, "skip")
        assert compile_template(environment, rule.reason.value, "skip")
    for asked in recipe.steps:
        if isinstance(asked, AskStep):
            assert plan_ask(environment, asked).details
    for step in recipe.uses:
        assert compile_fields(environment, step.fields).paths == tuple(step.fields.values)


def test_the_sample_contacts_hold_good_and_bad_rows() -> None:
    lines = (FOLDER / "samples" / "contacts.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    assert len(rows) == 40
    assert sum(row[4].lower() == "no" for row in rows) == 2
    assert sum("@" not in row[2] for row in rows) == 2  # one empty, one with (at)
    assert sum(row[3] in {"555-0115", "n/a"} for row in rows) == 2
    addresses = [row[2].strip().lower() for row in rows if row[2]]
    assert len(addresses) - len(set(addresses)) == 1  # the same person twice, in capitals


BLUEPRINTS = sorted((FOLDER / "blueprints").glob("*.yaml"))


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_shipped_blueprints_have_no_findings(path: Path, host: Host) -> None:
    found = check_file(path, host, {"clio", "mailchimp"})
    assert "\n".join(one.as_text() for one in found) == ""
    blueprint, _ = read_recipe(path.read_text("utf-8"), path)
    assert blueprint is not None
    assert blueprint.inputs is not None
    for entry in blueprint.inputs.entries:
        assert entry.description.endswith(".")
        assert not entry.pick or has_options(host, entry.pick)
