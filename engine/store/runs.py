"""Runs: asked for, executed, finished; their counters, their log, and the recipe version they ran."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from engine.redaction import redact
from engine.store.database import Store
from engine.store.run import ACTIVE as ACTIVE
from engine.store.run import NOT_READING as NOT_READING
from engine.store.run import Origin as Origin
from engine.store.run import Run as Run
from engine.store.run import RunRequest as RunRequest
from engine.store.run import Status as Status
from engine.store.run import run_of_row as run_of_row
from engine.store.tables import run_log, runs

# Built once, because every chunk uses them.
_BY_ID = select(runs).where(runs.c.id == bindparam("of_run"))
_WISHES = select(runs.c.cancel_requested, runs.c.halt).where(runs.c.id == bindparam("of_run"))
_COUNTED = (
    select(runs.c.read, runs.c.counts, runs.c.messages, runs.c.fixed)
    .where(runs.c.id == bindparam("of_run"))
    .with_for_update()
)
_CHANGE = update(runs).where(runs.c.id == bindparam("of_run"))


# -- writing ---------------------------------------------------------------------------------------


def create_run(
    connection: Connection,
    *,
    recipe: str,
    title: str,
    version_id: int,
    request: RunRequest,
    nouns: Mapping[str, Sequence[str]],
    origin: Origin,
    origin_key: str | None = None,
    parent_id: int | None = None,
    worker: str = "",
) -> int:
    """Ask for a run; it stays ``queued`` until someone executes it.

    :param worker: who alone is to execute it; default: whoever takes it from the queue.
    """
    result = connection.execute(
        insert(runs).values(
            recipe=recipe,
            title=title,
            version_id=version_id,
            origin=origin,
            origin_key=origin_key,
            parent_id=parent_id,
            request={
                "limit": request.limit,
                "full": request.full,
                "retry": None if request.retry is None else list(request.retry),
                "arrived": request.arrived,
                "inbox": request.inbox,
                "release": request.release,
                "triggers": list(request.triggers),
            },
            nouns={key: list(words) for key, words in nouns.items()},
            status="queued",
            worker=worker,
            created_at=datetime.now(UTC),
        )
    )
    return int(cast(Any, result.inserted_primary_key)[0])


def change_run(connection: Connection, run_id: int, **values: Any) -> None:
    connection.execute(_CHANGE, {"of_run": run_id, **values})


def add_counts(
    connection: Connection,
    run_id: int,
    *,
    read: int,
    counts: Mapping[str, int],
    messages: Mapping[str, int],
    fixed: int,
) -> None:
    """Add what became of a chunk to the run's counters; its workers take turns."""
    row = connection.execute(_COUNTED, {"of_run": run_id}).one()
    total = Counter(row.counts)
    total.update(counts)
    change_run(
        connection,
        run_id,
        read=row.read + read,
        counts={outcome: count for outcome, count in total.items() if count},
        messages=dict(Counter(row.messages) + Counter(messages)),
        fixed=row.fixed + fixed,
        deaths=0,  # it got on
    )


def request_cancel(store: Store, run_id: int) -> None:
    """Ask a run to stop after the chunk it is at; what it has settled stays."""
    with store.writing() as connection:
        change_run(connection, run_id, cancel_requested=True)


def log(store: Store, run_id: int, message: str, level: str = "info") -> None:
    """Add a line to what people read on the run's page."""
    with store.writing() as connection:
        add_log(connection, run_id, message, level)


def add_log(connection: Connection, run_id: int, message: str, level: str = "info") -> None:
    connection.execute(
        insert(run_log).values(
            run_id=run_id, at=datetime.now(UTC), level=level, message=redact(message)
        )
    )


# -- reading ---------------------------------------------------------------------------------------


def get_run(store: Store, run_id: int) -> Run | None:
    with store.reading() as connection:
        row = connection.execute(_BY_ID, {"of_run": run_id}).first()
    return None if row is None else run_of_row(row)


def get_runs(store: Store, ids: Collection[int]) -> dict[int, Run]:
    """Return those of the runs that are still known, by id."""
    with store.reading() as connection:
        rows = connection.execute(select(runs).where(runs.c.id.in_(ids)))
        return {row.id: run_of_row(row) for row in rows}


def wishes(store: Store, run_id: int) -> tuple[bool, Mapping[str, str] | None]:
    """Return whether someone asked the run to stop, and why a worker that shares it had to."""
    with store.reading() as connection:
        row = connection.execute(_WISHES, {"of_run": run_id}).one()
    return bool(row.cancel_requested), row.halt


def list_runs(
    store: Store, *, recipe: str | None = None, before: int | None = None, limit: int = 50
) -> list[Run]:
    """Return runs, newest first.

    :param before: only runs older than this id; for paging.
    """
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if recipe is not None:
        query = query.where(runs.c.recipe == recipe)
    if before is not None:
        query = query.where(runs.c.id < before)
    with store.reading() as connection:
        return [run_of_row(row) for row in connection.execute(query)]


def runs_finished(store: Store, since: datetime, until: datetime) -> list[Run]:
    """Return the runs that ended after ``since`` and not after ``until``, oldest first."""
    query = (
        select(runs)
        .where(runs.c.finished_at > since, runs.c.finished_at <= until)
        .order_by(runs.c.id)
    )
    with store.reading() as connection:
        return [run_of_row(row) for row in connection.execute(query)]


def latest_runs(store: Store) -> dict[str, Run]:
    """Return each recipe's newest run that read its trigger, not just tried some records again."""
    newest = _newest().group_by(runs.c.recipe).scalar_subquery()
    with store.reading() as connection:
        rows = connection.execute(select(runs).where(runs.c.id.in_(newest)))
        return {row.recipe: run_of_row(row) for row in rows}


def latest_run(store: Store, recipe: str) -> Run | None:
    """Return a recipe's newest run that read its trigger."""
    newest = _newest().where(runs.c.recipe == recipe).scalar_subquery()
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.id == newest)).first()
    return None if row is None else run_of_row(row)


def _newest() -> Select[tuple[int]]:
    return select(func.max(runs.c.id)).where(runs.c.origin.not_in(NOT_READING))


def active_run(store: Store, recipe: str) -> Run | None:
    """Return the recipe's queued or running run, if there is one."""
    with store.reading() as connection:
        return find_active(connection, recipe)


def active_runs(store: Store) -> dict[str, Run]:
    """Return the queued or running run of each recipe that has one."""
    query = select(runs).where(runs.c.status.in_(ACTIVE)).order_by(runs.c.id.desc())
    with store.reading() as connection:  # of several it is the first that is kept
        return {row.recipe: run_of_row(row) for row in connection.execute(query)}


def find_active(connection: Connection, recipe: str) -> Run | None:
    """Return what :func:`active_run` does, within a transaction."""
    row = connection.execute(
        select(runs)
        .where(runs.c.recipe == recipe, runs.c.status.in_(ACTIVE))
        .order_by(runs.c.id)
        .limit(1)
    ).first()
    return None if row is None else run_of_row(row)


def find_all_active(connection: Connection, recipe: str) -> list[Run]:
    """Return the recipe's active runs: the one that goes on first, then those that wait for it."""
    rows = connection.execute(
        select(runs).where(runs.c.recipe == recipe, runs.c.status.in_(ACTIVE)).order_by(runs.c.id)
    )
    return [run_of_row(row) for row in rows]


def run_of_origin(connection: Connection, origin_key: str) -> int | None:
    """Return the run that was asked for with this key, if it was."""
    return connection.execute(select(runs.c.id).where(runs.c.origin_key == origin_key)).scalar()


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    message: str


def log_lines(store: Store, run_id: int, *, after: int = 0) -> list[tuple[int, LogLine]]:
    """Return the run's log lines with their ids, oldest first.

    :param after: only lines with a larger id; for live pages.
    """
    table = run_log.c
    with store.reading() as connection:
        rows = connection.execute(
            select(run_log).where(table.run_id == run_id, table.id > after).order_by(table.id)
        )
        return [(row.id, LogLine(row.at, row.level, row.message)) for row in rows]
