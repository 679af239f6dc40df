"""Pages of a home with many recipes and questions: they cost a few queries, not some for each."""

import shutil

import pytest

from engine.recipe.yaml.nodes import compose
from tests.statements import statements_of

PAGES = ("/", "/recipes/", "/connections/", "/questions/", "/hooks/deliveries/", "/runs/")


@pytest.fixture
def more(recipes_folder, seed, ask):
    """Add recipes with runs and questions."""
    waits = seed.row("1", "a", "waiting", code="asked", reason="?")

    def add(*numbers: int) -> None:
        for number in numbers:
            name = f"contacts-{number}"
            shutil.copy(recipes_folder / "contacts.yaml", recipes_folder / f"{name}.yaml")
            seed.recipe = name
            seed.run([waits], status="succeeded")
            ask(key=str(number))

    return add


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_page_asks_the_database_as_often_for_many_recipes_as_for_few(admin, store, more, page):
    more(1, 2)
    asked = []
    for numbers in ((), range(3, 13)):
        more(*numbers)
        with statements_of(store) as sent:
            assert admin.get(page).status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_a_recipe_once_until_its_file_changes(
    admin, more, recipes_folder, page, monkeypatch
):
    more(1, 2, 3)
    admin.get("/")
    read = []

    def counted(text):
        read.append(text)
        return compose(text)

    monkeypatch.setattr("engine.recipe.yaml.repair.compose", counted)
    admin.get(page)
    assert read == []
    file = recipes_folder / "contacts.yaml"
    file.write_text(file.read_text().replace("Contacts join", "People join"))
    assert "People join" in admin.get("/recipes/").text
    assert len(read) == 1


def test_a_mistake_in_a_recipe_is_seen_and_gone_with_the_next_look(admin, recipes_folder):
    file = recipes_folder / "contacts.yaml"
    sound = file.read_text()
    assert "mistake" not in admin.get("/recipes/").text
    file.write_text(sound.replace("csv.", "cvs."))
    assert "mistake in it" in admin.get("/recipes/").text
    file.write_text(sound)
    assert "mistake" not in admin.get("/recipes/").text
