"""A practice portal, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from engine.context import Context
from engine.http.client import HttpClient
from engine.http.sessions import open_session
from engine.store.connections import Connection
from plugins.casestatus.practice.server import API_KEY, PracticeCaseStatus
from tests.plugins.casestatus.portal import CONNECTOR, NO_WAIT, Connect


@pytest.fixture
def server() -> PracticeCaseStatus:
    return PracticeCaseStatus(seed=1)


@pytest.fixture
def connect(server: PracticeCaseStatus) -> Iterator[Connect]:
    """Open a connection to the practice server; settings and secrets may be changed."""
    opened = []

    def connect(
        api_key: str = API_KEY, app: PracticeCaseStatus = server, **settings: str
    ) -> Context:
        connection = Connection(
            name="portal",
            connector="casestatus",
            settings=settings,
            secrets={"api_key": api_key},
        )
        transport = httpx2.WSGITransport(app=app)
        session = open_session(CONNECTOR, connection, transport=transport, retry=NO_WAIT)
        opened.append(session)
        return Context(http=HttpClient(session), now=datetime.now(UTC), key="771")

    yield connect
    for session in opened:
        session.close()


@pytest.fixture
def ctx(connect: Connect) -> Context:
    return connect()
