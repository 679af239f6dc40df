"""A plugin that breaks while pages are made: each page comes, and says which plugin it was."""

from collections.abc import Callable
from html import unescape

import pytest

from engine.host import build_host
from engine.store.connections import Connection, save_connection
from plugins import csv
from tests.fragile import RECIPE, fragile
from tests.web.conftest import Visitor
from web import create_app

#: What pages may ask of a plugin before anything is done with it.
ASKED = "check|url_values|connection_limits|schema|lacks|repeat"
#: Where it breaks, and how.
BREAKS = [
    *((ASKED, how) for how in ("exception", "exit", "recursion", "base")),
    ("hook", "exit"),
    ("import", "base"),
]
PAGES = [
    "/", "/connections/", "/connections/add", "/connections/add/fragile", "/connectors/", "/connectors/fragile",
    "/connectors/fragile/note_added/try", "/recipes/", "/recipes/notes", "/recipes/notes/explained",
    "/recipes/notes/whatif", "/recipes/notes/preview", "/recipes/notes/edit", "/new-recipe",
    "/new-recipe?trigger=fragile.note_added&action=fragile.send",
]  # fmt: skip


@pytest.fixture
def broken(
    store, library, recipes_folder, session_of_admin, compiled, tmp_path
) -> Callable[[str, str], Visitor]:
    """Serve pages with a plugin that breaks; returns the admin, logged in."""
    (recipes_folder / "notes.yaml").write_text(RECIPE)
    save_connection(
        store,
        Connection(
            name="fragile",
            connector="fragile",
            label="Ada",
            secrets={"api_key": "k1234567"},
            settings={"base_url": "https://fragile.example"},
        ),
    )

    def begin(where: str, how: str) -> Visitor:
        folder = tmp_path / "dropped"
        folder.mkdir()
        (folder / "fragile.py").write_text(fragile(where, how))
        host = build_host([csv], folder=folder)
        app = create_app(store, host, library, settings={"PROPAGATE_EXCEPTIONS": False})
        app.jinja_env.bytecode_cache = compiled
        client = app.test_client()
        with client.session_transaction() as begun:
            begun.update(session_of_admin)
        return Visitor(client)

    return begin


@pytest.mark.parametrize(("where", "how"), BREAKS)
def test_no_page_breaks_with_it(broken, where: str, how: str) -> None:
    admin = broken(where, how)
    for path in PAGES:
        answer = admin.get(path)
        assert answer.status_code < 500, (path, answer.text)
        assert "secret-of-the-inside" not in answer.text or where in ("import", "hook"), path
    listed = unescape(admin.get("/connectors/").text)
    if where in ("import", "hook"):
        assert "A plugin could not be loaded, the others work" in listed
        assert "Correct the plugin or remove it." in listed
        assert "CSV file" in listed


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("check", "'check'"),
        ("url_values", "'url_values'"),
        ("connection_limits", "'connection_limits'"),
    ],
)
def test_testing_its_connection_names_it(broken, where: str, named: str) -> None:
    admin = broken(where, "base")
    page = unescape(admin.post("/connections/fragile/test", follow=True).text)
    assert f"The connector 'fragile' failed in {named}" in page


@pytest.mark.parametrize("where", ["trigger, half-way", "schema", "url_values"])
def test_trying_its_operation_names_it(broken, where: str) -> None:
    admin = broken(where, "base")
    page = unescape(admin.post("/connectors/fragile/note_added/try", connection="fragile").text)
    assert "The connector 'fragile' failed in" in page


@pytest.mark.parametrize("where", ["trigger", "search", "lacks", "repeat"])
def test_a_preview_of_its_recipe_names_it(broken, where: str) -> None:
    admin = broken(where, "base")
    answer = admin.post("/recipes/notes/preview", count="5", follow=True)
    assert answer.status_code < 500
    assert "The connector 'fragile' failed in" in unescape(answer.text)


def test_its_practice_server_that_can_not_be_built_is_named(broken) -> None:
    page = unescape(
        broken("practice", "base").post("/connections/add/fragile/practice", follow=True).text
    )
    assert "The connector 'fragile' failed in 'practice'" in page
