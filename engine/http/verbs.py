"""What connectors call on ``ctx.http``, each in terms of one way to send a request."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import httpx2

from engine.files import File, Files
from engine.http.bodies import UNBOUND
from engine.http.transfer import body_with_files, fetched


class Verbs(ABC):
    """Requests by their verbs; see :class:`engine.context.Http`."""

    def get(self, url: str, *, params: Any = None, headers: Any = None) -> httpx2.Response:
        return self._send("GET", url, params=params, headers=headers)

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Any = None,
        content: bytes | File | None = None,
        files: Mapping[str, File] | None = None,
        params: Any = None,
        headers: Any = None,
        idempotent: bool = False,
    ) -> httpx2.Response:
        body = {"json": json, "data": data, "content": content, "files": files}
        return self._send_body("POST", url, body, headers, params=params, repeat=idempotent)

    def put(
        self,
        url: str,
        *,
        json: Any = None,
        data: Any = None,
        content: bytes | File | None = None,
        files: Mapping[str, File] | None = None,
        params: Any = None,
        headers: Any = None,
    ) -> httpx2.Response:
        body = {"json": json, "data": data, "content": content, "files": files}
        return self._send_body("PUT", url, body, headers, params=params)

    def patch(
        self,
        url: str,
        *,
        json: Any = None,
        data: Any = None,
        content: bytes | File | None = None,
        files: Mapping[str, File] | None = None,
        params: Any = None,
        headers: Any = None,
    ) -> httpx2.Response:
        body = {"json": json, "data": data, "content": content, "files": files}
        return self._send_body("PATCH", url, body, headers, params=params)

    def delete(self, url: str, *, params: Any = None, headers: Any = None) -> httpx2.Response:
        return self._send("DELETE", url, params=params, headers=headers)

    def download(
        self, url: str, *, name: str = "", params: Any = None, headers: Any = None
    ) -> File:
        @contextmanager
        def get() -> Iterator[httpx2.Response]:
            unread: dict[str, Any] = {"stream": True, "extensions": {UNBOUND: True}}
            with closing(self._send("GET", url, params=params, headers=accept, **unread)) as answer:
                yield answer

        accept = httpx2.Headers(headers)
        accept.setdefault("Accept", "*/*")
        return fetched(self._files, get, lambda error, times: self._broke(error, url, times), name)

    def _send_body(
        self, method: str, url: str, body: dict[str, Any], headers: Any, **more: Any
    ) -> httpx2.Response:
        with body_with_files(self._files, headers=headers, **body) as ready:
            return self._send(method, url, **ready, **more)

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
