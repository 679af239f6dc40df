"""Connections: states, a test against a real server, and their removal."""

from flask import session

from engine.store.connections import (
    Connection,
    get_connection,
    list_connections,
    mark_checked,
    save_connection,
)
from engine.store.switches import switches
from engine.store.users import find_user, put_user
from tests.web.conftest import Visitor
from web.accounts import begin_session


def test_a_list_without_connections_says_how_to_add_one(admin, store):
    from engine.store.connections import remove_connection

    remove_connection(store, "mailchimp")
    page = admin.get("/connections/").text
    assert "Nothing is connected yet." in page
    assert 'href="/connections/add"' in page


def test_a_card_names_the_app_the_account_its_state_and_its_recipes(admin):
    page = admin.get("/connections/").text
    assert "Mailchimp · Harbor Law" in page
    assert "Works" in page
    assert "2 hours ago" in page
    assert '<a href="/recipes/contacts">Contacts join the newsletter</a>' in page


def test_a_connection_whose_connector_is_gone_is_still_listed(admin, store):
    save_connection(store, Connection(name="old", connector="no_longer_installed"))
    page = admin.get("/connections/").text
    assert "no_longer_installed" in page
    assert "Not tried yet" in page


def test_a_test_tells_the_account(admin, store, practice_mailchimp):
    page = admin.post("/connections/mailchimp/test", follow=True).text
    assert "“mailchimp” works: " in page
    assert get_connection(store, "mailchimp").checked_at is not None


def test_a_failed_test_is_told_and_remembered(admin, store, practice_mailchimp):
    kept = get_connection(store, "mailchimp")
    save_connection(
        store,
        Connection(
            name="mailchimp",
            connector="mailchimp",
            settings=kept.settings,
            secrets={"api_key": "another-wrong-key-us19"},
        ),
    )
    page = admin.post("/connections/mailchimp/test", follow=True).text
    assert "“mailchimp” doesn&#39;t work: " in page
    assert "another-wrong-key" not in page
    assert get_connection(store, "mailchimp").problem
    page = admin.get("/connections/").text
    assert "Doesn&#39;t work" in page
    assert 'href="/connections/mailchimp/change"' in page


def test_a_server_that_is_down_is_told_in_a_sentence(admin, store):
    save_connection(
        store,
        Connection(
            name="mailchimp",
            connector="mailchimp",
            settings={"base_url": "http://127.0.0.1:9/3.0"},
            secrets={"api_key": "practice-mailchimp-key-us19"},
        ),
    )
    page = admin.post("/connections/mailchimp/test", follow=True)
    assert page.status_code == 200
    assert "doesn&#39;t work" in page.text
    assert "Traceback" not in page.text


def test_one_that_may_be_well_by_itself_is_not_to_be_reconnected(admin, store):
    mark_checked(store, "mailchimp", problem="Mailchimp can't be reached.", code="unavailable")
    page = admin.get("/connections/").text
    assert "Out of reach" in page
    assert "Bridgework tries it again every hour." in page
    assert "Reconnect" not in page
    assert "Mailchimp is out of reach" in admin.get("/").text


def test_a_dead_one_says_since_when_and_what_it_holds_up(admin, store):
    mark_checked(store, "mailchimp", problem="Mailchimp no longer accepts this key.")
    assert "Holds up" not in admin.get("/connections/").text  # nothing is on
    admin.post("/recipes/contacts/switch", on="1")
    assert "Holds up" in admin.get("/connections/").text
    for path in ("/connections/", "/"):
        page = admin.get(path).text
        assert "Reconnect Mailchimp" in page
        assert "Since" in page
        assert "Contacts join the newsletter" in page
        assert 'href="/connections/mailchimp/change"' in page


def test_a_connection_that_is_gone_is_not_found(admin):
    assert admin.post("/connections/gone/test").status_code == 404
    for page in ("reconnect", "change", "remove"):
        assert admin.get(f"/connections/gone/{page}").status_code == 404


# -- removal ---------------------------------------------------------------------------------------


def test_removing_says_first_what_depends_on_it(admin, store):
    page = admin.get("/connections/mailchimp/remove").text
    assert "Contacts join the newsletter" in page
    assert "switched off" not in page
    admin.post("/recipes/contacts/switch", on="1")
    assert "The one switched on is switched off." in admin.get("/connections/mailchimp/remove").text
    assert get_connection(store, "mailchimp")


def test_a_removed_connection_is_forgotten_and_its_recipes_are_off(admin, store):
    admin.post("/recipes/contacts/switch", on="1")
    page = admin.post("/connections/mailchimp/remove", follow=True).text
    assert "“mailchimp” is removed, and its keys are forgotten." in page
    assert list_connections(store) == []
    assert "Switched off, as they can&#39;t run without it: Contacts join the newsletter." in page
    assert switches(store) == {"contacts": False}


def test_a_removed_connection_leaves_a_recipe_that_is_off_as_it_was(admin, store):
    admin.post("/connections/mailchimp/remove")
    assert switches(store) == {}


def test_a_button_reads_the_fields_that_only_the_account_knows(admin, practice_mailchimp):
    page = admin.get("/connections/").text
    assert "Fields read" in page
    assert 'action="/connections/mailchimp/refresh"' in page
    page = admin.post("/connections/mailchimp/refresh", follow=True).text
    assert "Merge fields (audience: " in page or "No recipe works with fields" in page


def test_fields_that_cannot_be_read_are_told(admin, store):
    kept = get_connection(store, "mailchimp")
    settings = {"base_url": "http://127.0.0.1:9/3.0"}
    save_connection(store, Connection(name=kept.name, connector=kept.connector, settings=settings))
    page = admin.post("/connections/mailchimp/refresh", follow=True).text
    assert "could not be read" in page


def test_an_app_is_not_asked_again_and_again(admin):
    token = admin.token()
    post = admin.client.post
    statuses = {
        post("/connections/none/test", data={"csrf_token": token}).status_code for _ in range(31)
    }
    assert 429 in statuses


def test_who_asks_too_often_is_in_nobody_elses_way_at_the_same_address(app, admin, store):
    token = admin.token()
    for _ in range(31):
        last = admin.client.post("/connections/none/test", data={"csrf_token": token})
    assert last.status_code == 429
    other = Visitor(app.test_client())
    with app.test_request_context(environ_base=other.client.environ_base):
        with store.writing() as connection:
            put_user(connection, "ben@firm.example", "not asked for here")
        begin_session(find_user(store, "ben@firm.example"))
        begun = dict(session)
    with other.client.session_transaction() as theirs:
        theirs.update(begun)
    answer = other.client.post("/connections/none/test", data={"csrf_token": other.token()})
    assert answer.status_code == 404
