"""Recipes that only webhooks start: what failed is tried again by itself, as a nightly run would do.

A recipe with a clock as well needs no mending: each of its runs tries what is still open.
"""

import logging
from datetime import UTC, datetime, timedelta

from engine.errors import BridgeworkError
from engine.recipe.model import Recipe
from engine.recipe.schedule.schedule import parse_schedule
from engine.run.start import AlreadyRunning, request_run
from engine.run.upkeep.duties import Works
from engine.store import runs
from engine.store.connections import broken_among
from engine.store.problems import keys_to_mend
from engine.store.runs import RunRequest
from engine.store.switches import switches

log = logging.getLogger("bridgework.webhook")

#: What failed is tried again soon, since services recover; what was rejected when someone may have
#: corrected it.
FAILED_AFTER, REJECTED_AFTER = timedelta(minutes=15), timedelta(hours=6)
#: Records in one run.
AT_ONCE = 500


def mend(works: Works, now: datetime | None = None) -> None:
    """Ask for a run of each recipe that has something to try again."""
    now = now or datetime.now(UTC)
    for name, on in switches(works.store).items():
        if not on:
            continue
        try:
            _mend(works, name, now)
        except AlreadyRunning:
            continue
        except BridgeworkError as error:  # what is wrong with a recipe is on its page
            log.debug("%s can't be mended: %s", name, error)


def _mend(works: Works, name: str, now: datetime) -> None:
    store = works.store
    keys = keys_to_mend(
        store,
        name,
        failed_before=now - FAILED_AFTER,
        rejected_before=now - REJECTED_AFTER,
        limit=AT_ONCE,
    )
    if not keys or runs.active_run(store, name) is not None:
        return
    recipe = works.library.load(name)
    if not _by_webhook_alone(recipe) or broken_among(store, recipe.connections):
        return
    asked = RunRequest(retry=tuple(keys))
    works.enqueue(request_run(store, works.host, recipe, request=asked, origin="mending"))


def _by_webhook_alone(recipe: Recipe) -> bool:
    try:
        kinds = [parse_schedule(use.schedule.value).kind for use in recipe.triggers]
        return all(kind == "instant" for kind in kinds)
    except ValueError:
        return False
