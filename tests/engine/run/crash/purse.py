"""A drop-in connector for the crash tests: coins go into a purse, and each sending adds one."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime

from engine.sdk import Accepted, Connector, Context, Record, RowResult, TypedDict, hookimpl

purse = Connector(name="purse", title="The Purse", base_url="https://purse.test")
requests = 0


class Coin(TypedDict):
    number: str


def answered() -> None:
    """Count a sending, and die after the one that the environment names."""
    global requests
    requests += 1
    if requests == int(os.environ.get("KILL_AT_REQUEST", "0")):
        os.kill(os.getpid(), signal.SIGKILL)


@purse.trigger("Coin", key="id", cursor="at", sample={"id": 1, "at": "2026-11-24"})
def coin(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Start with each of forty coins."""
    for n in range(40):
        yield {"id": n, "at": "2026-11-24T10:00:00+00:00"}


def look(ctx: Context, number: str, since: datetime) -> Record | None:
    assert since.tzinfo is not None
    found = ctx.http.get("/coins", params={"number": number}).json()
    return found[0] if found else None


def put_one(ctx: Context, number: str) -> Record:
    headers = {"Idempotency-Key": ctx.idempotency_key}
    answer: Record = ctx.http.post("/coins", json={"number": number}, headers=headers).json()
    answered()
    return answer


@purse.action("Drop a coin in", find=look, sample={"id": "C1"})
def drop(ctx: Context, number: str) -> Record:
    """Drop a coin in; the purse can be asked."""
    return put_one(ctx, number)


@purse.action("Drop a coin in, blindly", sample={"id": "C1"})
def drop_blindly(ctx: Context, number: str) -> Record:
    """Drop a coin in; the purse can't be asked."""
    return put_one(ctx, number)


@purse.action("Drop a marked coin in", idempotency_key=True, sample={"id": "C1"})
def drop_marked(ctx: Context, number: str) -> Record:
    """Drop a coin in; the purse knows a marked one again."""
    return put_one(ctx, number)


@purse.batch_action("Pour coins in", size=5, find=look, sample={"id": "C1"})
def pour(ctx: Context, rows: list[Coin]) -> list[RowResult]:
    """Pour up to five coins in; the purse can be asked."""
    assert len(set(ctx.idempotency_keys)) == len(rows)
    answers = ctx.http.post("/coins/many", json=rows).json()
    answered()
    return [Accepted(answer) for answer in answers]


@hookimpl
def register_connectors() -> list[Connector]:
    return [purse]
