"""What the tests of the Salesforce connector share: a line to the practice organization."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from engine.calls import call_batch, call_single, read_trigger
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.operations import Accepted, Rejected, RowResult
from plugins.salesforce import connector
from plugins.salesforce.practice import PracticeSalesforce

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
BASE = {"base_url": "http://practice.test"}
BY_CLIO_ID = {"object": "Contact", "external_id_field": "Clio_Id__c"}
Row = dict[str, Any]


class Clock:
    """Seconds since 1970 that move only when told."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@contextmanager
def line_to(
    server: PracticeSalesforce, clock: Clock, log_in: str = "oauth", **more: Any
) -> Iterator[Context]:
    """Open a line to the organization; waits move its clock."""
    settings = {**server.credentials_for(log_in), **BASE, **more}
    connection = new_connection(connector, "salesforce", settings, practice=True)
    with open_session(
        connector,
        connection,
        transport=httpx2.WSGITransport(app=server),
        retry=RetryPolicy(sleep=clock.sleep),
        clock=clock,
    ) as session:
        now = datetime.fromtimestamp(clock(), UTC)
        yield context_for(connector, connection, HttpClient(session), now)


def read(ctx: Context, trigger: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return list(read_trigger(connector.triggers[trigger], ctx, parameters, since))  # type: ignore[arg-type]  # no bad records


def send(ctx: Context, action: str, rows: list[Row], **parameters: Any) -> list[RowResult]:
    """Do a batch action as a run does."""
    found = connector.actions[action]
    ctx = replace(ctx, http=replace(ctx.http, idempotent=found.idempotent))  # type: ignore[type-var]  # ours
    return list(call_batch(found, ctx, parameters, rows))


def do(ctx: Context, action: str, **values: Any) -> Accepted | None:
    done = call_single(connector.actions[action], ctx, values)
    assert not isinstance(done, Rejected)
    return done


def row(id: str, **fields: Any) -> Row:
    return {"external_id": id, "fields": fields}


def codes(results: list[RowResult]) -> list[str]:
    """Return what became of rows, each in a word."""
    return [
        one.code if isinstance(one, Rejected) else "created" if one.created else "updated"
        for one in results
    ]


def asked(server: PracticeSalesforce, end: str) -> list[Row]:
    return [one for one in server.requests if one["path"].endswith(end)]
