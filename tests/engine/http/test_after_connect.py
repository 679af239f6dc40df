"""What an app tells only after log-in, such as its data centre, and URLs that depend on it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.errors import AuthError, SetupError
from engine.host import Host
from engine.http.connect import (
    add_connection,
    begin_oauth,
    check_connection,
    finish_oauth,
    new_connection,
)
from engine.sdk import Account, Connector, Context, OAuth2, PracticeServer, json_response, route
from engine.store.connections import get_connection, list_connections
from engine.store.database import Store

TOKEN = "token-55aa-dispatch"
REDIRECT = "http://127.0.0.1:8080/come-back"


class Dispatch(PracticeServer):
    """Logs in at one host, and says on which of its data centres the account lives."""

    @route("POST", "/oauth2/token")
    def token(self, request: Request) -> Response:
        return json_response({"access_token": TOKEN, "expires_in": 0, "scope": None})

    @route("GET", "/oauth2/metadata")
    def metadata(self, request: Request) -> Response:
        return self._known(request, {"dc": "us7"})

    @route("GET", "/3.0/")
    def root(self, request: Request) -> Response:
        return self._known(request, {"account_id": "a7", "account_name": "Night Mail"})

    def _known(self, request: Request, body: Any) -> Response:
        if request.headers.get("Authorization") != f"OAuth {TOKEN}":
            return json_response({"error": "who are you?"}, 401)
        return json_response({**body, "host": request.host})


class Line(httpx2.BaseTransport):
    """Real requests to the real application, and a list of where they went."""

    def __init__(self) -> None:
        self.went: list[str] = []
        self._inner = httpx2.WSGITransport(app=Dispatch())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.went.append(f"{request.url.host}{request.url.path}")
        return self._inner.handle_request(request)


def dispatch_connector(ask: str = "https://login.dispatch.test/oauth2/metadata") -> Connector:
    connector = Connector(
        name="dispatch",
        title="Dispatch",
        base_url="https://{dc}.api.dispatch.test/3.0",
        auth=OAuth2(
            authorize_url="https://login.dispatch.test/oauth2/authorize",
            token_url="https://login.dispatch.test/oauth2/token",
            scheme="OAuth",
            refreshes=False,
            consent_parameters={"prompt": "consent"},
        ),
    )

    @connector.after_connect
    def data_centre(ctx: Context) -> Mapping[str, Any]:
        return {"dc": ctx.http.get(ask).json()["dc"]}

    @connector.check
    def account(ctx: Context) -> Account:
        root = ctx.http.get("/").json()
        return Account(id=root["account_id"], label=root["account_name"])

    return connector


@pytest.fixture
def line() -> Line:
    return Line()


def connect(store: Store, connector: Connector, line: Line, settings: dict[str, str]) -> Any:
    """Go the whole way: to the consent page, back with a code, and into the store."""
    app = {"client_id": "app-1", "client_secret": "app-secret-55aa", **settings}
    connection = new_connection(connector, "mail", app)
    asked = begin_oauth(connector, connection, REDIRECT)
    callback = f"{REDIRECT}?code=code-1&state={asked.state}"
    connected = finish_oauth(connector, connection, asked, callback, transport=line)
    return add_connection(store, connector, connected, transport=line)


def test_an_app_that_tells_its_data_centre_after_log_in_is_connected(
    store: Store, line: Line
) -> None:
    connector = dispatch_connector()
    added = connect(store, connector, line, {})
    assert added.label == "Night Mail"
    assert line.went == [
        "login.dispatch.test/oauth2/token",
        "login.dispatch.test/oauth2/metadata",
        "us7.api.dispatch.test/3.0/",
    ]
    kept = get_connection(store, "mail")
    assert kept.settings["dc"] == "us7"
    assert kept.address == "https://us7.api.dispatch.test/3.0"
    host = Host({"dispatch": connector})
    assert check_connection(store, host, "mail", transport=line) == "Night Mail"


def test_a_practice_server_stands_in_for_every_host_of_it(store: Store, line: Line) -> None:
    connect(store, dispatch_connector(), line, {"base_url": "http://127.0.0.1:9001"})
    assert [where.partition("/")[0] for where in line.went] == ["127.0.0.1"] * 3


def test_what_the_consent_page_needs_besides_is_in_its_address() -> None:
    connector = dispatch_connector()
    asked = begin_oauth(connector, new_connection(connector, "mail", {"client_id": "a"}), REDIRECT)
    assert parse_qs(urlsplit(asked.url).query)["prompt"] == ["consent"]


def test_asking_an_address_that_is_not_known_yet_is_told_as_a_defect(
    store: Store, line: Line
) -> None:
    with pytest.raises(SetupError, match="The address of Dispatch isn't known yet") as caught:
        connect(store, dispatch_connector(ask="/oauth2/metadata"), line, {})
    assert "defect in the connector" in caught.value.hint
    assert list_connections(store) == []


def test_without_after_connect_a_missing_data_centre_is_told_before_the_consent_page() -> None:
    connector = dispatch_connector()
    connector.after_connect_function = None
    connection = new_connection(connector, "mail", {"client_id": "a"})
    with pytest.raises(SetupError, match="lacks the setting 'dc'"):
        begin_oauth(connector, connection, REDIRECT)


def test_an_access_token_alone_is_refused_where_it_would_not_last(store: Store, line: Line) -> None:
    lasting = dispatch_connector()
    known = {"client_id": "a", "client_secret": "s", "access_token": TOKEN, "dc": "us7"}
    added = add_connection(store, lasting, new_connection(lasting, "mail", known), transport=line)
    assert added.label == "Night Mail"

    passing = dispatch_connector()
    passing.auth = OAuth2(
        authorize_url="https://login.dispatch.test/oauth2/authorize",
        token_url="https://login.dispatch.test/oauth2/token",
        scheme="OAuth",
    )
    line.went.clear()
    with pytest.raises(AuthError, match="gave no refresh token, so the connection would stop"):
        add_connection(store, passing, new_connection(passing, "other", known), transport=line)
    assert line.went == []
    assert [connection.name for connection in list_connections(store)] == ["mail"]
