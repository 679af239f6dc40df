"""After a wait: a run takes the records on whose time has come, exactly once, whatever stops between.

A wait is a row that stays open until a run, in the transaction that settles the record, says that it
is over. A crash before that leaves the row as it was, and the run, or the next one, does it again.
"""

import logging
from datetime import UTC, datetime
from functools import partial

from engine.host import Host
from engine.recipe.library import Library
from engine.run.parked.resuming import request_resumption, resume_each
from engine.run.start import release_dead
from engine.run.upkeep.duties import Works
from engine.store import waits
from engine.store.database import Store
from engine.store.problems import still_open
from engine.store.runs import active_run, get_run

log = logging.getLogger("bridgework.waits")


def wake(works: Works) -> None:
    """Ask for the runs that take on what waited until now: the duty of every second."""
    now = datetime.now(UTC)
    due = waits.to_wake(works.store, now)
    resume_each(works, due, partial(wake_recipe, now=now), log, "a wait")


def wake_recipe(
    store: Store, host: Host, library: Library, recipe: str, run_id: int, now: datetime
) -> int | None:
    """Ask for the run that takes on the records of a recipe that are due; return its id.

    :param run_id: the run in which one of them began to wait.
    :returns: None where the recipe is running (it is asked for again afterwards) or nothing waits.
    :raises BridgeworkError: the recipe can't be used; it is tried again in a while.
    """
    release_dead(store, recipe)
    if active_run(store, recipe) is not None:
        return None
    due = waits.due_records(store, recipe, now)[: waits.AT_ONCE]
    waiting = still_open(store, recipe, due)
    waits.forget_records(store, recipe, [key for key in due if key not in waiting], now)
    keys = tuple(key for key in due if key in waiting)
    if not keys:
        return None
    return request_resumption(
        store,
        host,
        library,
        recipe,
        parked_in=get_run(store, run_id),
        keys=keys,
        origin="wait",
        note_try=partial(waits.note_try, store, recipe, keys, now),
    )
