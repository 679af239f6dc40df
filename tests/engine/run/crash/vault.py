"""A drop-in connector for the crash tests: coins go into a vault, and the process may be killed."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime

from engine.sdk import (
    Accepted,
    Connector,
    Context,
    Record,
    Rejected,
    RowResult,
    TypedDict,
    hookimpl,
)

vault = Connector(name="vault", title="The Vault", base_url="https://vault.test")
requests = 0


class Coin(TypedDict):
    number: str
    metal: str


def answered() -> None:
    """Count a request, and die after the one that the environment names."""
    global requests
    requests += 1
    if requests == int(os.environ.get("KILL_AT_REQUEST", "0")):
        os.kill(os.getpid(), signal.SIGKILL)


@vault.trigger("Coin", key="id", cursor="at", sample={"id": 1, "at": "2026-11-24", "metal": "gold"})
def coin(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Start with each of forty coins; every tenth is of lead."""
    for n in range(40):
        metal = "lead" if n % 10 == 3 else "gold"
        yield {"id": n, "at": "2026-11-24T10:00:00+00:00", "metal": metal}


@vault.action("Put a coin in", idempotent=True, sample={"id": "C1"})
def put(ctx: Context, metal: str) -> RowResult:
    """Put one coin in."""
    answer = ctx.http.put(f"/coins/{ctx.key}", json={"metal": metal}).json()
    answered()
    return Rejected("Lead is no coin.") if metal == "lead" else Accepted(answer)


@vault.batch_action("Put coins in", size=5, idempotent=True, sample={"id": "C1"})
def put_many(ctx: Context, rows: list[Coin]) -> list[RowResult]:
    """Put up to five coins in."""
    answer = ctx.http.post("/coins", json=rows, idempotent=True).json()
    answered()
    return [
        Rejected("Lead is no coin.") if row["metal"] == "lead" else Accepted(one)
        for row, one in zip(rows, answer, strict=True)
    ]


@hookimpl
def register_connectors() -> list[Connector]:
    return [vault]
