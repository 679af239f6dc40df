"""Editing without scripts: look over, correct, save; and what the editor asks while one writes."""

import re
from html import unescape

import pytest

from engine.run.recipes.editing import fingerprint
from engine.store.runs import list_runs
from engine.store.switches import set_switch
from engine.store.versions import list_versions
from tests.web.conftest import EMAIL


@pytest.fixture
def file(recipes_folder):
    return recipes_folder / "contacts.yaml"


def seen(file) -> str:
    return fingerprint(file.read_text())


def save(admin, file, text, **more):
    sent = {"text": text, "seen": seen(file), "do": "save", **more}
    return admin.post("/recipes/contacts/edit", follow=True, **sent)


def in_the_form(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_the_page_holds_the_text_and_finds_no_mistakes(admin, file):
    page = admin.get("/recipes/contacts/edit").text
    assert in_the_form(page) == file.read_text()
    assert "No mistakes" in page
    assert "It is switched off." in page


def test_a_save_is_a_version_with_its_note(admin, file, store):
    before = file.read_text()
    text = before.replace("Albany", "Troy").replace("\n", "\r\n")
    page = save(admin, file, text, note="Albany is in.")
    assert "“contacts” is version 2 now. It is switched off." in page.text
    assert file.read_text() == before.replace("Albany", "Troy")
    newest, first = list_versions(store, "contacts")
    assert (newest.saved_by, newest.note, first.text) == (EMAIL, "Albany is in.", before)


def test_what_somebody_changed_meanwhile_is_shown_and_not_overwritten(admin, file):
    began, mine = seen(file), file.read_text().replace("Albany", "Troy")
    theirs = file.read_text().replace("every day at 20:30", "manual")
    file.write_text(theirs)
    page = admin.post("/recipes/contacts/edit", text=mine, seen=began, do="save")
    assert page.status_code == 409
    assert "Somebody changed it meanwhile" in page.text
    assert re.search(r'<tr class="removed">.*?schedule: manual', page.text, re.DOTALL)
    assert file.read_text() == theirs
    assert in_the_form(page.text) == mine
    over = re.search(r'name="over" value="(\w+)"', page.text)
    assert over
    admin.post("/recipes/contacts/edit", text=mine, seen=began, over=over[1])
    assert file.read_text() == mine


def test_a_draft_with_mistakes_is_saved_and_says_so(admin, file):
    page = save(admin, file, file.read_text().replace("skip:", "skp:"))
    assert "It is a draft with 1 mistake: it can be switched on once" in page.text


def test_a_recipe_that_is_on_is_broken_only_on_purpose(admin, file, store):
    set_switch(store, "contacts", True)
    before = file.read_text()
    broken = before.replace("skip:", "skp:")
    page = save(admin, file, broken)
    assert page.status_code == 422
    assert "It is switched on, and this text has 1 mistake" in page.text
    assert (file.read_text(), in_the_form(page.text)) == (before, broken)
    page = save(admin, file, broken, sure="1")
    assert "its next run can't start until they are corrected" in unescape(page.text)
    assert file.read_text() == broken


def test_an_app_that_isnt_connected_keeps_nobody_from_saving(admin, file, store):
    set_switch(store, "contacts", True)
    text = file.read_text().replace("connection: mailchimp", "connection: elsewhere")
    page = save(admin, file, text)
    assert page.status_code == 200
    assert "still to be connected" in page.text


def test_a_corrected_line_is_used_without_being_saved(admin, file):
    before = file.read_text()
    page = admin.post(
        "/recipes/contacts/edit", text=before.replace("skip:", "skipp:"), seen=seen(file), do="9"
    )
    assert in_the_form(page.text) == before
    assert file.read_text() == before


def test_all_that_is_certain_is_corrected_at_once(admin, file):
    before = file.read_text()
    wrong = before.replace("skip:", "skipp:").replace("contact.email", "contact.emial")
    page = admin.post("/recipes/contacts/edit", text=wrong, seen=seen(file), do="fix")
    assert in_the_form(page.text) == before
    assert "2 lines corrected; look, then save." in page.text


def test_a_new_recipe_begins_with_a_skeleton_and_is_off(admin, recipes_folder, file):
    page = admin.get("/new-recipe").text
    assert "CONNECTOR.TRIGGER" in in_the_form(page)
    assert "mistakes" in page
    taken = admin.post("/new-recipe", name="contacts", text="name: A", do="save")
    assert taken.status_code == 422
    assert "There is a recipe &#39;contacts&#39; already." in taken.text
    done = admin.post("/new-recipe", follow=True, name="mine", text=file.read_text(), do="save")
    assert "“mine” is saved. It is switched off." in done.text
    assert (recipes_folder / "mine.yaml").read_text() == file.read_text()


def test_a_copy_begins_as_its_original_under_a_name_that_is_free(admin, file):
    page = admin.get("/new-recipe?from=contacts").text
    assert in_the_form(page) == file.read_text()
    assert 'value="contacts-2"' in page
    assert "CONNECTOR.TRIGGER" in admin.get("/new-recipe?from=../secrets").text


def test_a_recipe_is_renamed_until_it_has_run(admin, recipes_folder, seed):
    page = admin.post("/recipes/contacts/rename", follow=True, name="people")
    assert "“contacts” is called “people” now." in page.text
    assert (recipes_folder / "people.yaml").exists()
    assert not (recipes_folder / "contacts.yaml").exists()
    seed.recipe = "people"
    seed.run()
    assert "keeps its name" in admin.get("/recipes/people/rename").text
    assert admin.post("/recipes/people/rename", name="other").status_code == 422


def test_a_recipe_is_deleted_after_asking_and_its_history_stays(admin, file, store, seed):
    seed.run()
    assert "Delete “Contacts join the newsletter”?" in admin.get("/recipes/contacts/delete").text
    page = admin.post("/recipes/contacts/delete", follow=True)
    assert "is deleted. Its versions and reports stay." in page.text
    assert not file.exists()
    assert list_versions(store, "contacts")
    assert len(list_runs(store)) == 1
    assert admin.get("/recipes/contacts/edit").status_code == 404
    assert admin.get("/recipes/contacts/versions").status_code == 200


def test_a_recipe_that_others_call_has_an_editor_and_versions(admin, file, recipes_folder):
    called = "name: C\ninputs: {email: text}\nsteps:\n  - set: {a: b}\n    id: x\n"
    (recipes_folder / "part.yaml").write_text(called)
    file.write_text(file.read_text() + "  - call: part\n    id: p\n    with: {email: a}\n")
    assert '<a href="/recipes/part/edit">' in admin.get("/recipes/").text
    page = admin.get("/recipes/part/edit").text
    assert in_the_form(page) == called
    assert "Overview" not in page
    assert "This recipe calls it and can't run without it" in admin.get("/recipes/part/delete").text
    sent = {"text": called.replace("C", "D"), "seen": fingerprint(called), "do": "save"}
    page = admin.post("/recipes/part/edit", follow=True, **sent).text
    assert "“part” is version 2 now." in page
    assert admin.get("/recipes/part/versions/2").status_code == 200


# -- while one writes -----------------------------------------------------------------------------


def asked(admin, what, **sent):
    answer = admin.client.post(
        f"/recipe-text/{what}", json=sent, headers={"X-CSRFToken": admin.token()}
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_text_that_isnt_saved_is_looked_over(admin, file):
    text = file.read_text().replace("skip:", "skipp:").replace("mailchimp\n", "elsewhere\n")
    first, second = asked(admin, "check", name="contacts", text=text)["findings"]
    assert (first["line"], first["level"], first["corrected"]) == (9, "mistake", "skip:")
    assert second["level"] == "setup"
    assert asked(admin, "fix", name="contacts", text=text)["fixed"] == 1


def test_completions_and_meanings_are_given(admin, file):
    text = file.read_text()
    offered = asked(admin, "complete", name="contacts", text=text, line=10, column=18)
    assert [one["label"] for one in offered] == ["city"]
    assert asked(admin, "hover", name="contacts", text=text, line=1, column=9) is None
    about = asked(admin, "hover", name="contacts", text=text, line=14, column=22)
    assert about["title"].startswith("mailchimp.upsert_members")


@pytest.mark.parametrize(
    "sent",
    [[], {}, {"text": 7}, {"text": "a", "line": 0}, {"text": "a", "column": "x"}],
    ids=["a list", "nothing", "no text", "line 0", "a word"],
)
def test_what_no_page_sends_is_refused(admin, sent):
    answer = admin.client.post(
        "/recipe-text/complete", json=sent, headers={"X-CSRFToken": admin.token()}
    )
    assert answer.status_code == 400


def test_only_the_editor_may_make_style_sheets(admin):
    edit = admin.get("/recipes/contacts/edit")
    nonce = re.search(r'data-nonce="([\w-]+)"', edit.text)
    assert nonce
    policy = edit.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'nonce-{nonce[1]}'" in policy
    assert "script-src 'self';" in policy
    assert "nonce" not in admin.get("/recipes/contacts").headers["Content-Security-Policy"]
    assert nonce[1] not in admin.get("/recipes/contacts/edit").text
