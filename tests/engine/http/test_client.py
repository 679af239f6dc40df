"""ctx.http: what is tried again and what is not, where credentials go, and lists read to their end."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from engine.errors import InputError, RemoteError, RetryableError
from engine.http.client import HttpClient, HttpSession, RetryPolicy
from engine.http.sessions import HeaderAuth
from engine.http.urls import addresses
from engine.loopback import on_loopback
from engine.sdk import (
    ApiKey,
    Connector,
    Fault,
    NextLink,
    NextToken,
    Offset,
    PageNumber,
    Pagination,
    PracticeServer,
    json_response,
    route,
)

KEY = "archive-key-51c0ffee"
NEXT = NextLink(path="meta.next", size_param="limit", size=10)


class Archive(PracticeServer):
    """Keeps papers, and lists them in every way a list can be paged."""

    def __init__(self, total: int = 0) -> None:
        super().__init__()
        self.papers = [{"id": number} for number in range(total)]
        self.keys: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        self.pause = 0.0

    def _answer(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        time.sleep(self.pause)
        return super()._answer(request)

    def page(self, start: int, size: int) -> list[dict[str, Any]]:
        return self.papers[start : start + size]

    @route("POST", "/v1/papers")
    @route("PATCH", "/v1/papers")
    @route("PUT", "/v1/papers")
    def add(self, request: Request) -> Response:
        self.papers.append({"id": len(self.papers)})
        return json_response(self.papers[-1], 201)

    @route("GET", "/v1/by-offset")
    def by_offset(self, request: Request) -> Response:
        start, size = int(request.args["offset"]), int(request.args["limit"])
        return json_response({"papers": self.page(start, size), "total": len(self.papers)})

    @route("GET", "/v1/by-number")
    def by_number(self, request: Request) -> Response:
        size = int(request.args["size"])
        return json_response({"papers": self.page((int(request.args["page"]) - 1) * size, size)})

    @route("GET", "/v1/by-token")
    def by_token(self, request: Request) -> Response:
        start, size = int(request.args.get("after", 0)), int(request.args["limit"])
        more = start + size < len(self.papers)
        token = str(start + size) if more else ""
        return json_response({"papers": self.page(start, size), "after": token})

    @route("GET", "/v1/by-link")
    def by_link(self, request: Request) -> Response:
        start, size = int(request.args.get("start", 0)), int(request.args["limit"])
        meta = {}
        if start + size < len(self.papers):
            meta["next"] = f"{request.base_url}?start={start + size}&limit={size}"
        return json_response({"papers": self.page(start, size), "meta": meta})


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


@dataclass
class Line:
    """An open line to the archive, and how long it waited between attempts."""

    naps: list[float] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def to(
        self, server: Any, *, idempotent: bool = False, timeout: float = 30.0, **policy: Any
    ) -> HttpClient:
        """Return a client of ``server``: an application, a transport, or a URL."""
        connector = Connector(
            name="archive", title="The Archive", auth=ApiKey(), base_url="https://archive.test/v1"
        )
        settings = {"base_url": server} if isinstance(server, str) else {}
        transport: httpx2.BaseTransport | None = None
        if isinstance(server, httpx2.BaseTransport):
            transport = server
        elif callable(server):
            transport = httpx2.WSGITransport(app=server)
        session = HttpSession(
            connector,
            addresses(connector, settings),
            HeaderAuth("X-Key", KEY),
            transport,
            RetryPolicy(**{"attempts": 4, "sleep": self.naps.append, **policy}),
            timeout,
        )
        return HttpClient(self.stack.enter_context(session), idempotent)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    with line.stack:
        yield line


@pytest.fixture
def archive() -> Archive:
    return Archive(total=3)


# -- when to try again -----------------------------------------------------------------------------


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


# -- what may be repeated --------------------------------------------------------------------------


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


# -- broken lines, on real sockets -----------------------------------------------------------------


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


# -- where credentials go --------------------------------------------------------------------------


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


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/by-offset", lambda size: Offset(size=size)),
        ("/by-offset", lambda size: Offset(size=size, total="total")),
        ("/by-number", lambda size: PageNumber(size=size)),
        ("/by-token", lambda size: NextToken(path="after", param="after", size_param="limit", size=size)),
        ("/by-link", lambda size: NextLink(path="meta.next", size_param="limit", size=size)),
    ],
    ids=["offset", "offset and total", "page number", "token", "link"],
)  # fmt: skip
@given(total=st.integers(0, 40), size=st.integers(1, 15))
def test_every_way_of_paging_yields_each_item_once(
    path: str, way: Callable[[int], Pagination], total: int, size: int
) -> None:
    archive, line = Archive(total), Line()
    with line.stack:
        http = line.to(archive)
        pages = list(http.pages(path, items="papers", pagination=way(size)))
    assert [item["id"] for page in pages for item in page] == list(range(total))
    assert [len(page) for page in pages if not 0 < len(page) <= size] == []
    assert len(archive.requests) <= total // size + 1


def test_with_a_total_short_pages_do_not_end_a_list(line: Line) -> None:
    class Stingy(Archive):
        def page(self, start: int, size: int) -> list[dict[str, Any]]:
            return super().page(start, min(size, 4))

    http = line.to(Stingy(total=10))
    found = list(http.paginate("/by-offset", items="papers", pagination=Offset(total="total")))
    assert len(found) == 10


def test_the_connectors_own_way_and_the_callers_parameters_are_kept(
    line: Line, archive: Archive
) -> None:
    list(line.to(archive).paginate("/by-offset", items="papers", params={"since": "x", "limit": 2}))
    assert [entry["query"] for entry in archive.requests] == [
        {"since": ["x"], "limit": ["2"], "offset": [offset]} for offset in ("0", "2")
    ]


def test_a_list_that_turns_in_a_circle_is_an_error(line: Line) -> None:
    class Circle(Archive):
        @route("GET", "/v1/circle")
        def circle(self, request: Request) -> Response:
            follow = "https://archive.test/v1/circle?page=2"
            return json_response({"papers": [{"id": 1}], "meta": {"next": follow}})

    circle = Circle()
    with pytest.raises(RemoteError, match="same next page twice"):
        list(line.to(circle).paginate("/circle", items="papers", pagination=NEXT))
    assert len(circle.requests) == 2


def test_a_web_page_instead_of_json_is_an_error(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", status=200, body="<html>Please log in</html>")]
    with pytest.raises(RemoteError, match="isn't JSON") as caught:
        list(line.to(archive).paginate("/by-offset", items="papers"))
    assert "log-in" in caught.value.hint


@pytest.mark.parametrize("body", ['{"other": []}', '{"papers": {}}', "[]", "null"])
def test_an_answer_without_the_list_is_an_error(line: Line, archive: Archive, body: str) -> None:
    archive.faults = [Fault("/v1", status=200, body=body)]
    with pytest.raises(RemoteError, match="without the list 'papers'"):
        list(line.to(archive).paginate("/by-offset", items="papers"))


def test_pages_are_read_as_they_are_needed(line: Line) -> None:
    archive = Archive(total=1000)
    reading: Iterable[Any] = line.to(archive).paginate("/by-offset", items="papers")
    next(iter(reading))
    assert len(archive.requests) == 1
