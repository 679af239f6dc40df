"""``recipes versions``, ``diff``, ``restore``, and which version a run or a retry is on."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import Invoke

GOOD = """\
name: People into the address book
trigger:
  use: csv.row_read
  with: {file: people.csv}
  as: person
steps:
  - id: row
    use: csv.append_rows
    with:
      file: book.csv
      columns:
        name: "{{ person.name }}"
"""


@pytest.fixture
def recipe() -> Path:
    folder = Path("recipes")
    folder.mkdir()
    (folder / "people.csv").write_text("name\nAda\n")
    (folder / "people.yaml").write_text(GOOD)
    return folder / "people.yaml"


def listed(bridgework: Invoke) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        bridgework("recipes", "versions", "people", "--json").stdout
    )
    return found


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_versions_say_when_who_and_how_often_they_ran(bridgework: Invoke, recipe: Path) -> None:
    bridgework("run", "people")
    recipe.write_text(GOOD.replace("Address", "Phone").replace("book.csv", "phone.csv"))
    rows = lines(bridgework("recipes", "versions", "people"))
    assert rows[0].split() == ["Version", "When", "Who", "Note", "Runs"]
    assert "changed outside Bridgework" in rows[1]
    assert rows[1].startswith("2 ")
    assert rows[2].startswith("1 ")
    assert rows[2].split()[-5:] == ["as", "it", "was", "found", "1"]
    newest, first = listed(bridgework)
    assert (newest["version"], newest["runs"], first["text"]) == (2, 0, GOOD)


def test_diff_shows_what_changed(bridgework: Invoke, recipe: Path) -> None:
    bridgework("recipes", "versions", "people")
    recipe.write_text(GOOD.replace("book.csv", "phone.csv"))
    shown = lines(bridgework("recipes", "diff", "people"))
    assert shown[0] == "Step row: field file changed from “book.csv” to “phone.csv”."
    assert shown[2:4] == [
        "--- version 1, as it was found",
        "+++ version 2, changed outside Bridgework",
    ]
    assert "-      file: book.csv" in shown
    assert "+      file: phone.csv" in shown
    told = json.loads(bridgework("recipes", "diff", "people", "2", "1", "--json").stdout)
    assert (told["from"], told["to"]) == (2, 1)
    assert "+      file: book.csv" in told["lines"]
    assert "same" in bridgework("recipes", "diff", "people", "2").stderr


def test_restore_writes_the_file_and_adds_a_version(bridgework: Invoke, recipe: Path) -> None:
    bridgework("recipes", "versions", "people")
    recipe.write_text("name: broken\n")
    done = bridgework("recipes", "restore", "people", "1")
    assert done.stderr == (
        "'people' is as it was in version 1; that is version 3 now.\nIts next run uses it.\n"
    )
    assert recipe.read_text() == GOOD
    broken = bridgework("recipes", "restore", "people", "2")
    assert "It has mistakes and can't run: `bridgework check people` shows them." in broken.stderr
    bridgework("recipes", "restore", "people", "1")
    assert listed(bridgework)[0]["saved_by"] == "the command line"


def test_a_deleted_recipe_comes_back(bridgework: Invoke, recipe: Path) -> None:
    bridgework("recipes", "versions", "people")
    recipe.unlink()
    assert listed(bridgework)[0]["version"] == 1
    bridgework("recipes", "restore", "people", "1")
    assert recipe.read_text() == GOOD


def test_what_there_is_not_is_one_sentence(bridgework: Invoke, recipe: Path) -> None:
    for arguments in (
        ("versions", "peple"),
        ("diff", "people", "7"),
        ("restore", "people", "7"),
        ("restore", "nobody", "1"),
    ):
        result = bridgework("recipes", *arguments)
        assert result.exit_code == 3
        assert result.stderr.count("\n") == 2


def test_runs_reports_and_retries_name_the_version(bridgework: Invoke, recipe: Path) -> None:
    recipe.write_text(GOOD.replace("person.name }}", "person.name | int }}"))
    bridgework("run", "people")
    assert " version 1 · " in lines(bridgework("report", "1"))[1]
    row = lines(bridgework("runs"))[1].split()
    assert row[:3] == ["1", "people", "1"]
    assert json.loads(bridgework("report", "1", "--format", "json").stdout)["version"] == 1
    recipe.write_text(GOOD)
    retry = bridgework("retry", "1")
    assert (
        "It is tried again on the recipe as it is now, version 2; run 1 used version 1."
        in retry.stderr
    )
    assert " version 2 · " in lines(bridgework("report", "2"))[1]


def test_what_a_command_changes_is_a_version_by_that_command(
    bridgework: Invoke, recipe: Path
) -> None:
    bridgework("run", "people")
    recipe.write_text(
        GOOD.replace("person.name }}", "persn.name }}").replace("name: Pe", "name:  Pe")
    )
    bridgework("check", "--fix", "people")
    bridgework("fmt", "people")
    bridgework("fmt", "people")  # nothing is left to change
    assert "persn" not in recipe.read_text()
    assert [version["saved_by"] for version in reversed(listed(bridgework))] == [
        "",
        "",
        "bridgework check --fix",
        "bridgework fmt",
    ]
