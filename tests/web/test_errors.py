"""Pages for what goes wrong."""

import pytest

from engine.errors import SetupError


@pytest.fixture(autouse=True)
def pages_that_fail(app):
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret inner workings")

    @app.get("/troubled")
    def troubled() -> str:
        raise SetupError("The key is missing.", hint="Restore the folder 'keys'.")


def test_an_unknown_page_says_so_even_to_strangers(visitor, admin):
    for path in ("/nowhere", "/runs/99999", "/runs/99999/report", "/recipes/no-such-recipe"):
        page = admin.get(path)
        assert page.status_code == 404, path
        assert "There is no such page" in page.text
    admin.post("/log-out")
    assert visitor.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc%2Fpasswd", "contacts.yaml", "%2Fetc%2Fpasswd", "."]
)
def test_a_recipes_name_never_becomes_a_path(admin, name):
    assert admin.get(f"/recipes/{name}").status_code in (308, 404)


def test_a_button_that_is_opened_as_a_page_is_explained(admin):
    page = admin.get("/log-out")
    assert page.status_code == 405
    assert "Use the button on the page instead." in page.text


def test_a_defect_shows_a_page_and_no_traceback(app, admin):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = admin.get("/broken")
    assert page.status_code == 500
    assert "Something went wrong in Bridgework" in page.text
    assert "secret inner workings" not in page.text
    assert "Traceback" not in page.text


def test_a_known_trouble_is_shown_with_its_remedy(admin):
    page = admin.get("/troubled")
    assert page.status_code == 409
    assert "The key is missing." in page.text
    assert "Restore the folder &#39;keys&#39;." in page.text


def test_a_form_of_an_odd_size_is_refused(admin):
    answer = admin.client.post("/log-out", data={"csrf_token": "x" * 2_000_000})
    assert answer.status_code in (400, 413)
