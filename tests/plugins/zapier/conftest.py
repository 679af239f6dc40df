"""A practice Zapier with one catch hook, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest

from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.store.connections import Connection
from plugins.zapier.practice.server import HOOK_URL, PracticeZapier
from tests.plugins.zapier.hook import CONNECTOR


@pytest.fixture
def server() -> PracticeZapier:
    return PracticeZapier()


@pytest.fixture
def ctx(server: PracticeZapier) -> Iterator[Context]:
    connection = Connection(
        name="zap", connector="zapier", settings={}, secrets={"hook_url": HOOK_URL}
    )
    transport = httpx2.WSGITransport(app=server)
    retry = RetryPolicy(attempts=1, sleep=lambda _: None)
    with open_session(CONNECTOR, connection, transport=transport, retry=retry) as session:
        found = context_for(CONNECTOR, connection, HttpClient(session), datetime.now(UTC))
        yield replace(found, idempotency_key="row-1", idempotency_keys=("row-1", "row-2"))
