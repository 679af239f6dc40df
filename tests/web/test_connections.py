"""Connections: states, a test against a real server, and the consent round trip."""

from urllib.parse import urlsplit

import httpx2
import pytest

from engine.loopback import on_loopback
from engine.store.connections import Connection, get_connection, mark_checked, save_connection


@pytest.fixture
def mailchimp_server(host, store):
    with on_loopback(host.connector("mailchimp").practice_function(1)) as url:
        kept = get_connection(store, "mailchimp")
        save_connection(
            store,
            Connection(
                name=kept.name,
                connector=kept.connector,
                settings={"base_url": f"{url}/3.0"},
                secrets=kept.secrets,
            ),
        )
        yield url


def test_a_list_without_connections_says_how_to_add_one(admin, store):
    from engine.store.connections import remove_connection

    remove_connection(store, "mailchimp")
    assert "bridgework connections add NAME --connector APP" in admin.get("/connections/").text


def test_a_card_names_the_app_the_account_its_state_and_its_recipes(admin):
    page = admin.get("/connections/").text
    assert "Mailchimp · Harbor Law" in page
    assert "Works" in page
    assert "2 hours ago" in page
    assert '<a href="/recipes/contacts">Contacts join the newsletter</a>' in page
    assert "bridgework connections add clio --connector clio" in page  # can be connected too


def test_a_connection_whose_connector_is_gone_is_still_listed(admin, store):
    save_connection(store, Connection(name="old", connector="no_longer_installed"))
    page = admin.get("/connections/").text
    assert "no_longer_installed" in page
    assert "Not tried yet" in page


def test_a_test_tells_the_account(admin, store, mailchimp_server):
    page = admin.post("/connections/mailchimp/test", follow=True).text
    assert "“mailchimp” works: " in page
    assert get_connection(store, "mailchimp").checked_at is not None


def test_a_failed_test_is_told_and_remembered(admin, store, mailchimp_server):
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
    assert "bridgework connections add mailchimp --connector mailchimp --replace" in page


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


def test_a_connection_that_is_gone_is_not_found(admin):
    assert admin.post("/connections/gone/test").status_code == 404
    assert admin.get("/connections/gone/reconnect").status_code == 404


def test_an_app_without_a_consent_page_is_not_reconnected_here(admin):
    assert admin.get("/connections/mailchimp/reconnect").location == "/connections/#mailchimp"


# -- the consent round trip ------------------------------------------------------------------------


@pytest.fixture
def clio(host, store):
    """A Clio connection whose access was withdrawn, and the server it belongs to."""
    server = host.connector("clio").practice_function(1)
    with on_loopback(server) as url:
        settings = {**server.credentials()}
        secret = {"client_secret": settings.pop("client_secret")}
        save_connection(
            store,
            Connection(
                name="clio",
                connector="clio",
                settings={**settings, "base_url": url},
                secrets=secret,
            ),
        )
        mark_checked(store, "clio", problem="Clio no longer accepts this connection.")
        yield server


def test_reconnecting_explains_itself_and_links_to_the_consent_page(admin, clio):
    page = admin.get("/connections/clio/reconnect").text
    assert "Reconnect Clio" in page
    assert "/oauth/authorize?" in page
    assert "client_secret" not in page
    assert "http://localhost/connections/come-back" in page


def consent(admin) -> str:
    """Follow the link and give consent; return the address the browser is sent back to."""
    from html import unescape
    from re import search

    page = admin.get("/connections/clio/reconnect").text
    found = search(r'href="([^"]*oauth/authorize[^"]*)"', page)
    answer = httpx2.post(unescape(found[1]), data={"decision": "allow"})
    assert answer.is_redirect, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def test_coming_back_from_the_consent_page_connects_again(admin, clio, store):
    page = admin.client.get(consent(admin), follow_redirects=True).text
    assert "“clio” is connected again: " in page
    renewed = get_connection(store, "clio")
    assert renewed.tokens is not None
    assert renewed.problem == ""
    for secret in (renewed.tokens["access_token"], renewed.tokens["refresh_token"]):
        assert secret not in page


def test_a_consent_counts_once(admin, clio):
    back = consent(admin)
    admin.get(back)
    page = admin.client.get(back, follow_redirects=True).text
    assert "That consent was finished or given up already." in page


def test_a_forged_return_is_refused(admin, clio, store):
    back = consent(admin)
    forged = back.replace("state=", "state=x")
    page = admin.client.get(forged, follow_redirects=True).text
    assert "is not reconnected" in page
    assert get_connection(store, "clio").tokens is None


def test_a_refused_consent_leaves_the_connection_as_it_was(admin, clio, store):
    admin.get("/connections/clio/reconnect")
    with admin.client.session_transaction() as session:
        state = session["authorization"]["state"]
    page = admin.client.get(
        f"/connections/come-back?error=access_denied&state={state}", follow_redirects=True
    ).text
    assert "is not reconnected" in page
    assert get_connection(store, "clio").problem
