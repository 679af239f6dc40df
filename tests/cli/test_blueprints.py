"""``recipes new`` lists blueprints, tells what one takes, and makes recipes from it."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import Result

from engine.recipe.gallery import shipped_recipes

Bridgework = Callable[..., Result]


@pytest.fixture(autouse=True)
def blueprints() -> None:
    copytree(shipped_recipes() / "blueprints", Path("recipes") / "blueprints")


def test_blueprints_and_what_they_take_are_listed(bridgework: Bridgework) -> None:
    listed = bridgework("recipes", "new").output
    assert "csv-to-mailchimp" in listed
    taken = bridgework("recipes", "new", "--from", "csv-to-mailchimp").output
    assert "connection mailchimp" in taken
    assert "The column with the e-mail address." in taken


def test_a_recipe_is_made_with_what_is_set(bridgework: Bridgework) -> None:
    made = bridgework(
        "recipes", "new", "club", "--from", "csv-to-mailchimp", "--title", "Our: club",
        "--set", "file=club.csv", "--set", "mailchimp=mailchimp", "--set", "audience=a1b2c3d4e5",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert (
        Path("recipes/club.yaml")
        .read_text("utf-8")
        .startswith('blueprint: csv-to-mailchimp\nname: "Our: club"\ninputs:\n  file: club.csv\n')
    )
    assert "Our: club" in bridgework("recipes").output
    assert bridgework("check").exit_code == 0
    again = bridgework("recipes", "new", "club", "--from", "csv-to-mailchimp", "--set", "file=x")
    assert again.exit_code != 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--set", "fiel=a"], "has no input 'fiel'"),
        (["--set", "file"], "'file' sets nothing"),
        ([], "needs the input 'file'"),
        (["--set", "file=a", "--set", "mailchimp=m", "--set", "audience=x", "--set", "confirm=maybe"],
         "'confirm': 'maybe' is neither true nor false"),
    ],
    ids=["unknown", "no value", "missing", "wrong"],
)  # fmt: skip
def test_what_does_not_fit_makes_no_recipe(
    bridgework: Bridgework, given: list[str], said: str
) -> None:
    made = bridgework("recipes", "new", "club", "--from", "csv-to-mailchimp", *given)
    assert made.exit_code != 0
    assert said in made.output
    assert not Path("recipes/club.yaml").exists()
