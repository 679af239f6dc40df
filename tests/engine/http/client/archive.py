"""What the tests of the client share: an archive of papers, and lines to it."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2
from werkzeug.wrappers import Request, Response

from engine.http.client import HttpClient, HttpSession, RetryPolicy
from engine.http.sessions import HeaderAuth
from engine.http.urls import addresses
from engine.sdk import (
    ApiKey,
    Connector,
    NextLink,
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

    def answer(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        time.sleep(self.pause)
        return super().answer(request)

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

    @route("GET", "/v1/by-last")
    def by_last(self, request: Request) -> Response:
        start, size = int(request.args.get("after", -1)) + 1, int(request.args["limit"])
        more = start + size < len(self.papers)
        return json_response({"papers": self.page(start, size), "more": more})

    @route("GET", "/v1/by-link")
    def by_link(self, request: Request) -> Response:
        start, size = int(request.args.get("start", 0)), int(request.args["limit"])
        meta = {}
        if start + size < len(self.papers):
            meta["next"] = f"{request.base_url}?start={start + size}&limit={size}"
        return json_response({"papers": self.page(start, size), "meta": meta})


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
