"""``recipes new`` begins a recipe with an example, also in a folder that holds nothing yet."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from engine.recipe.gallery import find_example

Bridgework = Callable[..., Result]
VISITORS = "csv-visitors-welcomed"


def test_an_empty_folder_is_told_of_examples_and_they_are_listed_by_app(
    bridgework: Bridgework,
) -> None:
    assert "`bridgework recipes new`" in bridgework("recipes").stderr
    listed = bridgework("recipes", "new", "--app", "casestatus").stdout
    assert "clio-parties-to-case-status" in listed
    assert VISITORS not in listed
    assert "No example uses 'fax'." in bridgework("recipes", "new", "--app", "fax").output
    told = bridgework("recipes", "new", "--from", VISITORS)
    assert "Apps: csv, mailchimp." in told.output
    assert not Path("recipes").exists()


def test_a_copy_comes_with_what_it_reads_and_is_a_version(bridgework: Bridgework) -> None:
    made = bridgework("recipes", "new", "visitors", "--from", VISITORS)
    assert made.exit_code == 0, made.output
    assert Path("recipes/visitors.yaml").read_text("utf-8") == find_example(VISITORS).text
    assert bridgework("check").exit_code == 0
    for name in ("visitors", "welcome-to-the-mailing"):
        assert "From the gallery." in bridgework("recipes", "versions", name).stdout
    assert Path("recipes/samples/contacts.csv").is_file()


def test_files_that_are_there_stay_as_they_are(bridgework: Bridgework) -> None:
    mine = Path("recipes/samples/contacts.csv")
    mine.parent.mkdir(parents=True)
    mine.write_text("email\nme@mine.example\n", "utf-8")
    bridgework("recipes", "new", "visitors", "--from", VISITORS)
    assert mine.read_text("utf-8") == "email\nme@mine.example\n"
    again = bridgework("recipes", "new", "visitors", "--from", VISITORS)
    assert again.exit_code != 0
    assert "There is a recipe 'visitors' already." in again.output


def test_an_example_takes_no_inputs_and_an_unknown_one_is_told(bridgework: Bridgework) -> None:
    given = bridgework("recipes", "new", "x", "--from", VISITORS, "--set", "file=a.csv")
    assert given.exit_code != 0
    assert "is an example, which has no inputs" in given.output
    assert "neither a blueprint nor an example" in bridgework(
        "recipes", "new", "x", "--from", "nothing"
    ).output  # fmt: skip
    assert not Path("recipes/x.yaml").exists()
