"""A connection to any API: its address, its headers, its limits, and that its key stays at home."""

from collections.abc import Callable

import httpx2
import pytest

from engine.errors import AuthError, InputError, SetupError
from engine.http.connect import begin_oauth, new_connection
from engine.http.urls import addresses
from engine.limits import Rate
from plugins.http import connector
from plugins.http.connection import address_of, answers, headers_in
from plugins.http.practice import PracticeApi, access


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.example.com/v2/", "https://api.example.com/v2"),
        (" api.example.com ", "https://api.example.com"),
        ("http://10.0.0.5:8080/api", "http://10.0.0.5:8080/api"),
    ],
)
def test_an_address_may_be_written_as_people_do(written: str, meant: str) -> None:
    assert address_of(written) == meant
    assert addresses(connector, {"address": written}).base_url == meant


@pytest.mark.parametrize(
    "written",
    [
        "ftp://example.com",
        "https://",
        "https://user:secret-word@example.com",
        "https://example.com/?key=secret-word",
        "https://exa mple.com",
        "https://[::1",
    ],
)
def test_what_is_no_address_is_told_without_what_may_be_secret_in_it(written: str) -> None:
    with pytest.raises(SetupError) as told:
        address_of(written)
    assert "secret-word" not in str(told.value)


def test_headers_go_with_every_request_also_of_later_pages(
    connect: Callable, api: PracticeApi
) -> None:
    line = connect(api, headers="X-Public: yes | Accept-Version: 2")
    line.read(path="/customers", list_at="customers", paging="next_link", next_at="links.next")
    assert len(line.requests) == 3
    assert {one.headers["Accept-Version"] for one in line.requests} == {"2"}


def test_a_key_is_not_among_the_headers_that_everybody_sees(
    connect: Callable, api: PracticeApi
) -> None:
    for written in ("Authorization: Bearer abc", "X-Api-Key: abc", "X-Auth-Token: abc"):
        with pytest.raises(SetupError, match="can't be among the headers with every request"):
            connect(api, headers=written).do("send", path="/me", method="GET")
    with pytest.raises(SetupError, match="'no colon' is no header"):
        headers_in("no colon")
    with pytest.raises(SetupError) as told:
        headers_in("hidden-value-1", secret=True)
    assert "hidden-value-1" not in str(told.value)


@pytest.mark.parametrize("way", ["key", "headers", "basic", "query", "machine", "person", "bearer"])
def test_each_way_to_log_in_is_sent_as_it_should_be(
    connect: Callable, api: PracticeApi, way: str
) -> None:
    line = connect(api, **api.credentials_for(way))
    assert answers(line.context) == "api.orchard.example"
    assert api.access.seen == ["oauth" if way in ("machine", "person") else way]


def test_the_test_of_a_connection_finds_a_wrong_key_and_forgives_an_empty_front_page(
    connect: Callable, api: PracticeApi
) -> None:
    good = {**api.credentials(), "test_path": ""}
    assert answers(connect(api, **good).context) == "api.orchard.example"  # there is a 404
    with pytest.raises(AuthError, match="does not accept this connection's log-in"):
        answers(connect(api, **{**good, "test_path": "/me", "token": "wrong-token-1"}).context)
    with pytest.raises(InputError, match="has nothing at '/v1/you'"):
        answers(connect(api, **{**good, "test_path": "/you"}).context)


@pytest.mark.parametrize(
    ("asked", "rates"),
    [(None, ()), (5, (Rate(5, per=1),)), (0.5, (Rate(1, per=2.0),)), ("2.9", (Rate(2, per=1),))],
)
def test_a_connection_has_its_own_limit(asked, rates) -> None:
    own = connector.for_connection({"requests_per_second": asked})
    assert own.limits == rates
    assert connector.limits == ()
    with pytest.raises(SetupError, match="2000 requests a second can't be"):
        connector.for_connection({"requests_per_second": 2000})


def test_the_key_goes_to_the_connections_own_server_alone(connect: Callable) -> None:
    pages = httpx2.Response(200, json={"items": [{"id": 1}], "next": "https://evil.example/more"})
    line = connect(httpx2.MockTransport(lambda _: pages), log_in="bearer", token=access.TOKEN)
    with pytest.raises(Exception, match=r"goes on at another server, 'evil\.example'"):
        line.read(path="/x", list_at="items", paging="next_link")
    assert [one.url.host for one in line.requests] == ["api.test"]


def test_secrets_are_kept_as_such() -> None:
    made = new_connection(connector, "x", PracticeApi().credentials_for("headers"))
    assert set(made.secrets) == {"secret_headers"}
    assert access.APP_KEY not in str(made.settings)


@pytest.mark.parametrize("page", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_a_consent_page_is_a_page_of_the_web(page: str) -> None:
    settings = {
        "address": "https://api.example.com",
        "log_in": "person",
        "authorize_url": page,
        "grant_url": "https://api.example.com/token",
        "client_id": "a",
        "client_secret": "b",
    }
    known = new_connection(connector, "api", settings)
    with pytest.raises(SetupError, match="has no web address"):
        begin_oauth(connector, known, "https://bridge.example/come-back")
