"""Connections whose address somebody types in reach public hosts alone, and those an admin names."""

import socket
from typing import Any

import httpx2
import pytest

from engine.errors import RetryableError, SetupError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.public import HOSTS_VARIABLE, PublicTransport, transport_for
from engine.http.renewal import endpoint_for
from engine.http.sessions import open_session
from engine.http.urls import addresses
from engine.loopback import on_loopback
from engine.sdk import ClientCredentials, Connector

OPEN = Connector(name="open", title="Open", base_url="{address}", public_only=True)
LOCAL = Connector(name="local", title="Local", base_url="{address}")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names lead to."""
    known: dict[str, list[str]] = {"api.example.com": ["93.184.215.14"]}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        if host not in known:
            raise OSError("unknown")
        return [(0, 0, 0, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


class Recorded:
    """A server that answers everything."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        self.paths.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]


class Seen(httpx2.BaseTransport):
    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, json={})


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def client(seen: Seen) -> httpx2.Client:
    return httpx2.Client(transport=PublicTransport(lambda: seen))


@pytest.mark.usefixtures("names")
def test_the_connection_goes_to_the_address_that_was_checked(client, seen: Seen) -> None:
    client.get("https://api.example.com/v1/me")
    [sent] = seen.requests
    assert sent.url.host == "93.184.215.14"
    assert sent.headers["Host"] == "api.example.com"
    assert sent.extensions["sni_hostname"] == "api.example.com"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.5", "169.254.169.254", "192.168.1.1", "::1", "fd00::1"),
        "::ffff:169.254.169.254",
    ],
)
def test_no_private_address_is_reached(client, seen: Seen, names, address: str) -> None:
    names["inside.example.com"] = ["93.184.215.14", address]
    with pytest.raises(SetupError, match=r"'inside\.example\.com' leads into a private network"):
        client.get("https://inside.example.com/latest/meta-data")
    assert seen.requests == []


@pytest.mark.usefixtures("names")
def test_http_is_refused(client, seen: Seen) -> None:
    with pytest.raises(SetupError, match="must begin with https") as told:
        client.get("http://api.example.com/")
    assert f"{HOSTS_VARIABLE}=api.example.com" in told.value.hint
    assert seen.requests == []


@pytest.mark.parametrize("named", ["erp.firm.example", "other, ERP.firm.example:8080"])
def test_an_admin_excepts_a_host_by_name(monkeypatch, client, seen: Seen, named: str) -> None:
    monkeypatch.setenv(HOSTS_VARIABLE, named)
    client.get("http://erp.firm.example:8080/api")
    assert seen.requests[0].url.host == "erp.firm.example"
    with pytest.raises((SetupError, httpx2.ConnectError)):
        client.get("https://elsewhere.firm.example:8080/api")


def test_a_name_that_leads_nowhere_is_tried_again_as_always(names) -> None:
    connection = new_connection(OPEN, "x", {"address": "https://gone.example.com"})
    retry = RetryPolicy(attempts=2, sleep=lambda _: None)
    with (
        open_session(OPEN, connection, retry=retry) as session,
        pytest.raises(RetryableError, match=r"can't be reached at gone\.example\.com"),
    ):
        HttpClient(session).get("/me")


def test_a_session_of_such_a_connector_is_checked_and_so_are_its_tokens(names) -> None:
    names["inside.example.com"] = ["10.0.0.5"]
    settings = {"address": "https://inside.example.com"}
    with (
        open_session(OPEN, new_connection(OPEN, "x", settings)) as session,
        pytest.raises(SetupError, match="private network"),
    ):
        HttpClient(session).get("/me")
    auth = ClientCredentials(token_url="{address}/token")
    machine = Connector(name="m", title="M", base_url="{address}", auth=auth, public_only=True)
    known = new_connection(machine, "m", {**settings, "client_id": "a", "client_secret": "b"})
    endpoint = endpoint_for(machine, known, addresses(machine, known.all_settings))
    with pytest.raises(SetupError, match="private network"):
        endpoint.ask("client_credentials")


def test_only_such_connectors_are_checked_and_no_practice_servers() -> None:
    settings = {"address": "http://127.0.0.1:9"}
    assert transport_for(LOCAL, new_connection(LOCAL, "x", settings), None) is None
    assert transport_for(LOCAL, new_connection(LOCAL, "x", settings, practice=True), None) is None
    inner = Seen()
    assert transport_for(OPEN, new_connection(OPEN, "x", settings), inner) is inner
    assert isinstance(
        transport_for(OPEN, new_connection(OPEN, "x", settings), None), PublicTransport
    )


def test_of_the_network_a_practice_connection_reaches_its_own_server_alone() -> None:
    app = Recorded()
    with on_loopback(app) as server:
        settings = {"address": "https://api.example.com", "base_url": server}
        known = new_connection(OPEN, "x", settings, practice=True)
        with open_session(OPEN, known) as session:
            assert HttpClient(session).get("/me").json() == {}
            with pytest.raises(SetupError, match="must begin with https"):
                HttpClient(session).get("http://127.0.0.2:1/inside")
    assert app.paths == ["/me"]


def test_no_address_but_this_computers_counts_as_a_practice_server() -> None:
    settings = {"address": "https://api.example.com", "base_url": "http://169.254.169.254"}
    known = new_connection(OPEN, "x", settings, practice=True)
    with (
        open_session(OPEN, known) as session,
        pytest.raises(SetupError, match="must begin with https"),
    ):
        HttpClient(session).get("/latest/meta-data")
