"""The page of examples: found by app, copied into the folder of recipes."""

from engine.recipe.gallery import find_example
from engine.store.versions import newest_version

NAME = "csv-contacts-cleaned"


def test_examples_are_offered_where_a_recipe_begins(admin):
    for page in ("/recipes/", "/new-recipe"):
        assert 'href="/gallery/"' in admin.get(page).text
    everything, clio = admin.get("/gallery/").text, admin.get("/gallery/?app=clio").text
    assert f'action="/gallery/{NAME}"' in everything
    assert f'action="/gallery/{NAME}"' not in clio
    assert 'action="/gallery/clio-matters-to-csv"' in clio
    assert "No example uses this app." in admin.get("/gallery/?app=fax").text


def test_one_becomes_a_recipe_of_ones_own_twice_if_wanted(admin, recipes_folder, store):
    for made in (NAME, f"{NAME}-2"):
        page = admin.post(f"/gallery/{NAME}", follow=True).text
        assert f"“{made}” is yours now" in page
        text = (recipes_folder / f"{made}.yaml").read_text("utf-8")
        assert text == find_example(NAME).text
        kept = newest_version(store, made)
        assert (kept.note, kept.number) == ("From the gallery.", 1)
    assert (recipes_folder / "samples" / "contacts.csv").is_file()


def test_nothing_is_made_of_what_is_no_example(admin, recipes_folder):
    assert admin.post("/gallery/nothing").status_code == 404
    assert not (recipes_folder / "nothing.yaml").exists()
