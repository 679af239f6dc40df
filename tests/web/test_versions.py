"""A recipe's versions: listed, compared, restored; and which one a run is on."""

import pytest

from engine.store.switches import set_switch
from engine.store.versions import list_versions
from tests.web.conftest import EMAIL


@pytest.fixture
def changed(admin, recipes_folder):
    """The recipe, after somebody changed it outside."""
    admin.get("/recipes/contacts")
    file = recipes_folder / "contacts.yaml"
    file.write_text(file.read_text().replace("Albany", "Troy"))
    return file


def test_a_change_made_outside_is_a_version(admin, changed):
    page = admin.get("/recipes/contacts/versions").text
    assert page.index("Version 2") < page.index("changed outside Bridgework")
    assert "as it was found" in page
    assert page.count("Restore<span") == 1  # not the one it is now


def test_a_version_shows_what_changed_in_it(admin, changed):
    page = admin.get("/recipes/contacts/versions/2").text
    assert "What changed from version 1" in page
    assert '<tr class="removed">' in page
    assert "taken out" in page
    assert "This is the recipe as it is now." in page
    first = admin.get("/recipes/contacts/versions/1").text
    assert "The first version" in first
    back = admin.get("/recipes/contacts/versions/1?against=2").text
    assert "What changed from version 2" in back
    assert admin.get("/recipes/contacts/versions/9").status_code == 404
    assert admin.get("/recipes/nobody/versions").status_code == 404


def test_a_file_that_the_recipe_reads_is_compared_too(admin, changed):
    table = changed.with_name("cities.csv")
    table.write_text("from,to\nTroy,Troia\n")
    changed.write_text(changed.read_text() + "translate:\n  cities: cities.csv\n")
    admin.get("/recipes/contacts/versions")
    table.write_text("from,to\nTroy,Ilion\n")
    page = admin.get("/recipes/contacts/versions/3").text
    assert "cities.csv, which it reads" in page
    assert "Troy,Ilion" in page


def test_an_earlier_version_is_restored_as_a_new_one(admin, changed, store):
    page = admin.post("/recipes/contacts/versions/1/restore", follow=True).text
    assert "as it was in version 1; that is version 3 now. It is switched off." in page
    assert "Albany" in changed.read_text()
    assert list_versions(store, "contacts")[0].saved_by == EMAIL


def test_a_version_with_mistakes_replaces_one_that_is_on_only_on_purpose(admin, changed, store):
    good = changed.read_text()
    changed.write_text(good.replace("skip:", "skp:"))
    admin.get("/recipes/contacts")
    changed.write_text(good)
    admin.get("/recipes/contacts")
    set_switch(store, "contacts", True)
    page = admin.post("/recipes/contacts/versions/2/restore", follow=True).text
    assert "Version 2 has 1 mistake, and the recipe is switched on" in page
    assert "Restore version 2 all the same" in page
    assert changed.read_text() == good
    page = admin.post("/recipes/contacts/versions/2/restore", follow=True, sure="1").text
    assert "It has 1 mistake: its next run" in page
    assert "skp:" in changed.read_text()


def test_a_run_and_its_report_link_to_the_version_and_say_what_changed_since(admin, seed, changed):
    run = seed.run()
    for page in (admin.get(f"/runs/{run}").text, admin.get(f"/runs/{run}/report").text):
        assert '<a href="/recipes/contacts/versions/1">version 1</a>' in page
        assert "The recipe has changed since: it is" in page
        assert '<a href="/recipes/contacts/versions/2?against=1">version 2</a> now.' in page


def test_a_run_on_the_recipe_as_it_is_says_nothing_more(admin, seed):
    run = seed.run()
    assert "has changed since" not in admin.get(f"/runs/{run}").text


def test_a_retry_says_which_version_it_uses(admin, seed, sample_rows, changed):
    run = seed.run(sample_rows)
    page = admin.post(f"/runs/{run}/retry", follow=True).text
    assert "on the recipe as it is now, version 2; run 1 used version 1." in page
