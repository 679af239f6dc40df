"""Sends a practice server's webhooks over real HTTP, from a thread of its own, as vendors do.

The server puts a request in; what is not taken is tried again at the vendor's own intervals, by
the server's clock, so that a test lets hours pass by moving it.
"""

import heapq
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2

from engine.public_address import is_this_machine

#: Seconds between two looks at the clock while something waits to be tried again.
LOOK_EVERY = 0.05

#: A request's headers; a function of none is asked at each try, e.g. to sign it with its time.
Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]

#: What came of one try: an answer, or None where there was none.
Answered = Callable[[httpx2.Response | None], Literal["done", "again"]]


@dataclass(order=True)
class Post:
    """A request to be sent.

    :param due: when, in seconds since 1970; ``place`` keeps the order of equals.
    :param answered: told what came of each try; says whether to try again.
    :param gave_up: called after the last try, when it came to nothing.
    :param tries: how often it was tried.
    """

    due: float
    place: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: Headers = field(compare=False)
    answered: Answered = field(compare=False)
    gave_up: Callable[[], None] = field(compare=False)
    tries: int = field(default=0, compare=False)


class HookSender:
    """A practice server's outgoing requests, in order, one at a time.

    :param waits: seconds before the second try, the third and so on; after them it gives up.
    :param clock: seconds since 1970; the server's own.
    :param timeout: seconds an answer may take.
    :param transport: instead of the network; for tests.
    """

    def __init__(
        self,
        waits: Sequence[float],
        clock: Callable[[], float] = time.time,
        *,
        timeout: float = 10,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.log: list[dict[str, Any]] = []
        self._waits, self._clock = waits, clock
        self._timeout, self._transport = timeout, transport
        self._places = count()
        self._queue: list[Post] = []
        self._change = threading.Condition()
        self._sending = False
        self._thread: threading.Thread | None = None

    def send(
        self,
        url: str,
        body: bytes,
        headers: Headers,
        answered: Answered = lambda answer: "done" if answer and answer.is_success else "again",
        gave_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Put a POST in; returns at once."""
        post = Post(self._clock(), next(self._places), url, body, headers, answered, gave_up)
        with self._change:
            self._put(post)

    def get(self, url: str) -> httpx2.Response | None:
        """Ask with GET and wait for the answer; None where there is none."""
        return self._request("GET", url, b"", {})

    def wait_until_idle(self, seconds: float = 10) -> bool:
        """Wait until nothing is under way or due by the clock; return whether that came."""
        with self._change:
            self._change.notify_all()
            return self._change.wait_for(lambda: not self._sending and not self._due(), seconds)

    @cached_property
    def _client(self) -> httpx2.Client:
        """Made when it is first needed: most practice servers never send anything."""
        return httpx2.Client(
            transport=self._transport,
            timeout=self._timeout,
            trust_env=False,
            # Nobody closes a practice server, so no connection is kept open.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def _put(self, post: Post) -> None:
        heapq.heappush(self._queue, post)
        if self._thread is None:  # it ends when there is nothing left to send
            self._thread = threading.Thread(target=self._run, name="practice-hooks", daemon=True)
            self._thread.start()
        self._change.notify_all()

    def _due(self) -> bool:
        return bool(self._queue) and self._queue[0].due <= self._clock()

    def _run(self) -> None:
        while True:
            with self._change:
                self._sending = False
                self._change.notify_all()
                if not self._queue:
                    self._thread = None
                    return
                if not self._due():
                    self._change.wait(LOOK_EVERY)
                    continue
                post = heapq.heappop(self._queue)
                self._sending = True
            self._try(post)

    def _try(self, post: Post) -> None:
        headers = post.headers() if callable(post.headers) else post.headers
        answer = self._request("POST", post.url, post.body, headers)
        post.tries += 1
        if post.answered(answer) == "done":
            return
        if post.tries > len(self._waits):
            post.gave_up()
            return
        post.due = self._clock() + self._waits[post.tries - 1]
        with self._change:
            self._put(post)

    def _request(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx2.Response | None:
        answer: httpx2.Response | None
        try:
            answer = self._client.request(method, url, content=body, headers=dict(headers))
        except (httpx2.HTTPError, httpx2.InvalidURL):
            answer = None
        status = None if answer is None else answer.status_code
        path = urlsplit(url).path
        self.log.append({"method": method, "path": path, "status": status, "at": self._clock()})
        return answer


def is_https_or_loopback(url: str) -> bool:
    """Return whether a practice server may send there: vendors want https, practice has none."""
    parts = urlsplit(url)
    if not parts.hostname:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and is_this_machine(parts.hostname)
