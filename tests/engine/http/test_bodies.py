"""Answers of any size: what unfolds into too much is not read, whoever asked for it."""

import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import httpx2
import pytest

from engine.errors import RemoteError, RetryableError
from engine.http import bodies
from engine.http.client import HttpClient
from engine.http.grants import RefreshGrant, TokenEndpoint
from engine.http.sessions import open_session
from engine.loopback import on_loopback
from engine.sdk import ApiKey, Connector
from engine.store.connections import Connection


@pytest.fixture(autouse=True)
def _less_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST_ANSWER", 1024 * 1024)


@cache
def bomb() -> bytes:
    return gzip.compress(b"[" + b" " * 20_000_000 + b"]")


def answering(body: bytes, encoding: str = "") -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start("200 OK", headers + ([("Content-Encoding", encoding)] if encoding else []))
        yield body

    return app


def client(transport: httpx2.BaseTransport | None, url: str = "https://api.test") -> HttpClient:
    connector = Connector(name="a", title="A", base_url=url, auth=ApiKey())
    connection = Connection(name="a", connector="a", secrets={"api_key": "k"})
    return HttpClient(open_session(connector, connection, transport=transport))


@pytest.mark.parametrize(("body", "encoding"), [(b" " * 2_000_000, ""), (bomb(), "gzip")])
def test_an_answer_that_is_too_large_is_not_read(body: bytes, encoding: str) -> None:
    http = client(httpx2.WSGITransport(app=answering(body, encoding)))
    with http.session, pytest.raises(RemoteError, match="larger than 1 MiB"):
        http.get("/x")


def test_nor_over_a_real_line_which_is_good_for_the_next_request() -> None:
    app = answering(bomb(), "gzip")
    with on_loopback(app) as url, client(None, url).session as session:
        for _ in range(2):
            with pytest.raises(RemoteError, match="larger than 1 MiB"):
                HttpClient(session).get("/x")


def test_nor_from_where_tokens_come_from() -> None:
    transport = httpx2.WSGITransport(app=answering(bomb(), "gzip"))
    endpoint = TokenEndpoint(title="A", url="https://a.test/token", transport=transport)
    with pytest.raises(RemoteError, match="larger than 1 MiB"):
        RefreshGrant(endpoint).renew({"refresh_token": "r"})


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b'{"a": "\xc3\xa4"}', ""),
        (gzip.compress(b'{"a": "\xc3\xa4"}'), "gzip"),
        (zlib.compress(b'{"a": "\xc3\xa4"}'), "deflate"),
    ],
    ids=["plain", "gzip", "deflate"],  # what is zipped holds the time
)
def test_others_are_read_as_ever(body: bytes, encoding: str) -> None:
    http = client(httpx2.WSGITransport(app=answering(body, encoding)))
    with http.session:
        assert http.get("/x").json() == {"a": "ä"}


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LONGEST_READ", 0.1)

    def dripping(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "application/json")])
        for _ in range(150):
            time.sleep(0.02)
            yield b" "

    began = time.monotonic()
    with on_loopback(dripping) as url:
        http = client(None, url)
        with http.session, pytest.raises(RetryableError, match="did not answer within"):
            replace(http, attempts=1).get("/x")
        assert time.monotonic() - began < 2.5
