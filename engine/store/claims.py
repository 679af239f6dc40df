"""Which worker executes which run: claimed by one, put back for another."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, not_, select, update

from engine.store.database import Store
from engine.store.runs import ACTIVE, Run, run_of_row
from engine.store.tables import runs


def claim_run(store: Store, run_id: int, worker: str, now: datetime) -> bool:
    """Take a run that nobody executes; return False where another has it, or it has ended.

    Runs of one recipe go on one after another: it stays where it is while an earlier one is active.
    """
    table = runs.c
    with store.writing() as connection:
        taken = connection.execute(
            update(runs)
            .where(table.id == run_id, table.status.in_(ACTIVE), table.worker.in_(("", worker)))
            .where(_its_turn())
            .values(
                status="running", worker=worker, started_at=func.coalesce(table.started_at, now)
            )
        )
        return taken.rowcount == 1


def put_back(store: Store, run_id: int, worker: str, *, died: bool = False) -> None:
    """Put a run back on the queue; nothing where it ended meanwhile or is another worker's.

    :param worker: who has it; empty: nobody, and it is handed out anew.
    :param died: who executed it failed at it.
    """
    with store.writing() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.worker == worker, runs.c.status.in_(ACTIVE))
            .values(
                status="queued",
                worker="",
                attempts=runs.c.attempts + 1,
                deaths=runs.c.deaths + int(died),
            )
        )


def give_up(
    store: Store, run_id: int, worker: str, now: datetime, *, message: str, hint: str
) -> None:
    """Close a dead worker's run as failed; nothing where another took it up meanwhile."""
    with store.writing() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.worker == worker, runs.c.status.in_(ACTIVE))
            .values(status="failed", finished_at=now, message=message, hint=hint)
        )


def end_waiting(
    connection: Connection, run_id: int, now: datetime, *, message: str, hint: str
) -> bool:
    """End a run that nobody has begun; return False where somebody has."""
    ended = connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.status == "queued", runs.c.started_at.is_(None))
        .values(status="cancelled", finished_at=now, message=message, hint=hint)
    )
    return ended.rowcount == 1


def waiting_runs(store: Store) -> list[Run]:
    """Return the runs on the queue whose turn it is, oldest first."""
    free = (runs.c.status == "queued", runs.c.worker == "", _its_turn())
    query = select(runs).where(*free).order_by(runs.c.id)
    with store.reading() as connection:
        return [run_of_row(row) for row in connection.execute(query)]


def _its_turn() -> ColumnElement[bool]:
    """No run of the same recipe that was asked for earlier is active.

    One that has ended never becomes active again, and ids of a recipe's runs are given in turns:
    so what held when this was looked at holds afterwards.
    """
    earlier = runs.alias()
    return not_(
        select(earlier.c.id)
        .where(
            earlier.c.recipe == runs.c.recipe,
            earlier.c.id < runs.c.id,
            earlier.c.status.in_(ACTIVE),
        )
        .correlate(runs)
        .exists()
    )


def is_its_turn(store: Store, run_id: int) -> bool:
    """Return whether no earlier run of the same recipe is active."""
    with store.reading() as connection:
        query = select(runs.c.id).where(runs.c.id == run_id, _its_turn())
        return connection.execute(query).first() is not None


def runs_of(store: Store, worker: str) -> list[int]:
    """Return the runs that a worker is at."""
    query = select(runs.c.id).where(runs.c.worker == worker, runs.c.status == "running")
    with store.reading() as connection:
        return list(connection.execute(query).scalars())
