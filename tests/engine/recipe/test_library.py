"""The folder of recipes: what is in it, and how a recipe is found."""

import os
from pathlib import Path

import pytest

from engine.errors import RecipeError, SetupError
from engine.recipe.library import Library

RECIPE = "name: Nightly\ntrigger: {use: mill.order_changed}\nsteps: [{use: depot.store}]\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name in ("nightly.yaml", "weekly.yml", "notes.txt"):
        (tmp_path / name).write_text(RECIPE)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "inner.yaml").write_text(RECIPE)
    return Library(tmp_path)


def test_recipes_are_the_yaml_files_of_the_folder_itself(library) -> None:
    assert library.names() == ["nightly", "weekly"]


def test_a_folder_that_is_not_there_holds_none(tmp_path) -> None:
    assert Library(tmp_path / "missing").names() == []
    with pytest.raises(SetupError, match="holds none"):
        Library(tmp_path / "missing").load("nightly")


def test_a_recipe_is_found_by_its_name_or_its_path(library) -> None:
    for given in ("nightly", str(library.folder / "nightly.yaml")):
        assert library.load(given).name == "nightly"
    assert library.path("weekly").name == "weekly.yml"


def test_a_path_may_lead_outside_the_folder(library) -> None:
    path = library.folder / "samples" / "inner.yaml"
    assert Library(library.folder / "elsewhere").load(str(path)).name == "inner"


def test_a_misspelt_name_gets_a_suggestion(library) -> None:
    with pytest.raises(SetupError) as caught:
        library.path("nigthly")
    assert caught.value.message == "There is no recipe 'nigthly'."
    assert caught.value.hint == "Did you mean 'nightly'?"
    with pytest.raises(SetupError, match="There are: nightly, weekly"):
        library.path("unlike-any")
    for number in range(40):
        (library.folder / f"copy-{number}.yaml").touch()
    with pytest.raises(SetupError) as among_many:
        library.path("unlike-any")
    assert among_many.value.hint.endswith(" and 30 more.")


def test_a_file_that_is_no_recipe_comes_with_its_findings(library) -> None:
    (library.folder / "broken.yaml").write_text("name: Only a name\n")
    with pytest.raises(RecipeError) as caught:
        library.load("broken")
    assert {finding.code for finding in caught.value.findings} == {"missing-key"}


def test_what_is_no_file_is_no_recipe(library) -> None:
    (library.folder / "zeros.yaml").symlink_to("/dev/zero")
    (library.folder / "gone.yaml").symlink_to("nowhere")
    (library.folder / "folder.yaml").mkdir()
    os.mkfifo(library.folder / "pipe.yaml")
    assert library.everything() == ["nightly", "weekly"]
    assert library.callers("nightly") == []
