"""Deliveries as a run reads them: they wait until the transaction that settles their records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from engine import redaction
from engine.fields import Record
from engine.store.database import Store
from engine.store.tables import deliveries, hooks


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing to be read by a run: a record's key, or the record itself."""

    id: int
    key: str | None
    record: Record | None = field(repr=False)


@dataclass(frozen=True)
class Box:
    """A webhook for which deliveries wait.

    :param trigger: ``connector.trigger``.
    """

    hook_id: int
    recipe: str
    connection: str
    trigger: str


def full_boxes(store: Store) -> list[Box]:
    """Return the webhooks for which deliveries wait."""
    table = hooks.c
    query = select(table.id, table.recipe, table.connection, table.trigger)
    query = query.join(deliveries, deliveries.c.hook_id == table.id)
    query = query.where(deliveries.c.state == "waiting").distinct().order_by(table.id)
    with store.reading() as connection:
        return [Box(*row) for row in connection.execute(query)]


def newest_waiting(store: Store, hook_ids: Sequence[int]) -> int:
    """Return the id of the newest delivery that waits for these webhooks; 0 where none does."""
    table = deliveries.c
    query = select(func.max(table.id)).where(_waiting_for(hook_ids))
    with store.reading() as connection:
        return connection.execute(query).scalar() or 0


def take_waiting(
    store: Store, hook_ids: Sequence[int], *, after: int, upto: int, limit: int
) -> list[Waiting]:
    """Return waiting deliveries in the order they came, and count that a run took them.

    They keep waiting until :func:`settle_deliveries`: after a crash they are simply taken again.
    """
    table = deliveries.c
    query = (
        select(table.id, table.record_key, table.payload)
        .where(_waiting_for(hook_ids), table.id > after, table.id <= upto)
        .order_by(table.id)
        .limit(limit)
    )
    with store.writing() as connection:
        rows = list(connection.execute(query))
        if rows:
            connection.execute(
                update(deliveries)
                .where(table.id.in_([row.id for row in rows]))
                .values(attempts=table.attempts + 1)
            )
    return [
        Waiting(
            id=row.id,
            key=row.record_key,
            record=None if row.payload is None else store.vault.open(row.payload),
        )
        for row in rows
    ]


def set_aside(store: Store, ids: Sequence[int], problem: str) -> None:
    """Mark deliveries whose record can't be read, so that they don't hold up the others."""
    with store.writing() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids), deliveries.c.state == "waiting")
            .values(state="unreadable", problem=redaction.redact(problem))
        )


def settle_deliveries(
    connection: Connection, run_id: int, outcomes: Mapping[str, Sequence[int]]
) -> None:
    """Mark deliveries as done, within the transaction that settles their records.

    :param outcomes: ids of deliveries by what became of their records.
    """
    for outcome, ids in outcomes.items():
        if ids:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(ids), deliveries.c.state == "waiting")
                .values(state="done", run_id=run_id, outcome=outcome, problem="")
            )


def ignore_waiting(store: Store, hook_id: int) -> int:
    """Leave out what still waits for a webhook; return how many that were."""
    with store.writing() as connection:
        found = connection.execute(
            update(deliveries).where(_waiting_for([hook_id])).values(state="ignored")
        )
        return found.rowcount


def _waiting_for(hook_ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(deliveries.c.hook_id.in_(hook_ids), deliveries.c.state == "waiting")
