"""Connecting an account: tried before it is saved, tried at any time, and the consent round trip."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

import plugins.clio
from engine.errors import AuthError, PluginCrash, RetryableError, SetupError
from engine.host import Host, build_host
from engine.http.connect import (
    Authorization,
    add_connection,
    begin_oauth,
    check_connection,
    finish_oauth,
    new_connection,
    secret_settings,
)
from engine.sdk import (
    ApiKey,
    Basic,
    Connector,
    Context,
    Fault,
    Field,
    PracticeServer,
    TypedDict,
    json_response,
    route,
)
from engine.store.connections import Connection, get_connection, list_connections
from engine.store.database import Store

KEY = "vault-key-90ab12cd"
REDIRECT = "http://127.0.0.1:8080/oauth/callback"


class Settings(TypedDict):
    api_key: Annotated[str, Field("API key", secret=True)]
    team: str


class Vault(PracticeServer):
    """Knows one key, and which server its account lives on."""

    name = "vault"

    @route("GET", "/me")
    def me(self, request: Request) -> Response:
        if request.headers.get("X-Key") != KEY:
            return json_response({"error": "no such key"}, 401)
        return json_response({"name": "North Vault"})

    @route("GET", "/s7/me")
    def me_there(self, request: Request) -> Response:
        return json_response({"name": "North Vault on s7"})


def vault_connector() -> Connector:
    connector = Connector(
        name="vault",
        title="The Vault",
        auth=ApiKey(header="X-Key"),
        base_url="https://vault.test",
        settings=Settings,
    )

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    return connector


@pytest.fixture
def server() -> Vault:
    return Vault()


@pytest.fixture
def line(server: Vault) -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=server)


@pytest.fixture
def connector() -> Connector:
    return vault_connector()


@pytest.fixture
def host(connector: Connector) -> Host:
    return Host({"vault": connector})


def account(connector: Connector, key: str = KEY) -> Connection:
    return new_connection(connector, "north", {"api_key": key, "team": "blue"})


# -- settings --------------------------------------------------------------------------------------


def test_secret_settings_are_kept_apart(connector: Connector) -> None:
    connection = account(connector)
    assert connection.settings == {"team": "blue"}
    assert connection.secrets == {"api_key": KEY}
    assert KEY not in repr(connection)


def test_what_is_secret_follows_from_the_log_in() -> None:
    keyed = Connector(name="k", title="K", auth=ApiKey(setting="token"))
    basic = Connector(name="b", title="B", auth=Basic())
    assert secret_settings(keyed) == {"token"}
    assert secret_settings(basic) == {"password"}
    assert secret_settings(plugins.clio.connector) == {"client_secret"}


def test_tokens_given_directly_are_no_settings() -> None:
    connection = new_connection(
        plugins.clio.connector,
        "clio",
        {"client_id": "a", "client_secret": "s", "access_token": "at", "refresh_token": "rt"},
    )
    assert connection.tokens is not None
    assert connection.tokens["access_token"] == "at"
    assert connection.tokens["refresh_token"] == "rt"
    assert connection.all_settings == {"client_id": "a", "client_secret": "s"}


# -- adding and checking ---------------------------------------------------------------------------


def test_a_connection_that_works_is_saved_with_its_label(
    store: Store, connector: Connector, line: httpx2.WSGITransport
) -> None:
    add_connection(store, connector, account(connector), transport=line)
    saved = get_connection(store, "north")
    assert saved.label == "North Vault"
    assert saved.checked_at is not None
    assert saved.all_settings == {"api_key": KEY, "team": "blue"}


def test_a_connection_that_does_not_work_is_not_saved(
    store: Store, connector: Connector, line: httpx2.WSGITransport
) -> None:
    with pytest.raises(AuthError, match="The Vault no longer accepts this connection"):
        add_connection(store, connector, account(connector, "wrong-key-1"), transport=line)
    assert list_connections(store) == []


def test_a_failed_change_leaves_the_old_connection_as_it_was(
    store: Store, connector: Connector, line: httpx2.WSGITransport
) -> None:
    add_connection(store, connector, account(connector), transport=line)
    with pytest.raises(AuthError):
        add_connection(store, connector, account(connector, "wrong-key-1"), transport=line)
    assert get_connection(store, "north").secrets == {"api_key": KEY}


def test_a_defect_in_the_test_itself_is_told_as_one(store: Store) -> None:
    connector = vault_connector()
    connector.check(lambda ctx: str(dict[str, str]()["name"]))
    with pytest.raises(PluginCrash, match="'vault' failed in 'check'"):
        add_connection(store, connector, account(connector))
    assert list_connections(store) == []


def test_a_missing_key_is_named(store: Store, connector: Connector) -> None:
    empty = new_connection(connector, "north", {"team": "blue"})
    with pytest.raises(SetupError, match="'north' lacks the setting 'api_key'"):
        add_connection(store, connector, empty)


def test_what_is_read_after_connecting_is_kept_and_used_at_once(
    store: Store, server: Vault, line: httpx2.WSGITransport
) -> None:
    connector = Connector(
        name="vault", title="The Vault", auth=ApiKey(header="X-Key"), base_url="https://vault.test"
    )
    connector.check(lambda ctx: str(ctx.http.get(f"{ctx.connection['shard']}/me").json()["name"]))

    @connector.after_connect
    def shard(ctx: Context) -> Mapping[str, Any]:
        assert "api_key" not in ctx.connection
        ctx.http.get("/me")
        return {"shard": "s7"}

    added = add_connection(store, connector, account(connector), transport=line)
    assert added.label == "North Vault on s7"
    assert get_connection(store, "north").settings["shard"] == "s7"


def test_a_check_notes_the_problem_and_the_recovery(
    store: Store, host: Host, connector: Connector, server: Vault, line: httpx2.WSGITransport
) -> None:
    add_connection(store, connector, account(connector), transport=line)
    server.faults = [Fault("/me", status=401)]
    with pytest.raises(AuthError):
        check_connection(store, host, "north", transport=line)
    [noted] = list_connections(store)
    assert noted.problem.startswith("The Vault no longer accepts this connection")
    assert noted.label == "North Vault"
    assert check_connection(store, host, "north", transport=line) == "North Vault"
    [noted] = list_connections(store)
    assert noted.problem == ""


def test_a_check_of_a_server_that_is_down_ends_soon(
    store: Store, host: Host, connector: Connector, server: Vault, line: httpx2.WSGITransport
) -> None:
    add_connection(store, connector, account(connector), transport=line)
    before = len(server.requests)
    server.faults = [Fault("/me", times=9, status=503, headers={"Retry-After": "60"})]
    with pytest.raises(RetryableError):
        check_connection(store, host, "north", transport=line)
    assert len(server.requests) == before + 1  # a person waits: a minute is too long
    assert "answer 503" in list_connections(store)[0].problem


def test_a_connection_of_a_connector_that_is_gone_is_told(
    store: Store, connector: Connector, line: httpx2.WSGITransport
) -> None:
    add_connection(store, connector, account(connector), transport=line)
    with pytest.raises(SetupError, match="There is no connector 'vault'"):
        check_connection(store, Host({}), "north")


# -- consent, with Clio's practice server ----------------------------------------------------------


@pytest.fixture
def clio() -> Any:
    assert plugins.clio.connector.practice_function is not None
    return plugins.clio.connector.practice_function(1)


@pytest.fixture
def clio_line(clio: Any) -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=clio)


@pytest.fixture
def not_yet(clio: Any) -> Connection:
    """A connection to Clio that nobody has consented to."""
    known = clio.credentials()
    settings = {name: known[name] for name in ("client_id", "client_secret")}
    return new_connection(plugins.clio.connector, "clio", settings)


@pytest.fixture
def browser(clio_line: httpx2.WSGITransport) -> Iterator[httpx2.Client]:
    with httpx2.Client(transport=clio_line) as browser:
        yield browser


def decide(browser: httpx2.Client, asked: Authorization, decision: str = "allow") -> str:
    """Press a button on the consent page; return where the browser is sent."""
    assert "Bridgework" in browser.get(asked.url).text
    return str(browser.post(asked.url, data={"decision": decision}).headers["Location"])


def test_the_consent_page_is_asked_for_with_a_state_and_a_challenge(not_yet: Connection) -> None:
    asked = begin_oauth(plugins.clio.connector, not_yet, REDIRECT)
    again = begin_oauth(plugins.clio.connector, not_yet, REDIRECT)
    address = urlsplit(asked.url)
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://app.clio.com/oauth/authorize"
    )
    query = {name: value for name, [value] in parse_qs(address.query).items()}
    digest = hashlib.sha256(asked.verifier.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": not_yet.settings["client_id"],
        "redirect_uri": REDIRECT,
        "state": asked.state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert not_yet.secrets["client_secret"] not in asked.url
    assert asked.verifier not in asked.url
    assert (again.state, again.verifier) != (asked.state, asked.verifier)
    assert min(len(asked.state), len(asked.verifier)) >= 32


def test_consent_makes_a_connection_that_works(
    store: Store, clio: Any, clio_line: Any, not_yet: Connection, browser: httpx2.Client
) -> None:
    connector = plugins.clio.connector
    asked = begin_oauth(connector, not_yet, REDIRECT)
    callback = decide(browser, asked)
    connected = finish_oauth(connector, not_yet, asked, callback, transport=clio_line)
    added = add_connection(store, connector, connected, transport=clio_line)
    assert "Harbor Law" in added.label
    tokens = get_connection(store, "clio").tokens
    assert tokens is not None
    assert {"access_token", "refresh_token", "expires_at"} <= set(tokens)
    [exchange] = [entry for entry in clio.requests if entry["path"] == "/oauth/token"]
    assert "code_verifier" in exchange["body"]


def test_a_callback_with_another_state_is_refused(
    clio: Any, clio_line: Any, not_yet: Connection, browser: httpx2.Client
) -> None:
    connector = plugins.clio.connector
    asked = begin_oauth(connector, not_yet, REDIRECT)
    forged = decide(browser, asked).replace(asked.state, "another-state")
    with pytest.raises(AuthError, match="belongs to another attempt to connect"):
        finish_oauth(connector, not_yet, asked, forged, transport=clio_line)
    assert [entry for entry in clio.requests if entry["path"] == "/oauth/token"] == []


@pytest.mark.parametrize(
    "answer",
    ["", "?code=abc", "?state={state}", "?state=&code=abc", "#access_token=a&state={state}"],
)
def test_a_callback_without_code_or_state_is_refused(
    clio: Any, clio_line: Any, not_yet: Connection, answer: str
) -> None:
    asked = begin_oauth(plugins.clio.connector, not_yet, REDIRECT)
    callback = REDIRECT + answer.format(state=asked.state)
    with pytest.raises(AuthError):
        finish_oauth(plugins.clio.connector, not_yet, asked, callback, transport=clio_line)
    assert clio.requests == []


def test_saying_no_at_the_consent_page_is_told(
    clio_line: Any, not_yet: Connection, browser: httpx2.Client
) -> None:
    asked = begin_oauth(plugins.clio.connector, not_yet, REDIRECT)
    with pytest.raises(AuthError, match="Clio refused to give access: access_denied"):
        finish_oauth(
            plugins.clio.connector,
            not_yet,
            asked,
            decide(browser, asked, "deny"),
            transport=clio_line,
        )


def test_a_code_that_was_used_is_refused(
    clio_line: Any, not_yet: Connection, browser: httpx2.Client
) -> None:
    connector = plugins.clio.connector
    asked = begin_oauth(connector, not_yet, REDIRECT)
    callback = decide(browser, asked)
    finish_oauth(connector, not_yet, asked, callback, transport=clio_line)
    with pytest.raises(AuthError, match="The code is wrong, used or too old") as caught:
        finish_oauth(connector, not_yet, asked, callback, transport=clio_line)
    assert parse_qs(urlsplit(callback).query)["code"][0] not in str(caught.value)


def test_a_connection_nobody_consented_to_is_not_saved(store: Store, not_yet: Connection) -> None:
    with pytest.raises(AuthError, match="Clio has not given access yet"):
        add_connection(store, plugins.clio.connector, not_yet)
    assert list_connections(store) == []


def test_a_shipped_connector_reads_its_own_settings() -> None:
    host = build_host([plugins.clio], strict=True)
    assert host.connector("clio").settings_schema["properties"]["client_secret"]["writeOnly"]
