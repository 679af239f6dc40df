"""What the tests of the Segment connector share: a line to a practice source, and a way to send."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from engine.calls import call_batch
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.results import RowResult
from engine.store.connections import Connection
from plugins.segment import connector
from plugins.segment.practice.server import WRITE_KEY, PracticeSegment

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
PATIENT = RetryPolicy(sleep=lambda _: None)


def open_source(
    app: Any,
    *,
    region: str = "us",
    transport: httpx2.BaseTransport | None = None,
) -> Context:
    """Return the context of a connection; whoever asks closes its session."""
    connection = Connection(
        name="site",
        connector="segment",
        settings={"region": region},
        secrets={"write_key": WRITE_KEY},
    )
    line = transport or httpx2.WSGITransport(app=app)
    session = open_session(connector, connection, transport=line, retry=PATIENT)
    return Context(http=HttpClient(session, keyed=True), now=NOON, connection=connection.settings)


def send(ctx: Context, operation: str, *rows: dict[str, Any], keys: str = "key") -> list[RowResult]:
    """Send rows; each has a key of its own, the same whenever it is sent with the same ``keys``."""
    given = tuple(f"{keys}-{number}" for number in range(len(rows)))
    context = replace(ctx, idempotency_keys=given)
    return call_batch(connector.actions[operation], context, {}, rows)


def reasons(app: PracticeSegment) -> list[str]:
    return [one["reason"] for one in app.dropped]
