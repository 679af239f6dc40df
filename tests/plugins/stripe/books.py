"""What the tests of the Stripe connector share: a clock, a line to the practice server, and calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

import plugins.stripe as plugin
from engine.calls import call_single
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.results import Accepted
from engine.store.connections import Connection
from plugins.stripe.practice.access import SECRET_KEY
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.line import Clock

CONNECTOR = plugin.connector
ADA, CHIDI = "cus_practice0000", "cus_practice0001"


@contextmanager
def line(
    server: PracticeStripe,
    clock: Clock,
    *,
    key: str = SECRET_KEY,
    attempts: int = 1,
    transport: httpx2.BaseTransport | None = None,
) -> Iterator[Context]:
    """Open a line as a run does, for an action that sends its idempotency key."""
    connection = Connection(name="books", connector="stripe", settings={}, secrets={"api_key": key})
    transport = transport or httpx2.WSGITransport(app=server)
    retry = RetryPolicy(attempts=attempts, sleep=lambda _: None)
    with open_session(CONNECTOR, connection, transport=transport, retry=retry) as session:
        http = HttpClient(session, keyed=True)
        yield Context(http=http, now=clock.moment, idempotency_key="row-1")


def do(ctx: Context, action: str, **values: Any) -> dict[str, Any]:
    """Call an action or search as a run does; return what it answered."""
    answer = call_single(CONNECTOR.actions[action], ctx, values)
    assert isinstance(answer, Accepted)
    return answer.record


def find(ctx: Context, search: str, **values: Any) -> dict[str, Any] | None:
    answer = call_single(CONNECTOR.actions[search], ctx, values)
    assert answer is None or isinstance(answer, Accepted)
    return None if answer is None else answer.record
