"""``schema``: what editors complete and underline in recipes."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from ruamel.yaml import YAML

from engine.host import build_host
from engine.recipe.gallery import shipped_recipes
from engine.recipe.reading.keys import KINDS
from engine.recipe.schema.schema import recipe_schema
from engine.recipe.schema.steps import KIND_SCHEMAS
from tests.cli.test_recipes import CLIO

Bridgework = Callable[..., Result]


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
        (("steps:\n", "steps:\n  - {set: {a: b}}\n"), "'id' is a required property"),
        (("steps:\n", "steps:\n  - {reject: No., whn: a}\n"), "'whn' was unexpected"),
        (
            ("steps:\n", "steps:\n  - choose: [{if: a, steps: [{use: csv.append}]}]\n"),
            "'csv.append' is not valid",
        ),
        (
            (
                "  - use: csv.append_rows\n    with:\n      file: book.csv\n",
                "  - for_each: a.b\n    use: csv.append_rows\n    with:\n",
            ),
            "'file' is a required property",
        ),
        (("  connection: clio", "  conection: clio"), "'conection' was unexpected"),
    ],
)
def test_schema_finds_what_an_editor_should_underline(
    validator: jsonschema.Draft7Validator, change: tuple[str, str], complaint: str
) -> None:
    assert complaints(validator, CLIO) == []
    assert complaint in " ".join(complaints(validator, CLIO.replace(*change)))


def test_schema_knows_every_kind_of_step(validator: jsonschema.Draft7Validator) -> None:
    more = """\
  - for_each: contact.phones
    as: phone
    key: phone.id
    if_item_fails: continue
    steps:
      - choose:
          - {if: phone.ok, steps: [{reject: No., if: phone.bad}]}
        otherwise: {skip: Later.}
      - {if: phone.ok, steps: [{id: them, set: {a: "{{ phone.a }}", b: 1}}], otherwise: [{stop: Oh.}]}
  - for_each: contact.phones
    if_item_fails: continue
    use: csv.append_rows
    with: {file: book.csv, columns: {a: "{{ item.a }}"}}
  - use: csv.append_rows
    with: {file: book.csv, columns: {a: b}}
    otherwise: {ask: What now?}
"""
    assert complaints(validator, CLIO + more) == []


def test_every_kind_of_step_has_its_schema() -> None:
    assert [*KIND_SCHEMAS] == [word for word in KINDS if word != "use"]
    for word, schema in KIND_SCHEMAS.items():
        assert set(schema["properties"]) == set(KINDS[word].keys), word
        assert set(schema["required"]) == set(KINDS[word].required), word


def test_schema_offers_fields_titles_and_choices(bridgework: Bridgework) -> None:
    schema = json.loads(bridgework("schema").stdout)
    offered = {
        choice["const"]: choice
        for choice in schema["properties"]["trigger"]["properties"]["use"]["oneOf"]
    }
    assert offered["clio.matter_changed"]["title"] == "Matter added or changed"
    step = schema["definitions"]["step"]
    while "else" in step:
        step = step["else"]
    steps = step["allOf"]
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
