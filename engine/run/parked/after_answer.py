"""After an answer: a run takes the record on, exactly once, whatever stops in between.

An answer is a row that says "answered" and names no run yet. This duty asks for one run of a recipe
for all such rows; the run names itself in the transaction that settles the record. A crash before
that leaves the row as it was, and the run, or the next one, does it again from the start.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from engine.host import Host
from engine.recipe.library import Library
from engine.run.parked.resuming import request_resumption, resume_each
from engine.run.start import release_dead
from engine.run.upkeep.duties import Works
from engine.store import answers, questions
from engine.store.database import Store
from engine.store.problems import still_open
from engine.store.runs import active_run, get_run

log = logging.getLogger("bridgework.questions")


def go_on(works: Works) -> None:
    """Ask for the runs that take answered records on: the duty of every second."""
    now = datetime.now(UTC)
    due = answers.to_continue(works.store, now)
    resume_each(works, due, partial(continue_recipe, now=now), log, "an answer")


def continue_recipe(
    store: Store,
    host: Host,
    library: Library,
    recipe: str,
    answered: Mapping[int, str],
    now: datetime,
    worker: str = "",
) -> int | None:
    """Ask for the run that takes a recipe's answered records on; return its id.

    :param answered: as :func:`engine.store.answers.to_continue` says: record keys by question.
    :param worker: who carries it out; empty: whoever takes it from the queue.
    :returns: None where the recipe is running (it is asked for again afterwards) or nothing waits.
    :raises BridgeworkError: the recipe can't be used; it is tried again in a while.
    """
    release_dead(store, recipe)
    if active_run(store, recipe) is not None:
        return None
    answered = dict(islice(answered.items(), questions.AT_ONCE))  # the others come after them
    waiting = still_open(store, recipe, set(answered.values()))
    over = [id for id, key in answered.items() if key not in waiting]
    if over:  # the record is settled, and nothing asks any more
        with store.writing() as connection:
            questions.withdraw(connection, over)
    ids = [id for id, key in answered.items() if key in waiting]
    if not ids:
        return None
    asked = questions.get_question(store, ids[-1])
    return request_resumption(
        store,
        host,
        library,
        recipe,
        parked_in=None if asked is None else get_run(store, asked.run_id),
        keys=list(dict.fromkeys(answered[id] for id in ids)),
        origin="answer",
        note_try=partial(answers.note_try, store, ids, now),
        worker=worker,
    )
