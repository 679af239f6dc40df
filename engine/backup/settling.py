"""What a restored database needs before anyone works with it: it is a clock put back.

Whatever was sent after the backup was made is unknown to it. So nothing starts by itself until a
person has looked: recipes are paused, and what was under way is stopped. Who moves a home to another
place, and has run nothing since, says so, and all goes on where it was.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from engine.local_time import local_zone
from engine.store import switches
from engine.store.database import Store
from engine.store.questions import PENDING
from engine.store.runs import ACTIVE, add_log
from engine.store.tables import connections, questions, recipes, runs, waits
from engine.store.workers import bury, list_workers


@dataclass(frozen=True)
class Settled:
    """What was done about it.

    :param paused: recipes that wait for a person.
    :param stopped: runs that were under way, by id and recipe; so are those that ``go_on``.
    """

    paused: tuple[str, ...] = ()
    stopped: tuple[tuple[int, str], ...] = ()
    go_on: tuple[tuple[int, str], ...] = ()
    connections: tuple[str, ...] = ()


def settle(store: Store, made_at: datetime, *, resume: bool) -> Settled:
    """Give back what workers had that are no more, and pause what would start by itself.

    :param made_at: when the backup was made.
    :param resume: nothing has run since the backup: let everything go on.
    """
    when = f"{made_at.astimezone(local_zone()):%d %B %Y, %H:%M %Z}"
    for worker in list_workers(store):
        bury(store, worker.id)
    with store.writing() as connection:
        found = connection.execute(
            select(runs.c.id, runs.c.recipe).where(runs.c.status.in_(ACTIVE)).order_by(runs.c.id)
        )
        active = tuple((row.id, row.recipe) for row in found)
        accounts = tuple(
            connection.execute(select(connections.c.name).order_by(connections.c.name)).scalars()
        )
        if resume:
            return Settled(go_on=active, connections=accounts)
        for run_id, _ in active:
            connection.execute(
                update(runs).where(runs.c.id == run_id).values(cancel_requested=True)
            )
            add_log(
                connection,
                run_id,
                f"It was under way when the backup of {when} was made, which was restored now. It "
                "stops here: the recipe's next run reads what is missing.",
            )
        names = _would_start(connection)
        for name in names:
            switches.pause_recipe(
                connection,
                name,
                f"{switches.RESTORED} of {when}. What it sent after that is not known here any more: "
                "look at a preview, then switch it on again.",
            )
    return Settled(paused=names, stopped=active, connections=accounts)


def _would_start(connection: Connection) -> tuple[str, ...]:
    """Return the recipes that are on, or have records that go on some day."""
    on = connection.execute(select(recipes.c.name).where(recipes.c.enabled)).scalars()
    waiting = connection.execute(
        select(waits.c.recipe).where(waits.c.state != "over").distinct()
    ).scalars()
    asked = connection.execute(select(questions.c.recipe).where(PENDING).distinct()).scalars()
    return tuple(sorted({*on, *waiting, *asked}))
