"""What becomes of a run that is asked for while another of its recipe is active.

Runs of one recipe never go on side by side: a run can only be claimed when none that was asked for
before it is active (engine.store.claims), whatever the mode. A mode says who waits.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from engine.recipe.model import Mode
from engine.store import claims, runs
from engine.store.runs import Origin, Run, RunRequest

#: The run that another takes the place of says so.
MADE_WAY = "It made way for a newer run."
MADE_WAY_HINT = "What was settled stays; the newer run reads the rest."


def reads(asked: RunRequest, origin: Origin) -> bool:
    """Return whether a run reads the recipe's source, not just some records or the inbox."""
    return asked.retry is None and not asked.inbox and origin in ("manual", "schedule")


def waiting_alike(active: Sequence[Run], asked: RunRequest, origin: Origin) -> Run | None:
    """Return a run that waits to begin and would do just what is asked for, if there is one."""
    for run in active:
        same = run.request == asked and _kind(run.request, run.origin) == _kind(asked, origin)
        if same and run.started_at is None:
            return run
    return None


def may_wait(mode: Mode, active: Sequence[Run], asked: RunRequest, origin: Origin) -> bool:
    """Return whether a run may wait for the active ones: one of a kind, where the mode lets it.

    :param active: as :func:`engine.store.runs.find_all_active` says.
    """
    if mode == "single":
        return False
    kind = _kind(asked, origin)
    if mode == "restart" and reads(asked, origin):
        return True
    return all(_kind(run.request, run.origin) != kind for run in active[1:])


def make_way(connection: Connection, active: Sequence[Run]) -> None:
    """Let the active runs that read the source end: at their next chunk, or before they begin.

    A retry or what a webhook delivered is let finish first.
    """
    for run in active:
        if not reads(run.request, run.origin):
            continue
        words = {"message": MADE_WAY, "hint": MADE_WAY_HINT}
        if run.started_at is None:
            ended = claims.end_waiting(connection, run.id, datetime.now(UTC), **words)
            if ended:
                continue
        runs.change_run(connection, run.id, halt={**words, "status": "cancelled"})


def _kind(asked: RunRequest, origin: Origin) -> str:
    if reads(asked, origin):
        return "reads"
    return "inbox" if asked.inbox else origin
