"""What the tests of the Salesforce connector share: a line to the practice organization."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from engine.calls import call_batch, call_single
from engine.context import Context
from engine.results import Accepted, Rejected, RowResult
from plugins.salesforce import connector
from plugins.salesforce.practice import PracticeSalesforce
from tests.plugins import line
from tests.plugins.line import Row

BASE = {"base_url": "http://practice.test"}
BY_CLIO_ID = {"object": "Contact", "external_id_field": "Clio_Id__c"}


line_to = partial(line.line_to, connector)


def read(ctx: Context, trigger: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return line.records(connector.triggers[trigger], ctx, since, **parameters)


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
