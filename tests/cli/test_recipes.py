"""``recipes`` lists and switches, ``check`` finds mistakes, ``schema`` is for editors."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from ruamel.yaml import YAML

from engine.cli.demo_files import shipped_recipes
from engine.host import build_host
from engine.recipe.schema import recipe_schema
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.switches import switches

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
    assert listed[0] == {
        "name": "good",
        "title": "People into the address book",
        "description": "Every evening.",
        "enabled": False,
        "schedule": "every day at 20:30",
        "usable": True,
        "last_run": None,
    }
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
    assert on.stderr == "'good' is on. `bridgework serve` runs it: every day at 20:30.\n"
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


def test_shipped_recipes_are_good(bridgework: Bridgework) -> None:
    result = bridgework("check", shipped_recipes())
    assert result.exit_code == 0, result.stdout
    assert "4 recipes checked" in result.stderr


# -- schema ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    schema = recipe_schema(build_host(strict=True))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def complaints(validator: jsonschema.Draft7Validator, text: str) -> list[str]:
    document = YAML(typ="safe").load(text)
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize(
    "file", sorted(shipped_recipes().glob("*.yaml")), ids=lambda file: file.stem
)
def test_schema_accepts_every_shipped_recipe(
    validator: jsonschema.Draft7Validator, file: Path
) -> None:
    assert complaints(validator, file.read_text()) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("use: clio.contact_changed", "use: clio.contact"), "'clio.contact' is not valid"),
        (
            ("as: contact", "as: contact\n  with: {clients_only: yes}"),
            "'clients_only' was unexpected",
        ),
        (("      file: book.csv\n", ""), "'file' is a required property"),
        (("trigger:", "triger:"), "'triger' was unexpected"),
        (("  connection: clio", "  conection: clio"), "'conection' was unexpected"),
    ],
)
def test_schema_finds_what_an_editor_should_underline(
    validator: jsonschema.Draft7Validator, change: tuple[str, str], complaint: str
) -> None:
    assert complaints(validator, CLIO) == []
    assert complaint in " ".join(complaints(validator, CLIO.replace(*change)))


def test_schema_offers_fields_titles_and_choices(bridgework: Bridgework) -> None:
    schema = json.loads(bridgework("schema").stdout)
    offered = {
        choice["const"]: choice
        for choice in schema["properties"]["trigger"]["properties"]["use"]["oneOf"]
    }
    assert offered["clio.matter_changed"]["title"] == "Matter added or changed"
    steps = schema["properties"]["steps"]["items"]["else"]["allOf"]
    case = next(
        s for s in steps if s["if"]["properties"]["use"]["const"] == "casestatus.upsert_case"
    )
    fields = case["then"]["properties"]["with"]
    assert {"name", "attorney", "client", "client.phone", "client.email"} <= set(
        fields["properties"]
    )
    assert fields["properties"]["client.phone"]["title"] == "Mobile number"
    assert "attorney" in fields["required"]
    assert "client.phone" not in fields["required"]  # it may stand under `client:` as well
