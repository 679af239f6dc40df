"""A practice firm, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import add_connection, new_connection
from engine.http.sessions import open_session
from engine.store.database import Store
from plugins.clio import connector
from plugins.clio.practice import PracticeClio
from tests.plugins.clio.firm import Open
from tests.plugins.line import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_763_990_000.0)


@pytest.fixture
def connect(store: Store, clock: Clock) -> Iterator[Open]:
    """Connect to a practice server with its ready-made tokens, as flags on a command line would."""
    sessions = []

    def open_context(server: PracticeClio) -> Context:
        transport = httpx2.WSGITransport(app=server)
        settings = {**server.credentials(), "base_url": "http://clio.test"}
        connection = add_connection(
            store, connector, new_connection(connector, "clio", settings), transport=transport
        )
        session = open_session(
            connector,
            connection,
            store=store,
            transport=transport,
            retry=RetryPolicy(sleep=clock.sleep),
            clock=clock,
        )
        sessions.append(session)
        server.requests.clear()
        return Context(
            http=HttpClient(session),
            now=datetime.fromtimestamp(clock.now, UTC),
            connection=connection.settings,
        )

    yield open_context
    for session in sessions:
        session.close()


@pytest.fixture
def server(clock: Clock) -> PracticeClio:
    return PracticeClio(clock=clock)


@pytest.fixture
def ctx(connect: Open, server: PracticeClio) -> Context:
    return connect(server)
