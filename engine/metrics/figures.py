"""What the database says of how things stand, as one scrape reads it: so all workers are in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from engine.store.connections import Connection as Account
from engine.store.database import Store
from engine.store.ledger import open_counts
from engine.store.runs import ACTIVE
from engine.store.schedules import Planned, planned
from engine.store.switches import paused_recipes, switches
from engine.store.tables import (
    connections,
    deliveries,
    hooks,
    notice_deliveries,
    outbox,
    questions,
    runs,
    workers,
)
from engine.store.waits import waiting_counts

#: What "lately" means for runs and records, and for webhooks.
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: Runs or deliveries read at once, and the most that are looked at.
PAGE, MOST = 1000, 50_000


@dataclass
class RecentRuns:
    """Runs of a day that have ended.

    :ivar runs: by recipe and status.
    :ivar records: by recipe and outcome.
    :ivar longest: seconds of the longest, by recipe.
    """

    runs: Counter[tuple[str, str]]
    records: Counter[tuple[str, str]]
    longest: dict[str, float]


@dataclass(frozen=True)
class Figures:
    """How things stand.

    :param queued: when each run was asked for that waits; ``running``: when each began.
    :param last_ends: when the last run ended, by recipe and status.
    :param webhooks: seconds from delivery to the end of the run that settled it, by recipe.
    :param undelivered: by recipe, when what waits in its inbox came.
    """

    now: datetime
    workers: int
    queued: Sequence[datetime]
    running: Sequence[datetime]
    recent: RecentRuns
    last_ends: Mapping[tuple[str, str], datetime]
    switches: Mapping[str, bool]
    paused: Mapping[str, str]
    schedules: Mapping[str, Planned]
    problems: Mapping[str, int]
    waits: Mapping[str, tuple[int, datetime]]
    questions: int
    accounts: Sequence[Account]
    webhooks: Mapping[str, Sequence[float]]
    undelivered: Mapping[str, tuple[int, datetime]]
    outbox: tuple[int, datetime | None]
    notices: tuple[int, datetime | None]


def read_figures(store: Store, now: datetime) -> Figures:
    """Read all of them: a few queries; that for the last ends grows with the runs that are kept."""
    with store.reading() as connection:
        active = connection.execute(
            select(runs.c.status, runs.c.created_at, runs.c.started_at).where(
                runs.c.status.in_(ACTIVE)
            )
        ).all()
        mine: dict[str, Any] = {
            "workers": _count(connection, workers, workers.c.serves),
            "queued": [row.created_at for row in active if row.status == "queued"],
            "running": [row.started_at or now for row in active if row.status == "running"],
            "recent": _recent(connection, now - DAY),
            "last_ends": _last_ends(connection),
            "questions": _count(connection, questions, questions.c.state == "open"),
            "accounts": _accounts(connection),
            "webhooks": _webhooks(connection, now - HOUR),
            "undelivered": _undelivered(connection),
            "outbox": _waiting(connection, outbox.c.created_at),
            "notices": _waiting(connection, notice_deliveries.c.due_at),
        }
    return Figures(
        now=now,
        switches=switches(store),
        paused=paused_recipes(store),
        schedules=planned(store),
        problems=open_counts(store),
        waits=waiting_counts(store),
        **mine,
    )


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(condition)
    return connection.execute(query).scalar_one()


def _waiting(connection: Connection, since: Column[Any]) -> tuple[int, datetime | None]:
    query = select(func.count(since), func.min(since))
    count, oldest = connection.execute(query).one()
    return count, oldest


def _recent(connection: Connection, since: datetime) -> RecentRuns:
    """Read the runs of a day, newest first, since no index finds them by their time."""
    found = RecentRuns(Counter(), Counter(), {})
    columns = (
        "id",
        "recipe",
        "status",
        "counts",
        "messages",
        "created_at",
        "started_at",
        "finished_at",
    )
    query = select(*(runs.c[name] for name in columns)).order_by(runs.c.id.desc()).limit(PAGE)
    before: int | None = None
    for _ in range(MOST // PAGE):
        rows = connection.execute(query if before is None else query.where(runs.c.id < before))
        page = rows.all()
        for row in page:
            if row.finished_at is None or row.finished_at < since:
                continue
            found.runs[row.recipe, row.status] += 1
            found.records.update({(row.recipe, name): n for name, n in row.counts.items()})
            found.records.subtract({(row.recipe, name): n for name, n in row.messages.items()})
            took = (row.finished_at - (row.started_at or row.finished_at)).total_seconds()
            found.longest[row.recipe] = max(took, found.longest.get(row.recipe, 0.0))
        if len(page) < PAGE or page[-1].created_at < since:
            break
        before = page[-1].id
    return found


def _last_ends(connection: Connection) -> dict[tuple[str, str], datetime]:
    query = (
        select(runs.c.recipe, runs.c.status, func.max(runs.c.finished_at).label("at"))
        .where(runs.c.finished_at.is_not(None))
        .group_by(runs.c.recipe, runs.c.status)
    )
    return {(row.recipe, row.status): row.at for row in connection.execute(query)}


def _accounts(connection: Connection) -> list[Account]:
    """Read the connections without their secrets."""
    names = (
        "name",
        "connector",
        "practice",
        "problem",
        "problem_code",
        "broken_since",
        "checked_at",
    )
    rows = connection.execute(select(*(connections.c[name] for name in names)))
    return [Account(**row._mapping) for row in rows]


def _webhooks(connection: Connection, since: datetime) -> dict[str, list[float]]:
    query = (
        select(hooks.c.recipe, deliveries.c.received_at, runs.c.finished_at)
        .join(hooks, hooks.c.id == deliveries.c.hook_id)
        .join(runs, runs.c.id == deliveries.c.run_id)
        .where(deliveries.c.received_at >= since, runs.c.finished_at.is_not(None))
        .limit(MOST)
    )
    found: dict[str, list[float]] = {}
    for row in connection.execute(query):
        # A delivery of the first second may be older than the run by another computer's clock.
        took = max(0.0, (row.finished_at - row.received_at).total_seconds())
        found.setdefault(row.recipe, []).append(took)
    return found


def _undelivered(connection: Connection) -> dict[str, tuple[int, datetime]]:
    query = (
        select(hooks.c.recipe, func.count(), func.min(deliveries.c.received_at))
        .join(hooks, hooks.c.id == deliveries.c.hook_id)
        .where(deliveries.c.state == "waiting")
        .group_by(hooks.c.recipe)
    )
    return {recipe: (count, oldest) for recipe, count, oldest in connection.execute(query)}
