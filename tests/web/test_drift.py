"""What changed in the apps: on its page, at home, at the recipe; and accepted."""

from datetime import UTC, datetime

import pytest

from engine.drift.upgrades import check_connectors
from engine.errors import SetupError
from engine.store.declarations import Declared, declarations_of, keep_declarations
from engine.store.notices import list_notices
from engine.store.shapes import changes_of
from tests.web.changed import seed_change


def test_nothing_changed_is_said_so(admin):
    assert "Nothing changed in what the apps answer." in admin.get("/drift/").text


def test_what_changed_is_shown_with_what_to_write_instead(admin, seed, store):
    seed.run([seed.row("1", "a", "created", target_id="T")])
    seed_change(store)

    page = admin.get("/drift/").text

    assert "The field &#39;first_name&#39; no longer comes; it was text." in page
    assert "step &#39;member&#39;, field &#39;first_name&#39; is paused" in page
    assert "first_name: &#34;{{ contact.first_names }}&#34;" in page
    assert "the field comes again, everything goes on by itself" in page
    assert page.index("no longer comes") < page.index("first_names&#39; is new")


def test_home_and_the_recipe_say_so_and_lead_there(admin, seed, store):
    seed.run([seed.row("1", "a", "created", target_id="T")])
    seed_change(store)

    home, recipe = admin.get("/").text, admin.get("/recipes/contacts").text

    assert "1 thing needs your attention." in home
    assert 'href="/drift/"' in home
    assert "What it reads has changed" in recipe
    assert 'href="/drift/?of=contacts"' in recipe
    assert admin.get("/drift/?of=contacts").text.count("<article") == 1


def test_accepting_makes_it_the_new_normal(admin, seed, store):
    seed_change(store)

    page = admin.post(
        "/drift/accept", follow=True, id="csv|csv.row_read|file=contacts.csv; key=id|first_name"
    ).text

    assert "It is normal from now on." in page
    assert {change.path for change in changes_of(store)} == {"given_name", "first_names"}
    again = admin.post("/drift/accept", follow=True, id="no such change").text
    assert "That is over already" in again


@pytest.fixture
def other_version(store, library, host):
    """The connector was used when its records had a field of another name."""
    recipe = library.load("contacts")
    check_connectors(store, host, recipe)
    [known] = declarations_of(store, ["mailchimp"]).values()
    taken = dict(known.operations)
    operation = dict(taken["mailchimp.upsert_members"])
    properties = dict(operation["takes"]["properties"], first_names={"type": "string"})
    taken["mailchimp.upsert_members"] = {
        **operation,
        "takes": {**operation["takes"], "properties": properties},
    }
    keep_declarations(store, [Declared("mailchimp", "0.0.9", taken)], datetime.now(UTC))
    return recipe


def test_an_upgrade_that_breaks_a_recipe_is_shown_and_accepted(
    admin, store, host, library, other_version, recipes_folder
):
    text = (recipes_folder / "contacts.yaml").read_text()
    (recipes_folder / "contacts.yaml").write_text(text.replace("first_name:", "first_names:"))
    recipe = library.load("contacts")
    with pytest.raises(SetupError, match="no longer takes 'first_names'"):
        check_connectors(store, host, recipe)

    page = admin.get("/drift/").text
    assert "The connector Mailchimp went from 0.0.9 to" in page
    assert "step &#39;member&#39;, field &#39;first_names&#39; needs it" in page
    assert "The connector Mailchimp went" in admin.get("/").text

    admin.post("/drift/accept", follow=True, id="mailchimp")
    check_connectors(store, host, recipe)
    assert "The connector Mailchimp" not in admin.get("/drift/").text
    assert list_notices(store, standing=True) == []
