"""When each recipe runs next by itself, and why it did not the last time.

Any process may look after a tick. Whoever does moves the row on from the tick it saw, so that of
several only one leaves its word; that a tick has one run is seen to by the run's ``origin_key``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Row

from engine.redaction import redact
from engine.store.database import Store, upsert
from engine.store.tables import recipe_schedules as table


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is planned for one recipe that runs by the clock.

    :param words: the schedule, as the recipe wrote it when this was planned; so the two below.
    :param tick_at: the next time by the schedule; None where none will come.
    :param next_at: when that is looked after.
    :param last_tick_at: the last time by the schedule, whether it ran or not.
    :param note: why the last tick was late or left out; empty where it ran as it should.
    :param run_id: the run that the last tick started, while its end was not looked at.
    :param failures: how many scheduled runs failed in a row.
    :param failing_since: when the first of them began.
    :param backed_off_until: no run is started by the clock before.
    :param waits_for: connections that were broken when the last run failed.
    """

    recipe: str
    words: str
    timezone: str
    jitter: timedelta
    tick_at: datetime | None = None
    next_at: datetime | None = None
    last_tick_at: datetime | None = None
    note: str = ""
    noted_at: datetime | None = None
    run_id: int | None = None
    failures: int = 0
    failing_since: datetime | None = None
    backed_off_until: datetime | None = None
    waits_for: tuple[str, ...] = ()


def planned(store: Store) -> dict[str, Planned]:
    """Return what is planned, by recipe."""
    with store.reading() as connection:
        return {row.recipe: _planned(row) for row in connection.execute(select(table))}


def planned_for(store: Store, recipe: str) -> Planned | None:
    with store.reading() as connection:
        row = connection.execute(select(table).where(table.c.recipe == recipe)).first()
    return None if row is None else _planned(row)


def next_times(store: Store, recipe: str) -> list[datetime]:
    """Return when a recipe runs next by each of its triggers' schedules."""
    mine = or_(table.c.recipe == recipe, table.c.recipe.startswith(f"{recipe}/", autoescape=True))
    query = select(table.c.next_at).where(mine, table.c.next_at.is_not(None))
    with store.reading() as connection:
        return list(connection.execute(query).scalars())


def plan(
    store: Store,
    recipe: str,
    *,
    words: str,
    timezone: str,
    jitter: timedelta,
    tick_at: datetime | None,
    next_at: datetime | None,
) -> None:
    """Plan a recipe's next run, or plan it anew, whatever was noted and waited for before."""
    row = {
        "recipe": recipe,
        "words": words,
        "timezone": timezone,
        "jitter": int(jitter.total_seconds()),
        "tick_at": tick_at,
        "next_at": next_at,
        "note": "",
        "noted_at": None,
        "backed_off_until": None,
        "waits_for": [],
    }
    with store.writing() as connection:
        upsert(connection, table, [row], update=[name for name in row if name != "recipe"])


def move_on(store: Store, seen: Planned, **values: Any) -> bool:
    """Change the plan of one recipe; return False where someone else did before.

    :param seen: the plan as it was read; while its tick, its wait and its run stand, nobody was
        faster.
    :param values: columns to set.
    """
    if "note" in values:
        values["note"] = redact(values["note"])
    with store.writing() as connection:
        changed = connection.execute(
            update(table)
            .where(
                table.c.recipe == seen.recipe,
                table.c.tick_at == seen.tick_at,
                table.c.next_at == seen.next_at,
                table.c.run_id == seen.run_id,
            )
            .values(**values)
        )
    return changed.rowcount == 1


def forget(store: Store, recipes: Sequence[str]) -> None:
    """Drop the plans of recipes that no longer run by the clock."""
    if recipes:
        with store.writing() as connection:
            connection.execute(delete(table).where(table.c.recipe.in_(recipes)))


def _planned(row: Row[Any]) -> Planned:
    values = dict(row._mapping)
    changed = {"jitter": timedelta(seconds=row.jitter), "waits_for": tuple(row.waits_for)}
    return Planned(**{**values, **changed})
