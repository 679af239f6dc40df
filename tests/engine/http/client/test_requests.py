"""ctx.http sends: what is tried again, what is never repeated, and where credentials go."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.errors import InputError, RemoteError, RetryableError
from engine.loopback import on_loopback
from engine.sdk import (
    Fault,
    json_response,
    route,
)
from tests.engine.http.client.archive import KEY, NEXT, Archive, Line


@dataclass
class Road(httpx2.BaseTransport):
    """The way to several servers by their origin; a road not named is closed."""

    servers: dict[str, Any]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = urlsplit(str(request.url))
        server = self.servers.get(f"{url.scheme}://{url.netloc.rpartition('@')[2]}")
        if server is None:
            raise httpx2.ConnectError("refused", request=request)
        return httpx2.WSGITransport(app=server).handle_request(request)


def test_it_waits_as_long_as_the_vendor_asks(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", times=2, status=429, headers={"Retry-After": "7"})]
    answer = line.to(archive).get("/by-offset", params={"offset": 0, "limit": 5})
    assert answer.json()["total"] == 3
    assert line.naps == [7.0, 7.0]


def test_it_waits_until_the_date_the_vendor_names(line: Line, archive: Archive) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    archive.faults = [Fault("/v1", status=503, headers={"Retry-After": until})]
    line.to(archive).get("/by-offset", params={"offset": 0, "limit": 5})
    assert line.naps == [pytest.approx(29, abs=2)]


def test_otherwise_it_waits_twice_as_long_each_time(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", times=3, status=502)]
    line.to(archive, first_wait=1.0).get("/by-offset", params={"offset": 0, "limit": 5})
    assert [0.5 * 2**n <= nap <= 2**n for n, nap in enumerate(line.naps)] == [True] * 3


def test_it_gives_up_after_the_attempts(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", times=9, status=500)]
    with pytest.raises(RetryableError, match=r"The Archive has a problem.*answer 500") as caught:
        line.to(archive, attempts=3).get("/by-offset")
    assert len(archive.requests) == 3
    assert len(line.naps) == 2
    assert not caught.value.maybe_sent


def test_a_wait_longer_than_the_longest_ends_the_attempts(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", status=429, headers={"Retry-After": "3600"})]
    with pytest.raises(RetryableError) as caught:
        line.to(archive).get("/by-offset")
    assert caught.value.after == 3600
    assert line.naps == []
    assert len(archive.requests) == 1


def test_a_refusal_is_not_tried_again(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", times=9, status=422)]
    with pytest.raises(InputError):
        line.to(archive).get("/by-offset")
    assert len(archive.requests) == 1


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_change_that_may_have_been_made_is_not_made_again(
    line: Line, archive: Archive, method: str
) -> None:
    archive.faults = [Fault("/v1", times=9, status=500)]
    with pytest.raises(RetryableError) as caught:
        getattr(line.to(archive), method)("/papers", json={})
    assert caught.value.maybe_sent
    assert len(archive.requests) == 1
    assert line.naps == []


def test_a_change_the_vendor_refused_for_now_is_sent_again(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", status=429, headers={"Retry-After": "1"})]
    assert line.to(archive).post("/papers", json={}).status_code == 201
    archive.faults = [Fault("/v1", times=9, status=429)]
    with pytest.raises(RetryableError) as caught:
        line.to(archive).post("/papers", json={})
    assert not caught.value.maybe_sent


@pytest.mark.parametrize(
    "send",
    [
        lambda line, server: line.to(server, idempotent=True).post("/papers", json={}),
        lambda line, server: line.to(server).post("/papers", json={}, idempotent=True),
        lambda line, server: line.to(server).put("/papers", json={}),
    ],
    ids=["idempotent operation", "idempotent request", "put"],
)
def test_what_does_no_harm_is_sent_again(
    line: Line, archive: Archive, send: Callable[[Line, Archive], httpx2.Response]
) -> None:
    archive.faults = [Fault("/v1", status=500)]
    assert send(line, archive).status_code == 201
    assert len(archive.requests) == 2


def test_a_server_that_is_not_there_got_nothing(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RetryableError, match=f"can't be reached at 127.0.0.1:{port}") as caught:
        line.to(f"http://127.0.0.1:{port}").post("/papers", json={})
    assert not caught.value.maybe_sent
    assert len(line.naps) == 3  # nothing was sent, so even a POST is tried again


def test_an_answer_lost_half_way_is_asked_for_again(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1/by-offset", times=2, status=0)]
    with on_loopback(archive) as url, line.stack:
        answer = line.to(url).get("/by-offset", params={"offset": 0, "limit": 5})
    assert len(answer.json()["papers"]) == 3
    assert [entry["status"] for entry in archive.requests] == [200, 200, 200]


def test_a_change_whose_answer_was_lost_is_not_made_again(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1/papers", times=9, status=0)]
    with (
        on_loopback(archive) as url,
        line.stack,
        pytest.raises(RetryableError, match="broke while it was answering") as caught,
    ):
        line.to(url).post("/papers", json={})
    assert caught.value.maybe_sent
    assert len(archive.requests) == 1


def test_a_server_that_never_answers_ends_the_wait(line: Line, archive: Archive) -> None:
    archive.pause = 0.6
    with (
        on_loopback(archive) as url,
        line.stack,
        pytest.raises(RetryableError, match=r"did not answer within 0\.2 seconds") as caught,
    ):
        line.to(url, timeout=0.2).post("/papers", json={})
    assert caught.value.maybe_sent


def test_every_request_says_who_asks_and_carries_the_key(line: Line, archive: Archive) -> None:
    line.to(archive).post("papers", json={}, headers={"X-Trace": "1"})
    sent = archive.headers[0]
    assert sent["X-Key"] == KEY
    assert sent["X-Trace"] == "1"
    assert sent["User-Agent"].startswith("Bridgework/")
    assert sent["Accept"] == "application/json"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.test",
        "http://archive.test",  # the same host, for all on the way to read
        "https://archive.test:8443",
        "https://archive.test@elsewhere.test",
        "https://archive.test.elsewhere.test",
    ],
)
def test_a_link_elsewhere_is_followed_without_the_key(line: Line, elsewhere: str) -> None:
    class Misleading(Archive):
        @route("GET", "/v1/mislead")
        def mislead(self, request: Request) -> Response:
            follow = f"{elsewhere}/v1/by-link?limit=10"
            return json_response({"papers": [{"id": "first"}], "meta": {"next": follow}})

    home, other = Misleading(), Archive(total=1)
    reached = elsewhere.replace("archive.test@", "")  # a user name is no part of the way
    road = Road({"https://archive.test": home, reached: other})
    found = list(line.to(road).paginate("/mislead", items="papers", pagination=NEXT))
    assert found == [{"id": "first"}, {"id": 0}]
    assert home.headers[0]["X-Key"] == KEY
    assert KEY not in str(other.headers)


def test_redirects_are_not_followed(line: Line) -> None:
    class Moved(Archive):
        @route("GET", "/v1/moved")
        def moved(self, request: Request) -> Response:
            return Response("", 302, headers={"Location": "https://elsewhere.test/v1/papers"})

    moved, other = Moved(), Archive()
    road = Road({"https://archive.test": moved, "https://elsewhere.test": other})
    with pytest.raises(RemoteError, match="The Archive answered 302"):
        line.to(road).get("/moved")
    assert len(moved.requests) == 1
    assert other.requests == []
