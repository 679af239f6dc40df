"""Three ways to log in, where the data is then, and sessions that end without saying when."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from engine.errors import AuthError, SetupError
from engine.http.connect import add_connection, begin_oauth, finish_oauth, new_connection
from engine.http.settings import required_settings
from engine.http.urls import addresses
from engine.store.connections import get_connection
from engine.store.database import Store
from plugins.salesforce import connector
from plugins.salesforce.connection import url_values
from plugins.salesforce.practice import PracticeSalesforce
from tests.plugins.line import Clock
from tests.plugins.salesforce.organization import BASE, line_to, read

WAYS = ("oauth", "client_credentials", "jwt")
INSTANCE = "https://harborlaw.my.salesforce.com/services/data/v67.0"


@pytest.mark.parametrize("way", WAYS)
def test_each_way_leads_to_the_instance_that_the_token_answer_names(
    server: PracticeSalesforce, store: Store, clock: Clock, way: str
) -> None:
    """Nothing is replaced here: it asks salesforce.com's own hosts, which the server stands for."""
    given = server.credentials_for(way)
    connection = new_connection(connector, "salesforce", given)
    hosts: list[str] = []

    class Line(httpx2.WSGITransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            hosts.append(request.url.host)
            return super().handle_request(request)

    add_connection(
        store, connector, connection, transport=Line(app=server), clock=lambda: clock.moment
    )
    kept = get_connection(store, "salesforce")
    assert (kept.label, kept.address) == ("Harbor Law", INSTANCE)
    assert kept.account_id == "00DPr0000000001AAA/005Pr0000000001AAA"
    log_in = given.get("login_host", "login.salesforce.com")
    assert hosts == [log_in, *["harborlaw.my.salesforce.com"] * 2]
    assert (kept.tokens or {}).get("expires_in") is None


@pytest.mark.parametrize("way", WAYS)
def test_a_session_that_lay_idle_is_renewed_and_the_request_sent_again(
    server: PracticeSalesforce, clock: Clock, way: str
) -> None:
    with line_to(server, clock, way) as ctx:
        assert read(ctx, "lead_created")
        clock.now += 2 * 3600
        assert read(ctx, "lead_created")
    statuses = [one["status"] for one in server.requests if "/query" in one["path"]]
    assert statuses == [200, 401, 200]


def test_a_person_consents_with_pkce_and_the_code_becomes_tokens(
    server: PracticeSalesforce, store: Store
) -> None:
    app = {name: server.credentials()[name] for name in ("client_id", "client_secret")}
    connection = new_connection(connector, "salesforce", {**app, "login_host": "test"})
    asked = begin_oauth(connector, connection, "http://127.0.0.1:8080/callback")
    parts = urlsplit(asked.url)
    assert parts.netloc == "test.salesforce.com"
    query = parse_qs(parts.query)
    assert query["scope"] == ["api refresh_token"]
    assert query["code_challenge_method"] == ["S256"]
    transport = httpx2.WSGITransport(app=server)
    with httpx2.Client(transport=transport, follow_redirects=False) as browser:
        assert "Harbor Law" in browser.get(asked.url).text
        back = browser.post(asked.url, data={"decision": "allow"}).headers["Location"]
        denied = browser.post(asked.url, data={"decision": "deny"}).headers["Location"]
    done = finish_oauth(connector, connection, asked, back, transport=transport)
    assert addresses(connector, done.all_settings).base_url == INSTANCE
    add_connection(store, connector, done, transport=transport)
    assert server.access.refreshes == 0
    with pytest.raises(AuthError, match="denied authorization"):
        finish_oauth(connector, connection, asked, denied, transport=transport)


def test_an_optional_log_in_host_is_not_required_of_anybody() -> None:
    ways = {name: required_settings(connector.for_connection({"log_in": name})) for name in WAYS}
    assert ways == {
        "oauth": ("client_id", "client_secret"),
        "client_credentials": ("client_id", "client_secret"),
        "jwt": ("client_id", "username", "private_key"),
    }


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("", "login.salesforce.com"),
        ("test", "test.salesforce.com"),
        ("https://Firm.my.salesforce.com/", "firm.my.salesforce.com"),
    ],
)
def test_a_log_in_host_is_written_as_people_know_it(given: str, host: str) -> None:
    assert url_values({"login_host": given})["login_host"] == host


@pytest.mark.parametrize(
    "given", ["evil.example", "salesforce.com.evil.example", "a.salesforce.com/x", "u@x.y"]
)
def test_no_secret_is_shown_to_another_host(given: str) -> None:
    with pytest.raises(SetupError, match="no log-in host of Salesforce"):
        url_values({"login_host": given})


def test_an_apps_own_key_needs_my_domain() -> None:
    with pytest.raises(SetupError, match="only be logged in to at your My Domain"):
        url_values({"log_in": "client_credentials", "login_host": "login"})


def test_a_refusal_of_the_log_in_is_told_in_its_own_words(
    server: PracticeSalesforce, store: Store, clock: Clock
) -> None:
    given: dict[str, Any] = {**server.credentials_for("jwt"), **BASE, "username": "x@y.example"}
    connection = new_connection(connector, "salesforce", given)
    line = httpx2.WSGITransport(app=server)
    with pytest.raises(AuthError, match="user hasn't approved this consumer"):
        add_connection(store, connector, connection, transport=line, clock=lambda: clock.moment)


def test_a_practice_connection_outlives_the_servers_process(
    server: PracticeSalesforce, clock: Clock
) -> None:
    """A demo is stopped and begun again: refresh tokens that rotated, and keys, are still good."""
    for way in WAYS:
        given = server.credentials_for(way)
        del given["log_in"]
        if way == "oauth":
            app = (given["client_id"], given["client_secret"])
            form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
            given |= {"refresh_token": server.access.token(form, app, "")["refresh_token"]}
        with line_to(PracticeSalesforce(clock=clock), clock, way, **given) as ctx:
            assert read(ctx, "lead_created")
