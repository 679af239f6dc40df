"""The orchard's API, and a connection to it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from engine.calls import call_batch, call_single, read_trigger
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.operations import Action, Trigger
from engine.results import RowResult
from engine.store.database import Store
from plugins.http import connector
from plugins.http.practice import PracticeApi

NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def api() -> PracticeApi:
    return PracticeApi()


class Line:
    """Calls the connector's operations on a server.

    :ivar requests: what was sent.
    """

    def __init__(
        self, server: Any, settings: Mapping[str, Any], stack: ExitStack, files: Any
    ) -> None:
        self.requests: list[httpx2.Request] = []
        inner = httpx2.WSGITransport(app=server) if callable(server) else server

        def send(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            answer = inner.handle_request(request)
            return httpx2.Response(
                answer.status_code, headers=answer.headers, content=answer.read()
            )

        given = {"base_url": "http://api.test", **settings}
        connection = new_connection(connector, "api", given, practice=True)
        retry = RetryPolicy(attempts=2, sleep=lambda _: None)
        session = open_session(
            connector, connection, transport=httpx2.MockTransport(send), retry=retry, files=files
        )
        self.session = stack.enter_context(session)
        http = HttpClient(session)
        self.context: Context = context_for(connector, connection, http, NOW, files=files)

    def read(self, since: datetime | None = None, **given: Any) -> list[Any]:
        trigger = connector.triggers["record_listed"]
        assert isinstance(trigger, Trigger)
        return list(read_trigger(trigger, self.context, given, since))

    def do(self, name: str, key: str = "", **given: Any) -> Any:
        action = connector.actions[name]
        assert isinstance(action, Action)
        return call_single(action, replace(self.context, idempotency_key=key), given)

    def batch(self, entries: list[dict[str, Any]], **given: Any) -> list[RowResult]:
        rows = [{"entry": entry} for entry in entries]
        return call_batch(connector.actions["send_batch"], self.context, given, rows)


@pytest.fixture
def connect(sqlite_store: Store) -> Iterator[Callable[..., Line]]:
    """Connect to a server, a WSGI app or a transport."""
    with ExitStack() as stack:
        yield lambda server, **settings: Line(
            server,
            {"log_in": "none", "address": "https://api.orchard.example/v1"} | settings,
            stack,
            sqlite_store.files,
        )


@pytest.fixture
def line(connect: Callable[..., Line], api: PracticeApi) -> Line:
    return connect(api, **api.credentials())


@pytest.fixture
def answers(connect: Callable[..., Line]) -> Callable[..., Line]:
    """Connect to a server that gives these answers, one after the other, the last again and again."""

    def answering(*given: httpx2.Response | Callable[[httpx2.Request], httpx2.Response]) -> Line:
        left = list(given)

        def answer(request: httpx2.Request) -> httpx2.Response:
            one = left.pop(0) if len(left) > 1 else left[0]
            return one(request) if callable(one) else one

        return connect(httpx2.MockTransport(answer))

    return answering
