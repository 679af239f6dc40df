"""A connector that is edited or upgraded: recipes it breaks are held before they run, and named."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

CONNECTOR = """
from collections.abc import Iterator
from engine.sdk import Connector, Context, NotRequired, Record, TypedDict, hookimpl

connector = Connector(name="shop", title="The Shop")

class Order(TypedDict):
    id: str
    buyer: str
    note: NotRequired[str]

@connector.trigger("Order", key="id", sample={"id": "1", "buyer": "Ada", "note": ""})
def orders(ctx: Context) -> Iterator[Order]:
    "Start with each order."
    yield {"id": "1", "buyer": "Ada", "note": "x"}

@connector.action("Print", idempotent=True)
def label(ctx: Context, text: str, colour: str = "red") -> Record:
    "Print a label."
    return {"id": text}

@hookimpl
def register_connectors():
    return [connector]
"""
RECIPE = """name: Orders become labels
trigger: {use: shop.orders, as: order}
steps:
  - id: label
    use: shop.label
    with:
      text: "{{ order.buyer }}"
      colour: "{{ order.note }}"
"""


def without_note(text: str) -> str:
    return text.replace("    note: NotRequired[str]\n", "")


@pytest.fixture(autouse=True)
def installed(home, store) -> Path:
    """A dropped-in connector that a recipe has run with."""
    Path("recipes").mkdir()
    Path("recipes/labels.yaml").write_text(RECIPE, "utf-8")
    file = home / "plugins" / "shop.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(CONNECTOR, "utf-8")
    return file


def test_a_recipe_that_an_edited_connector_breaks_is_held_before_it_runs(bridgework, installed):
    assert bridgework("run", "labels").exit_code == 0
    installed.write_text(without_note(CONNECTOR), "utf-8")

    held = bridgework("run", "labels")
    found = bridgework("drift")

    assert held.exit_code == 3
    assert "The connector The Shop was changed." in held.stderr
    assert "The records of 'shop.orders' no longer have 'note'." in held.stderr
    assert "step 'label', field 'colour' needs it" in held.stderr
    assert found.exit_code == 1
    assert (
        "Orders become labels: step 'label', field 'colour' needs it: its records are held."
        in found.stdout
    )


def test_it_runs_once_the_recipe_is_corrected_or_the_change_is_accepted(bridgework, installed):
    bridgework("run", "labels")
    installed.write_text(without_note(CONNECTOR), "utf-8")
    assert bridgework("run", "labels").exit_code == 3

    recipe = Path("recipes/labels.yaml")
    recipe.write_text(RECIPE.replace("{{ order.note }}", "blue"), "utf-8")
    assert bridgework("run", "labels").exit_code == 0

    renamed = CONNECTOR.replace("text: str, colour", "words: str, colour").replace(
        "text}", "words}"
    )
    installed.write_text(renamed.replace('{"id": text}', '{"id": words}'), "utf-8")
    said = bridgework("run", "labels")
    assert "'shop.label' no longer takes 'text'." in said.stderr
    assert "Correct the recipe first: step 'label', fields 'text' and 'words'." in said.stderr
    assert "--accept" not in said.stderr  # `check` would still fail
    assert bridgework("drift", "--accept", "shop").exit_code == 0
    assert "no longer takes" not in bridgework("run", "labels").stderr  # `check` says the rest


def test_accepting_is_offered_only_where_nothing_is_wrong_with_the_recipe(bridgework, installed):
    bridgework("run", "labels")
    installed.write_text(without_note(CONNECTOR), "utf-8")
    held = bridgework("run", "labels").stderr
    assert bridgework("check", "recipes/labels.yaml").exit_code == ("--accept" not in held)


def test_a_change_that_breaks_nothing_is_taken_for_granted(bridgework, installed):
    bridgework("run", "labels")
    installed.write_text(
        CONNECTOR.replace('colour: str = "red"', 'colour: str = "", size: int = 1')
    )

    assert bridgework("run", "labels").exit_code == 0
    assert bridgework("drift").exit_code == 0


@pytest.mark.parametrize("kind", ["folder", "wheel"])
def test_a_new_version_is_looked_at_without_installing_it(bridgework, tmp_path, kind):
    new = without_note(CONNECTOR).replace("colour: str =", "size: int, colour: str =")
    package = tmp_path / "new" / "shop"
    package.parent.mkdir()
    if kind == "folder":
        package.mkdir()
        (package / "__init__.py").write_text(new, "utf-8")
    else:
        package = tmp_path / "new" / "shop_connector-2.0-py3-none-any.whl"
        with ZipFile(package, "w") as wheel:
            wheel.writestr("new_shop/__init__.py", new)
            points = "[bridgework.connectors]\nshop = new_shop\n"
            wheel.writestr("shop_connector-2.0.dist-info/entry_points.txt", points)

    told = bridgework("connectors", "impact", package, "--json")

    assert told.exit_code == 1
    [upgrade] = json.loads(told.stdout)
    assert [(c["kind"], c["field"], c["breaks"]) for c in upgrade["changes"]] == [
        ("no longer given", "note", True),
        ("now required", "size", True),
    ]
    assert {hit["field"] for c in upgrade["changes"] for hit in c["recipes"]} == {"colour", "size"}
    assert json.loads(bridgework("connectors", "show", "shop", "--json").stdout)["triggers"][0][
        "gives"
    ]["properties"]["note"]  # nothing of it is installed


def test_what_can_not_be_looked_at_is_told_in_a_sentence(bridgework, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_like_this", "utf-8")

    said = bridgework("connectors", "impact", broken)
    missing = bridgework("connectors", "impact", tmp_path / "none.py")

    assert (said.exit_code, missing.exit_code) == (3, 3)
    assert "No module named 'nothing_like_this'" in said.stderr
    assert "There is no" in missing.stderr
