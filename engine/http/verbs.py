"""What connectors call on ``ctx.http``, each in terms of one way to send a request."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx2
from typing_extensions import Unpack

from engine.context import Asked, Sent
from engine.files import File, Files, is_file
from engine.http.bodies import UNBOUND
from engine.http.transfer import body_with_files, fetched


class Verbs(ABC):
    """Requests by their verbs; see :class:`engine.context.Http`."""

    def get(self, url: str, **asked: Unpack[Asked]) -> httpx2.Response:
        return self._send("GET", url, **asked)

    def post(self, url: str, *, idempotent: bool = False, **sent: Unpack[Sent]) -> httpx2.Response:
        return self._send_body("POST", url, sent, repeat=idempotent)

    def put(self, url: str, **sent: Unpack[Sent]) -> httpx2.Response:
        return self._send_body("PUT", url, sent)

    def patch(self, url: str, **sent: Unpack[Sent]) -> httpx2.Response:
        return self._send_body("PATCH", url, sent)

    def delete(self, url: str, **asked: Unpack[Asked]) -> httpx2.Response:
        return self._send("DELETE", url, **asked)

    def download(self, url: str, *, name: str = "", **asked: Unpack[Asked]) -> File:
        @contextmanager
        def get() -> Iterator[httpx2.Response]:
            unread: dict[str, Any] = {"stream": True, "extensions": {UNBOUND: True}}
            with closing(self._send("GET", url, **asked, **unread)) as answer:
                yield answer

        asked["headers"] = httpx2.Headers(asked.get("headers"))
        asked["headers"].setdefault("Accept", "*/*")
        return fetched(self._files, get, lambda error, times: self._broke(error, url, times), name)

    def _send_body(
        self, method: str, url: str, sent: Sent, *, repeat: bool = False
    ) -> httpx2.Response:
        if not sent.get("files") and not is_file(sent.get("content")):
            return self._send(method, url, repeat=repeat, **sent)
        with body_with_files(self._files, sent) as ready:
            return self._send(method, url, repeat=repeat, **ready)

    @property
    @abstractmethod
    def _files(self) -> Files:
        """Where files are fetched to and sent from."""

    @abstractmethod
    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Any = None,
        repeat: bool = False,
        stream: bool = False,
        **content: Any,
    ) -> httpx2.Response:
        """Send a request until it succeeds or may not be sent any more.

        :param repeat: it may be sent again without harm.
        :param stream: leave the body of a good answer unread, for the caller to read and close.
        """

    @abstractmethod
    def _broke(self, error: httpx2.TransportError, url: str, times: int) -> None:
        """Wait after a line broke while a file was fetched, so many times before this one.

        :raises RetryableError: it was often enough.
        """
