"""Records that were parked go on: a duty asks for one run a recipe, as the records were when parked."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from engine.errors import BridgeworkError
from engine.host import Host
from engine.recipe.library import Library
from engine.run.start import AlreadyRunning, recipe_now, request_run
from engine.run.upkeep.duties import Works
from engine.store.database import Store
from engine.store.runs import Origin, Run, RunRequest
from engine.store.switches import held_since_restore

Due = TypeVar("Due", contravariant=True)


class Resume(Protocol[Due]):
    """Asks for the run of one recipe; returns its id, None where there is none now."""

    def __call__(
        self, store: Store, host: Host, library: Library, recipe: str, due: Due, /
    ) -> int | None: ...


def resume_each(
    works: Works, due: Mapping[str, Due], resume: Resume[Due], log: logging.Logger, after: str
) -> None:
    """Ask for a run of each recipe; one that can't be used, or was restored, holds up no other.

    :param due: by recipe, what ``resume`` is given.
    :param after: what the records waited for, e.g. ``an answer``.
    """
    held = held_since_restore(works.store) if due else set()
    for recipe, found in due.items():
        if recipe in held:
            continue
        try:
            run_id = resume(works.store, works.host, works.library, recipe, found)
        except BridgeworkError as error:
            log.warning("%s can't go on after %s: %s", recipe, after, error)
            continue
        if run_id is not None:
            works.enqueue(run_id)


def request_resumption(
    store: Store,
    host: Host,
    library: Library,
    recipe: str,
    *,
    parked_in: Run | None,
    keys: Sequence[str],
    origin: Origin,
    note_try: Callable[[], None],
    worker: str = "",
) -> int | None:
    """Ask for the run that takes parked records on; return its id.

    :param parked_in: the run that parked one of them.
    :param note_try: notes that it was tried, so that the next try comes in a while.
    :returns: None where a run of the recipe began just now.
    :raises BridgeworkError: the recipe can't be used.
    """
    try:
        run_id = request_run(
            store,
            host,
            library.load(recipe) if parked_in is None else recipe_now(store, library, parked_in),
            request=RunRequest(retry=tuple(keys)),
            origin=origin,
            parent_id=None if parked_in is None else parked_in.id,
            worker=worker,
        )
    except AlreadyRunning:
        return None
    except BridgeworkError:
        note_try()
        raise
    note_try()
    return run_id
