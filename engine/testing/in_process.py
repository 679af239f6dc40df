"""Takes requests to a practice server without a network, and breaks off where a network would."""

from collections.abc import Callable

import httpx2

from engine.practice.server import PracticeServer

#: Requests after which an operation counts as endless.
MANY_REQUESTS = 1000


class CheckEnds(KeyboardInterrupt):
    """Ends a check from within a connector's code, as Ctrl-C would: nothing else gets out of it."""


class InProcess(httpx2.BaseTransport):
    """Hands requests to a WSGI application and breaks off where a network would.

    A practice server says that an answer broke off by promising more bytes than it sends.
    """

    def __init__(self, server: PracticeServer | None, limit: int = MANY_REQUESTS) -> None:
        self.requests = 0
        self.seen: Callable[[httpx2.Request], None] = lambda request: None
        self._inner = None if server is None else httpx2.WSGITransport(app=server)
        self._limit = limit

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._inner is None:
            raise CheckEnds(
                f"It asked for {request.url}, but the suite was given no practice server."
            )
        self.requests += 1
        self.seen(request)
        if self.requests > self._limit:
            raise CheckEnds(f"It made {self._limit:,} requests and goes on: {request.url}")
        response = self._inner.handle_request(request)
        promised = response.headers.get("Content-Length")
        if promised is not None and request.method != "HEAD":
            body = response.read()
            if len(body) < int(promised):
                raise httpx2.RemoteProtocolError("the peer hung up", request=request)
        return response
