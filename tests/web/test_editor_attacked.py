"""What somebody, or a script in their name, could send to the editor: no page breaks, nothing is lost."""

import pytest

from engine.run.recipes.editing import fingerprint

PAGES = ["/", "/recipes/", "/recipes/contacts", "/recipes/contacts/edit"]
PAGES += [f"/recipes/contacts/{page}" for page in ("explained", "whatif", "preview", "versions")]
TOO_LARGE = "99999999999999999999"


@pytest.fixture
def file(recipes_folder):
    return recipes_folder / "contacts.yaml"


@pytest.fixture
def save(admin, file):
    def save(text, **more):
        seen = fingerprint(file.read_text())
        return admin.post("/recipes/contacts/edit", **{"text": text, "seen": seen, **more})

    return save


@pytest.fixture
def ask(admin):
    def ask(what, body):
        return admin.client.post(
            f"/recipe-text/{what}",
            data=body,
            content_type="application/json",
            headers={"X-CSRFToken": admin.token()},
        )

    return ask


def test_half_a_character_is_a_mistake_and_closes_no_page(admin, file, save):
    good = file.read_text()
    in_yaml = good.replace("name: Contacts join", 'name: "\\ud800"\n# ', 1)
    in_a_template = good.replace("email: ", "email: '{{ \"\\ud800\" }}' # ", 1)
    for text in (in_yaml, in_a_template):
        assert text != good
        assert save(text).status_code == 302
        assert "no text may hold" in admin.get("/recipes/contacts/edit").text
        for path in PAGES:
            assert admin.get(path).status_code == 200, path


def test_half_a_character_of_a_record_closes_no_page(admin, seed):
    run = seed.run()
    answer = admin.client.application.response_class("a \ud800 b")
    assert answer.data == b"a ? b"
    assert admin.get(f"/runs/{run}").status_code == 200


def test_json_nested_deeper_than_any_page_sends_it_is_refused(ask):
    assert ask("check", '{"text":' + "[" * 100_000 + "}").status_code == 400


def test_a_name_that_is_a_path_is_never_followed(ask):
    asked = '{"text": "name: x", "name": "../../../etc/passwd", "line": 1, "column": 1}'
    for what in ("check", "fix", "complete", "hover"):
        assert ask(what, asked).status_code == 200


def test_no_name_leads_out_of_the_folder(admin, recipes_folder):
    before = sorted(recipes_folder.parent.rglob("*.y*ml"))
    for name in ("..", "../x", "/tmp/x", "a\\b", "new.yaml", "é", "x" * 81, ".x"):
        assert admin.post("/new-recipe", name=name, text="name: x\n").status_code == 422
        assert admin.post("/recipes/contacts/rename", new=name).status_code == 422
    assert sorted(recipes_folder.parent.rglob("*.y*ml")) == before


def test_numbers_and_names_that_nothing_has_lead_to_no_page(admin):
    for path in (
        f"/recipes/contacts/versions/{TOO_LARGE}",
        f"/runs/{TOO_LARGE}",
        f"/questions/{TOO_LARGE}",
        "/recipes/..%2fcontacts/edit",
        "/recipes/contacts.yaml/edit",
    ):
        assert admin.get(path).status_code == 404, path


def test_a_version_is_not_compared_with_one_that_cannot_be(admin):
    admin.get("/recipes/contacts/edit")
    page = admin.get(f"/recipes/contacts/versions/1?against={TOO_LARGE}")
    assert (page.status_code, "The first version" in page.text) == (200, True)


def test_numbers_in_forms_that_are_none_are_left_out(admin, save, file):
    for number in ("²", "9" * 5000, "-1", "0"):
        assert save(file.read_text(), do=number).status_code == 200
        assert admin.post("/recipes/contacts/preview", limit=number).status_code == 200


def test_a_nul_is_not_saved(admin, save, file, store):
    before = file.read_text()
    page = save(before + "# \0\n", note="\0")
    assert (page.status_code, "holds a NUL" in page.text) == (422, True)
    assert file.read_text() == before
    file.write_text(before + "# \0\n")  # another program does
    assert admin.get("/recipes/contacts/edit").status_code == 200
    assert save(before, note="without\0 it").status_code == 302
