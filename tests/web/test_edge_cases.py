"""The what-if page: problems first, then the grid, and what the last edit changed before both."""

import shutil
from pathlib import Path

import pytest

from engine.recipe.library import Library
from engine.run.recipes.editing import fingerprint
from engine.store.versions import notice_version

SHIPPED = Path(__file__).parents[2] / "recipes"
NAME = "clio-matters-to-case-status"


@pytest.fixture
def matters(recipes_folder):
    return Path(shutil.copy(SHIPPED / f"{NAME}.yaml", recipes_folder))


def page(admin, query=""):
    answer = admin.get(f"/recipes/{NAME}/whatif{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_problems_stand_before_the_grid_and_can_be_narrowed_down(admin, matters):
    shown = page(admin)
    assert "If a matter has two clients, only the first comes over." in shown
    assert shown.index("two clients") < shown.index("Field by field")
    assert "Lost or wrong, and nobody would be told" in shown
    assert "Since version" not in shown
    one_level = page(admin, "?level=lost")
    assert "two clients" in one_level
    assert "This matter has no client in Clio." not in one_level
    assert "<code>matter.open_date</code>" not in one_level
    one_field = page(admin, "?field=matter.client.phones[].number")
    assert "+44 20 7946 0018" in one_field
    assert "call his office" in one_field


def test_what_the_last_edit_changed_comes_first(admin, matters, store):
    recipe = Library(matters.parent).load(NAME)
    notice_version(store, NAME, recipe.path, recipe.text)
    matters.write_text(recipe.text.replace("    Demand: Demand sent\n", ""), "utf-8")
    shown = page(admin)
    assert "Since version 1" in shown
    assert shown.index("If a matter has the stage &#39;Demand&#39;") < shown.index("two clients")
    matters.write_text(recipe.text.replace("description: Every", "description: Each"), "utf-8")
    assert "Nothing ends otherwise than before the last edit." in page(admin)


def test_a_recipe_with_mistakes_is_not_tried(admin, matters):
    matters.write_text(matters.read_text("utf-8").replace("matter.stage", "matter.stagee"), "utf-8")
    assert "mistake" in page(admin)


def test_a_save_says_what_ends_worse_since(admin, matters):
    admin.get(f"/recipes/{NAME}/edit")
    before = matters.read_text("utf-8")
    edited = before.replace("    Demand: Demand sent\n", "").replace(
        "blank: leave alone", "blank: reject"
    )
    sent = {"text": edited, "seen": fingerprint(before), "do": "save"}
    shown = admin.post(f"/recipes/{NAME}/edit", follow=True, **sent).text
    assert "Since this edit: If a matter has no description, the matter is rejected" in shown
    assert "other cases end worse, too" in shown
