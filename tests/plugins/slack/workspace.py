"""What the tests of the Slack connector share: a line to the practice workspace, and a look into it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from engine.calls import call_find, call_single, read_trigger
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.operations import Accepted
from plugins.slack import connector
from plugins.slack.practice import PracticeSlack

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
Row = dict[str, Any]
Open = Callable[..., Context]

GENERAL, INTAKE, RANDOM = "C0GENERAL1", "C0INTAKE02", "C0RANDOM04"
ADA, GEORGE, GRACE = "U0ADA00001", "U0BO000002", "U0GRACE003"


class Clock:
    """Seconds since 1970 that move only when told, e.g. by waiting."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@contextmanager
def line_to(
    server: PracticeSlack, clock: Clock, log_in: str = "token", **more: Any
) -> Iterator[Context]:
    """Open a line to the workspace; waits move its clock.

    :param more: settings besides the server's own.
    """
    settings = {**server.credentials_for(log_in), "base_url": "http://practice.test", **more}
    connection = new_connection(connector, "slack", settings, practice=True)
    retry = RetryPolicy(sleep=clock.sleep)
    transport = httpx2.WSGITransport(app=server)
    with open_session(
        connector, connection, transport=transport, retry=retry, clock=clock
    ) as session:
        now = datetime.fromtimestamp(clock(), UTC)
        yield context_for(connector, connection, HttpClient(session), now)


def do(ctx: Context, action: str, key: str = "key-1", **values: Any) -> Accepted:
    """Do an action as a run does."""
    done = call_single(connector.actions[action], replace(ctx, idempotency_key=key), values)
    assert isinstance(done, Accepted)
    return done


def find(ctx: Context, action: str, since: datetime, key: str = "key-1", **values: Any) -> Any:
    """Ask whether an action was carried out whose answer was lost."""
    return call_find(connector.actions[action], replace(ctx, idempotency_key=key), values, since)


def look_up(ctx: Context, search: str, **values: Any) -> Row | None:
    found = call_single(connector.actions[search], ctx, values)
    return None if found is None else found.record


def read(ctx: Context, trigger: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    records = read_trigger(connector.triggers[trigger], ctx, parameters, since)
    return list(records)  # type: ignore[arg-type]  # no bad records here


def posted(server: PracticeSlack, channel: str = GENERAL) -> list[Row]:
    return server.workspace.messages.get(channel, [])


def asked(server: PracticeSlack, method: str) -> list[Row]:
    return [one for one in server.requests if one["path"] == f"/api/{method}"]
