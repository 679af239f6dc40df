"""What webhooks delivered: stored as it comes, listed for people, sent through again, forgotten.

A delivery is stored before its sender is answered, at the price of one flush to the disk: the
sender will not send it again, so it must outlive even a power cut.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, and_, delete, func, or_, select, update

from engine import redaction
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION
from engine.store.letterbox import insert_deliveries, letterbox, to_the_disk
from engine.store.tables import deliveries, hooks
from engine.store.tokens import digest_of
from engine.webhooks import Delivery

State = Literal["waiting", "done", "ignored", "unreadable"]

#: A longer id is told apart by its hash.
LONGEST_ID = 200

_INBOX = deliveries.join(hooks, hooks.c.id == deliveries.c.hook_id)
#: What a person may want to send through again in one go.
_FAILED = or_(
    deliveries.c.state == "unreadable",
    and_(deliveries.c.state == "done", deliveries.c.outcome.in_(NEEDS_ATTENTION)),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One delivery as pages show it.

    :param attempts: runs that took it.
    :param run_id: the run that settled it.
    :param outcome: what became of its record there.
    """

    id: int
    recipe: str
    connection: str
    delivery_id: str
    event: str
    key: str
    state: State
    received_at: datetime
    attempts: int
    run_id: int | None
    outcome: str | None
    problem: str

    @property
    def failed(self) -> bool:
        return self.state == "unreadable" or self.outcome in NEEDS_ATTENTION


# -- coming in -------------------------------------------------------------------------------------


def add_deliveries(store: Store, hook_id: int, delivered: Sequence[Delivery], now: datetime) -> int:
    """Store deliveries, each id once for ever; return how many are new.

    When it returns they are on the disk.
    """
    return _add(store, _rows(store, hook_id, delivered, now))


def _rows(
    store: Store, hook_id: int, delivered: Sequence[Delivery], now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "hook_id": hook_id,
            "delivery_id": stored_id(one.id),
            "event": _clean(one.event)[:100],
            "record_key": None if one.key is None else _clean(one.key)[:300],
            "payload": None if one.record is None else store.vault.seal(one.record),
            "state": "waiting",
            "received_at": now,
        }
        for one in delivered
    ]


def add_unreadable(
    store: Store, hook_id: int, request: Mapping[str, Any], problem: str, now: datetime
) -> int:
    """Store a genuine request that its connector could not read, to be read again later."""
    sealed = store.vault.seal(request)
    digest = hashlib.sha256(str(request).encode("utf-8", "replace")).hexdigest()
    row = {
        "hook_id": hook_id,
        "delivery_id": f"unreadable-{digest}",
        "payload": sealed,
        "raw": True,
        "state": "unreadable",
        "problem": redaction.redact(problem),
        "received_at": now,
    }
    return _add(store, [row])


# -- for people ------------------------------------------------------------------------------------


def list_deliveries(
    store: Store,
    *,
    recipe: str | None = None,
    failed: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return deliveries, newest first.

    :param failed: only those that could not be read or whose record needs attention.
    :param before: only older ones than this id; for paging.
    """
    table = deliveries.c
    query = (
        select(deliveries, hooks.c.recipe, hooks.c.connection)
        .select_from(_INBOX)
        .order_by(table.id.desc())
        .limit(limit)
    )
    query = _narrowed(query, recipe, failed)
    if before is not None:
        query = query.where(table.id < before)
    with store.reading() as connection:
        return [
            Entry(
                id=row.id,
                recipe=row.recipe,
                connection=row.connection,
                delivery_id=row.delivery_id,
                event=row.event,
                key=row.record_key or "",
                state=row.state,
                received_at=row.received_at,
                attempts=row.attempts,
                run_id=row.run_id,
                outcome=row.outcome,
                problem=row.problem,
            )
            for row in connection.execute(query)
        ]


def count_deliveries(store: Store, *, recipe: str | None = None) -> dict[str, int]:
    """Return how many deliveries there are in each state, and how many ``failed``."""
    table = deliveries.c
    by_state = select(table.state, func.count()).select_from(_INBOX).group_by(table.state)
    failed = select(func.count()).select_from(_INBOX)
    with store.reading() as connection:
        rows = connection.execute(_narrowed(by_state, recipe, False))
        counts = {str(row[0]): int(row[1]) for row in rows}
        counts["failed"] = connection.execute(_narrowed(failed, recipe, True)).scalar_one()
    return counts


def send_again(
    store: Store, *, ids: Sequence[int] = (), recipe: str | None = None, failed: bool = False
) -> int:
    """Let deliveries wait for a run once more; return how many do.

    Requests that their connector could not read are another matter: see :func:`raw_requests`.

    :param ids: these ones; else all ``failed`` ones, of one recipe or of all.
    """
    table = deliveries.c
    which = (
        select(table.id).select_from(_INBOX).where(table.state != "waiting", table.raw.is_(False))
    )
    which = which.where(table.id.in_(ids)) if ids else _narrowed(which, recipe, failed)
    with store.writing() as connection:
        found = connection.execute(
            update(deliveries)
            .where(table.id.in_(which.scalar_subquery()))
            .values(state="waiting", run_id=None, outcome=None, problem="")
        )
        return found.rowcount


@dataclass(frozen=True)
class RawRequest:
    """A request that its connector could not read."""

    id: int
    hook_id: int
    request: Mapping[str, Any] = field(repr=False)


def raw_requests(
    store: Store, *, ids: Sequence[int] = (), recipe: str | None = None
) -> list[RawRequest]:
    """Return the requests that could not be read: these ones, or all of a recipe."""
    table = deliveries.c
    query = select(table.id, table.hook_id, table.payload).select_from(_INBOX)
    query = query.where(table.raw).order_by(table.id)
    if ids:
        query = query.where(table.id.in_(ids))
    else:
        query = _narrowed(query, recipe, False).where(table.state == "unreadable")
    with store.reading() as connection:
        rows = connection.execute(query)
        return [RawRequest(row.id, row.hook_id, store.vault.open(row.payload)) for row in rows]


def replace_raw(store: Store, raw: RawRequest, delivered: Sequence[Delivery], now: datetime) -> int:
    """Store what a request delivers, now that it can be read; return how many are new."""
    rows = _rows(store, raw.hook_id, delivered, now)
    with to_the_disk(store) as connection:
        connection.execute(delete(deliveries).where(deliveries.c.id == raw.id))
        return insert_deliveries(connection, rows)


def ignore_delivery(store: Store, delivery_id: int) -> bool:
    """Leave a waiting or unreadable delivery out; return whether it was one."""
    table = deliveries.c
    with store.writing() as connection:
        found = connection.execute(
            update(deliveries)
            .where(table.id == delivery_id, table.state.in_(("waiting", "unreadable")))
            .values(state="ignored")
        )
        return found.rowcount == 1


def forget_deliveries(store: Store, before: datetime) -> int:
    """Delete what was received before ``before`` and waits no longer; return how many."""
    with store.writing() as connection:
        gone = connection.execute(
            delete(deliveries).where(
                deliveries.c.received_at < before, deliveries.c.state != "waiting"
            )
        )
        return gone.rowcount


def _narrowed(query: Select[Any], recipe: str | None, failed: bool) -> Select[Any]:
    if recipe is not None:
        query = query.where(hooks.c.recipe == recipe)
    return query.where(_FAILED) if failed else query


def _add(store: Store, rows: Sequence[dict[str, Any]]) -> int:
    return letterbox(store).put(store, rows) if rows else 0


def stored_id(id: str) -> str:
    """Return a sender's id of a delivery as it is stored: a long one by its hash."""
    clean = _clean(id)
    if len(clean) <= LONGEST_ID:
        return clean
    return f"sha256-{digest_of(clean)}"


def _clean(text: str) -> str:
    """Return text as databases take it: without NULs and halves of UTF-16 pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
