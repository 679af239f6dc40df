"""What the tests of connectors share: a clock, and a line to a practice server as a run opens it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2

from engine.calls import read_trigger
from engine.connector import Connector
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.operations import Trigger
from engine.practice.server import PracticeServer

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
Row = dict[str, Any]


class Clock:
    """Seconds since 1970 that move only when told, e.g. by waiting."""

    def __init__(self, now: float = NOON.timestamp()) -> None:
        self.now = now
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@contextmanager
def line_to(
    connector: Connector, server: PracticeServer, clock: Clock, log_in: str, **more: Any
) -> Iterator[Context]:
    """Open a line to a practice server; waits move its clock.

    :param more: settings besides the server's own.
    """
    settings = {**server.credentials_for(log_in), "base_url": "http://practice.test", **more}
    connection = new_connection(connector, connector.name, settings, practice=True)
    with open_session(
        connector,
        connection,
        transport=httpx2.WSGITransport(app=server),
        retry=RetryPolicy(sleep=clock.sleep),
        clock=clock,
    ) as session:
        yield context_for(connector, connection, HttpClient(session), clock.moment)


def records(
    trigger: Trigger, ctx: Context, since: datetime | None = None, **parameters: Any
) -> list[Row]:
    return list(read_trigger(trigger, ctx, parameters, since))  # type: ignore[arg-type]  # no bad records here
