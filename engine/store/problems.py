"""Open problems: the records that still need attention, whichever run met them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from engine.store.bulk import among
from engine.store.database import Store
from engine.store.ledger import CAUSE, NEEDS_ATTENTION, Cause, Entry, cause_of, entry_of, has_cause
from engine.store.tables import ledger, open_problems, runs

#: Far fewer than a statement may have parameters.
_IDS_AT_ONCE = 5_000

_JOINED = open_problems.join(
    ledger,
    and_(
        ledger.c.run_id == open_problems.c.run_id,
        ledger.c.record_key == open_problems.c.record_key,
        ledger.c.outcome == open_problems.c.outcome,  # not that of another record with its key
    ),
)


@dataclass(frozen=True)
class OpenCause:
    """Records of one recipe that are still open for the same reason.

    :param run_id: the newest run that met one of them.
    """

    recipe: str
    run_id: int
    cause: Cause


@dataclass(frozen=True)
class OpenEntry:
    """A record that is still open, as the run that met it last wrote it down."""

    run_id: int
    entry: Entry


def open_causes(store: Store, recipe: str | None = None) -> list[OpenCause]:
    """Return what is wrong across all runs, the most frequent first."""
    query = (
        select(
            open_problems.c.recipe,
            func.max(open_problems.c.run_id).label("run_id"),
            func.min(ledger.c.id).label("id"),
            func.count().label("records"),
            func.min(ledger.c.title).label("first"),
            func.max(ledger.c.title).label("last"),
            *CAUSE,
        )
        .select_from(_JOINED)
        .group_by(open_problems.c.recipe, *CAUSE)
        .order_by(func.count().desc(), func.min(ledger.c.id))
    )
    if recipe is not None:
        query = query.where(open_problems.c.recipe == recipe)
    with store.reading() as connection:
        return [
            OpenCause(row.recipe, row.run_id, cause_of(row)) for row in connection.execute(query)
        ]


def open_entries(
    store: Store,
    recipe: str,
    *,
    cause_id: int | None = None,
    keys: Sequence[str] = (),
    after: int = 0,
    limit: int | None = None,
) -> list[OpenEntry]:
    """Return the recipe's open records, newest run first.

    :param cause_id: only those with the cause that this ledger row has.
    :param keys: only these records.
    :param after: skip this many; for paging.
    """
    query = _open(select(ledger), recipe, cause_id)
    if keys:
        query = query.where(among(open_problems.c.record_key, "keys"))
    query = query.order_by(ledger.c.run_id.desc(), ledger.c.id).offset(after)
    if limit is not None:
        query = query.limit(limit)
    with store.reading() as connection:
        found = connection.execute(query, {"keys": list(keys)} if keys else {})
        return [OpenEntry(row.run_id, entry_of(row)) for row in found]


def count_open(store: Store, recipe: str, *, cause_id: int | None = None) -> int:
    """Return how many records :func:`open_entries` would list without a limit."""
    query = _open(select(func.count()), recipe, cause_id)
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def keys_of(store: Store, ids: Sequence[int]) -> list[str]:
    """Return the keys of the records that these rows of the ledger are about."""
    found: list[str] = []
    with store.reading() as connection:
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            found += connection.execute(
                select(ledger.c.record_key).where(ledger.c.id.in_(some))
            ).scalars()
    return found


def still_open(store: Store, recipe: str, keys: Collection[str]) -> frozenset[str]:
    """Return which of these records still need attention."""
    query = select(open_problems.c.record_key).where(
        open_problems.c.recipe == recipe, among(open_problems.c.record_key, "keys")
    )
    with store.reading() as connection:
        return frozenset(connection.execute(query, {"keys": list(keys)}).scalars())


def open_per_cause(store: Store, run_id: int) -> dict[int, int]:
    """Return how many records of each of the run's causes are still open, by the cause's id."""
    query = (
        select(func.min(ledger.c.id), func.count(open_problems.c.record_key))
        .select_from(
            ledger.join(runs, runs.c.id == ledger.c.run_id).outerjoin(
                open_problems,
                and_(
                    open_problems.c.recipe == runs.c.recipe,
                    open_problems.c.record_key == ledger.c.record_key,
                ),
            )
        )
        .where(ledger.c.run_id == run_id, ledger.c.outcome.in_(NEEDS_ATTENTION))
        .group_by(*CAUSE)
    )
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _open(query: Select[Any], recipe: str, cause_id: int | None) -> Select[Any]:
    query = query.select_from(_JOINED).where(open_problems.c.recipe == recipe)
    return query if cause_id is None else query.where(has_cause(cause_id))


def keys_to_mend(
    store: Store, recipe: str, *, failed_before: datetime, rejected_before: datetime, limit: int
) -> list[str]:
    """Return records that are open and were last tried before these moments, by their outcome.

    Those that only a person can decide are not among them.
    """
    table, last = open_problems.c, runs.c.finished_at
    query = (
        select(table.record_key)
        .join(runs, runs.c.id == table.run_id)
        .where(table.recipe == recipe)
        .where(
            or_(
                and_(table.outcome == "failed", last < failed_before),
                and_(table.outcome == "rejected", last < rejected_before),
            )
        )
        .order_by(table.record_key)
        .limit(limit)
    )
    with store.reading() as connection:
        return list(connection.execute(query).scalars())
