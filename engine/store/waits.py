"""Waits: which record waits at which place of a recipe, until when, and which have waited enough.

A wait is open until its time has come and a run took the record on; then it is over, and the row
stays, so that a record which comes again waits no second time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from engine.store.answers import PATIENCE
from engine.store.bulk import among
from engine.store.database import Store, upsert
from engine.store.tables import waits

State = Literal["open", "held", "over"]

table = waits.c
#: Records that one run takes on, at most; the others come after them.
AT_ONCE = 5000

_OWN = ("step", "record_key", "part", "state", "since", "due_at", "first_round", "round")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A record, or a part of one, at a step that lets it wait.

    :param record_key: the record's.
    :param part: the key of an entry of a list; empty where the record itself waits.
    :param since: when it first came to the step.
    :param first_round: of steps that are repeated: the number of the first round that counts.
    :param round: the round to go on with.
    """

    step: str
    record_key: str
    part: str
    state: State
    since: datetime
    due_at: datetime
    first_round: int = 0
    round: int = 0

    @property
    def place(self) -> tuple[str, str, str]:
        return self.step, self.record_key, self.part


# -- for a run -------------------------------------------------------------------------------------


def known_waits(
    store: Store, recipe: str, step: str, keys: Sequence[str]
) -> dict[tuple[str, str], Wait]:
    """Return what these records waited for at a step, by key and part."""
    query = select(*(table[name] for name in _OWN)).where(
        table.recipe == recipe, table.step == step, among(table.record_key, "keys")
    )
    with store.reading() as connection:
        rows = connection.execute(query, {"keys": list(keys)})
        return {(row.record_key, row.part): Wait(**row._mapping) for row in rows}


def anything_waits(connection: Connection, recipe: str) -> bool:
    query = select(table.step).where(table.recipe == recipe, table.state != "over").limit(1)
    return connection.execute(query).first() is not None


def pending(connection: Connection, recipe: str, keys: Sequence[str]) -> list[Wait]:
    """Return the waits of these records that are not over."""
    query = select(*(table[name] for name in _OWN)).where(
        table.recipe == recipe, table.state != "over", among(table.record_key, "keys")
    )
    return [Wait(**row._mapping) for row in connection.execute(query, {"keys": list(keys)})]


def put(connection: Connection, recipe: str, run_id: int, found: Iterable[Wait]) -> None:
    """Write waits down as they are now."""
    blank = {"recipe": recipe, "run_id": run_id, "tries": 0, "try_at": None}
    rows = {wait.place: {**blank, **asdict(wait)} for wait in found}
    changes = ["state", "since", "due_at", "first_round", "round", "run_id", "tries", "try_at"]
    upsert(connection, waits, list(rows.values()), update=changes)


def forget(connection: Connection, recipe: str, places: Iterable[tuple[str, str, str]]) -> None:
    """Delete waits of records whose way leads elsewhere."""
    gone = [{"at": step, "of": key, "in_it": part} for step, key, part in places]
    if gone:
        connection.execute(
            delete(waits).where(
                table.recipe == recipe,
                table.step == bindparam("at"),
                table.record_key == bindparam("of"),
                table.part == bindparam("in_it"),
            ),
            gone,
        )


# -- for whoever wakes -----------------------------------------------------------------------------


def due_records(store: Store, recipe: str, now: datetime) -> list[str]:
    """Return the records of a recipe that may go on, those first that have waited longest."""
    query = (
        select(table.record_key)
        .where(table.recipe == recipe, *_due(now))
        .order_by(table.due_at, table.record_key)
    )
    with store.reading() as connection:
        return list(dict.fromkeys(connection.execute(query).scalars()))


def to_wake(store: Store, now: datetime) -> dict[str, int]:
    """Return the recipes with records that may go on, each with the run that wrote one of them."""
    query = (
        select(table.recipe, table.run_id)
        .where(*_due(now), or_(table.try_at.is_(None), table.try_at <= now))
        .order_by(table.recipe, table.run_id)
    )
    with store.reading() as connection:
        return {row.recipe: row.run_id for row in connection.execute(query)}


def note_try(store: Store, recipe: str, keys: Collection[str], now: datetime) -> None:
    """Note that a run was asked for: it is not asked for again at once, should it fail."""
    mine = and_(table.recipe == recipe, *_due(now), among(table.record_key, "keys"))
    given = {"keys": list(keys)}
    with store.writing() as connection:
        counts = connection.execute(select(table.tries).where(mine).distinct(), given).scalars()
        for tries in sorted(counts, reverse=True):
            patience = PATIENCE[min(tries, len(PATIENCE) - 1)]
            connection.execute(
                update(waits)
                .where(mine, table.tries == tries)
                .values(tries=tries + 1, try_at=now + patience),
                given,
            )


def forget_records(store: Store, recipe: str, keys: Collection[str], now: datetime) -> None:
    """Delete what is due of records that are settled, and so wait for nothing."""
    mine = and_(table.recipe == recipe, *_due(now), among(table.record_key, "keys"))
    with store.writing() as connection:
        connection.execute(delete(waits).where(mine), {"keys": list(keys)})


def waiting_counts(store: Store) -> dict[str, tuple[int, datetime]]:
    """Return how many records of each recipe wait, and when the first of them goes on."""
    query = (
        select(table.recipe, func.count(table.record_key.distinct()), func.min(table.due_at))
        .where(table.state == "open")
        .group_by(table.recipe)
    )
    with store.reading() as connection:
        return {recipe: (count, due) for recipe, count, due in connection.execute(query)}


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return table.state == "open", table.due_at <= now
