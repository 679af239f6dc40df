"""``recipes`` lists and switches, ``check`` finds mistakes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import insert

from engine.recipe.gallery import shipped_recipes
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.switches import pause_recipe, switches
from engine.store.tables import recipe_schedules

Bridgework = Callable[..., Result]

GOOD = """\
name: People into the address book
description: Every evening.
trigger:
  use: csv.row_read
  with: {file: people.csv}
  as: person
  schedule: every day at 20:30
steps:
  - id: row
    use: csv.append_rows
    with:
      file: book.csv
      columns:
        name: "{{ person.name }}"
"""
CLIO = """\
name: Contacts into the address book
trigger:
  use: clio.contact_changed
  connection: clio
  as: contact
steps:
  - use: csv.append_rows
    with:
      file: book.csv
      columns:
        name: "{{ contact.name }}"
"""


@pytest.fixture
def recipes() -> Path:
    folder = Path("recipes")
    folder.mkdir()
    (folder / "good.yaml").write_text(GOOD)
    return folder


# -- recipes ---------------------------------------------------------------------------------------


def test_list_says_what_each_recipe_does_and_when(
    bridgework: Bridgework, recipes: Path, home: Path
) -> None:
    (recipes / "wrong.yaml").write_text("name: [\n")
    lines = bridgework("recipes").stdout.splitlines()
    assert lines[1].split() == [
        "good",
        "off",
        "every",
        "day",
        "at",
        "20:30",
        "People",
        "into",
        "the",
        "address",
        "book",
    ]
    assert "can't be used: `bridgework check` says why" in lines[2]
    listed = json.loads(bridgework("recipes", "--json").stdout)
    following = listed[0].pop("next_runs")
    assert listed[0] == {
        "name": "good",
        "title": "People into the address book",
        "description": "Every evening.",
        "enabled": False,
        "triggers": [
            {
                "id": "row_read",
                "use": "csv.row_read",
                "words": "CSV file rows",
                "schedule": "every day at 20:30",
            }
        ],
        "schedule": "every day at 20:30",
        "runs": "every day at 20:30, UTC time",
        "note": "",
        "paused_because": "",
        "webhook": None,
        "usable": True,
        "last_run": None,
    }
    assert len(following) == 5
    assert following[0]["at"].endswith("T20:30:00+00:00")
    assert listed[1]["next_runs"] == []
    assert not home.exists()


def test_list_tells_of_the_last_run(bridgework: Bridgework, recipes: Path) -> None:
    (recipes / "people.csv").write_text("name\nAda\n")
    bridgework("run", "good")
    (listed,) = json.loads(bridgework("recipes", "--json").stdout)
    assert listed["last_run"] == {
        "run": 1, "status": "succeeded", "headline": "1 row was passed on.",
    }  # fmt: skip


def test_enable_and_disable(bridgework: Bridgework, recipes: Path, store: Store) -> None:
    on = bridgework("recipes", "enable", "good")
    assert on.exit_code == 0
    assert re.fullmatch(
        r"'good' is on\. `bridgework serve` runs it every day at 20:30, UTC time, "
        r"next (today|tomorrow) at 20:30 \(UTC\)\.\n",
        on.stderr,
    )
    assert switches(store) == {"good": True}
    assert json.loads(bridgework("recipes", "--json").stdout)[0]["enabled"] is True
    assert bridgework("recipes", "disable", "good").exit_code == 0
    assert switches(store) == {"good": False}


def test_broken_recipe_is_not_switched_on_but_may_be_switched_off(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    (recipes / "good.yaml").write_text("name: [\n")
    assert bridgework("recipes", "enable", "good").exit_code == 3
    assert switches(store) == {}
    assert bridgework("recipes", "disable", "good").exit_code == 0


def test_recipe_with_a_wrong_schedule_is_not_switched_on(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    (recipes / "good.yaml").write_text(GOOD.replace("every day at 20:30", "every evening"))
    result = bridgework("recipes", "enable", "good")
    assert result.exit_code == 3
    assert "'good' can't be switched on. 'every evening' doesn't say at what time." in result.stderr
    assert switches(store) == {}


def test_recipe_that_only_runs_by_hand_may_be_switched_on(
    bridgework: Bridgework, recipes: Path
) -> None:
    (recipes / "good.yaml").write_text(GOOD.replace("every day at 20:30", "manual"))
    assert bridgework("recipes", "enable", "good").stderr == (
        "'good' is on. It runs only by hand.\n"
    )


# -- when it runs ----------------------------------------------------------------------------------


def test_list_says_when_a_recipe_that_is_on_runs_next(
    bridgework: Bridgework, recipes: Path
) -> None:
    assert " at 20:30 (" not in bridgework("recipes").stdout
    bridgework("recipes", "enable", "good")
    assert re.search(r"on +every day at 20:30 +(today|tomorrow) at 20:30 \(UTC\)",
                     bridgework("recipes").stdout)  # fmt: skip


def test_show_tells_the_next_five_runs_with_their_zone(
    bridgework: Bridgework, recipes: Path
) -> None:
    path = recipes / "good.yaml"
    path.write_text(GOOD.replace("20:30", "20:30\n  timezone: America/New_York"))
    lines = bridgework("recipes", "show", "good").stdout.splitlines()
    assert lines[:3] == [
        "People into the address book",
        "Every evening.",
        "Runs every day at 20:30, New York time. It is switched off.",
    ]
    assert lines[3] == "Switched on, it would run:"
    assert len(lines) == 9
    assert all(line.endswith(" at 20:30 (New York)") for line in lines[4:])
    bridgework("recipes", "enable", "good")
    assert "Next runs:" in bridgework("recipes", "show", str(path)).stdout


def test_show_names_all_triggers(bridgework: Bridgework, recipes: Path) -> None:
    (recipes / "two.yaml").write_text(
        "name: Two\ntriggers:\n"
        "  - {id: people, use: clio.contact_changed, as: contact, schedule: every hour}\n"
        "  - {id: matters, use: clio.matter_changed, as: matter}\n"
        "steps:\n  - {id: end, skip: Nothing yet}\n"
    )
    lines = bridgework("recipes", "show", "two").stdout.splitlines()
    assert lines[1:4] == [
        "Takes:",
        "  Clio contacts (people), every hour",
        "  Clio matters (matters), manual",
    ]
    [shown] = [r for r in json.loads(bridgework("recipes", "--json").stdout) if r["name"] == "two"]
    assert [trigger["id"] for trigger in shown["triggers"]] == ["people", "matters"]


def test_show_says_why_bridgework_paused_a_recipe(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    with store.writing() as connection:
        pause_recipe(connection, "good", "It failed 10 times in a row.")
    shown = bridgework("recipes", "show", "good").stdout
    assert "Bridgework switched it off. It failed 10 times in a row." in shown
    assert "bridgework recipes enable good" in shown
    assert re.search(r"good +paused", bridgework("recipes").stdout)
    bridgework("recipes", "enable", "good")
    assert "It failed" not in bridgework("recipes", "show", "good").stdout


def test_show_tells_the_note_of_the_last_scheduled_time(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    bridgework("recipes", "enable", "good")
    with store.writing() as connection:
        connection.execute(insert(recipe_schedules).values(
            recipe="good", words="every day at 20:30", timezone="UTC", jitter=0,
            note="The run of 20:30 was left out: the one before was still going.",
        ))  # fmt: skip
    shown = json.loads(bridgework("recipes", "show", "good", "--json").stdout)
    assert shown["note"] == "The run of 20:30 was left out: the one before was still going."
    assert shown["note"] in bridgework("recipes", "show", "good").stdout


def test_unknown_recipe_is_not_switched(bridgework: Bridgework, recipes: Path) -> None:
    for verb in ("enable", "disable"):
        result = bridgework("recipes", verb, "god")
        assert result.exit_code == 3
        assert "Did you mean 'good'?" in result.stderr


def test_empty_folder(bridgework: Bridgework) -> None:
    assert "There is no recipe in 'recipes'." in bridgework("recipes").stderr


# -- check -----------------------------------------------------------------------------------------


def test_check_of_good_recipes(bridgework: Bridgework, recipes: Path, home: Path) -> None:
    result = bridgework("check")
    assert result.exit_code == 0
    assert result.stderr == "1 recipe checked: all good.\n"
    assert result.stdout == ""
    assert not home.exists()


def test_check_shows_every_mistake_with_line_caret_and_remedy(
    bridgework: Bridgework, recipes: Path
) -> None:
    (recipes / "bad.yaml").write_text(
        CLIO.replace("contact.name", "contact.nam").replace("append_rows", "apend_rows")
    )
    result = bridgework("check")
    assert result.exit_code == 1
    assert "recipes/bad.yaml:7:10" in result.stdout
    assert "append_rows" in result.stdout
    assert "^" in result.stdout
    assert result.stderr.endswith("in 1 of 2 recipes.\n")
    document = json.loads(bridgework("check", "--json").stdout)
    assert [Path(file).name for file in document["checked"]] == ["bad.yaml", "good.yaml"]
    assert {finding["line"] for finding in document["findings"]} >= {7}


def test_check_takes_files_folders_and_names(bridgework: Bridgework, recipes: Path) -> None:
    Path("elsewhere").mkdir()
    Path("elsewhere/bad.yaml").write_text("name: [\n")
    assert bridgework("check", "good").exit_code == 0
    assert bridgework("check", "recipes/good.yaml").exit_code == 0
    assert bridgework("check", "elsewhere").exit_code == 1
    assert bridgework("check", "recipes", "elsewhere/bad.yaml").exit_code == 1


@pytest.mark.parametrize("path", ["nothing", "nothing.yaml", "nothing/"])
def test_check_of_what_isnt_there(bridgework: Bridgework, recipes: Path, path: str) -> None:
    result = bridgework("check", path)
    assert result.exit_code == 3
    assert "There is no recipe 'nothing" in result.stderr


def test_check_without_a_recipes_folder(bridgework: Bridgework) -> None:
    result = bridgework("check")
    assert result.exit_code == 3
    assert "There is no folder 'recipes'." in result.stderr


def test_connection_still_to_be_added_is_a_note_and_a_misspelt_one_a_mistake(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    (recipes / "good.yaml").write_text(CLIO)
    save_connection(store, Connection(name="portal", connector="casestatus"))
    note = bridgework("check")
    assert note.exit_code == 0
    assert "Note: recipes/good.yaml:4:15" in note.stdout
    assert "There is no connection 'clio'." in note.stdout
    assert "bridgework connections add clio --connector clio" in note.stdout

    save_connection(store, Connection(name="cleo", connector="clio"))
    mistake = bridgework("check")
    assert mistake.exit_code == 1
    assert "Did you mean 'cleo'?" in mistake.stdout


def test_account_that_several_recipes_wait_for_is_one_note(
    bridgework: Bridgework, recipes: Path, store: Store
) -> None:
    """The last of them only calls another that needs it: its lack is the same, and no mistake."""
    (recipes / "good.yaml").write_text(CLIO)
    (recipes / "again.yaml").write_text(CLIO)
    (recipes / "found.yaml").write_text(
        "name: Finding\n"
        "inputs:\n"
        "  email: {type: email}\n"
        "steps:\n"
        "  - id: contact\n"
        "    use: clio.find_contact\n"
        '    with: {email: "{{ inputs.email }}"}\n'
        "outputs:\n"
        '  name: "{{ contact.name }}"\n'
    )
    (recipes / "calls.yaml").write_text(
        "name: Calling\n"
        "trigger:\n"
        "  use: csv.row_read\n"
        "  with: {file: people.csv, key: email}\n"
        "steps:\n"
        "  - id: one\n"
        "    call: found\n"
        '    with: {email: "{{ record.email }}"}\n'
        "  - id: row\n"
        "    use: csv.append_rows\n"
        '    with: {file: names.csv, columns: {name: "{{ one.name }}"}}\n'
    )
    save_connection(store, Connection(name="portal", connector="casestatus"))
    result = bridgework("check")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.count("There is no connection 'clio'.") == 1
    assert "4 recipes need it: again, calls, found, good." in result.stdout
    assert result.stderr == "4 recipes checked: all good.\n"
    found = json.loads(bridgework("check", "--json").stdout)["findings"]
    assert [one["code"] for one in found].count("unknown-connection") == 4
    alone = bridgework("check", "calls")
    assert "Note: recipes/calls.yaml:7:11 (step one)" in alone.stdout
    refused = bridgework("run", "calls")
    assert refused.exit_code == 3
    assert "There is no connection 'clio'." in refused.stderr
    assert "bridgework check" not in refused.stderr  # all that it would show stands there


def test_shipped_recipes_are_good(bridgework: Bridgework) -> None:
    result = bridgework("check", shipped_recipes())
    assert result.exit_code == 0, result.stdout
    many = len(list(shipped_recipes().glob("*.yaml")))
    assert many >= 20
    assert f"{many} recipes checked" in result.stderr
