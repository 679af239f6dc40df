"""A run's triggers: which of the recipe's it reads, from where on, and how far each was read."""

from datetime import UTC, datetime

from engine.local_time import local_zone
from engine.run import read as reading
from engine.run.plan import Plan
from engine.store.database import Store, upsert
from engine.store.runs import RunRequest
from engine.store.tables import cursors


def asked_for(plan: Plan, asked: RunRequest) -> list[Plan]:
    """Return the plans of the triggers that a run is to read; all where it names none."""
    return [
        source
        for source in plan.sources
        if not asked.triggers or source.recipe.trigger.id.value in asked.triggers
    ]


def words(plan: Plan, since: datetime | None, *, several: bool) -> str:
    """Say in a line of the run's log what is read now.

    :param several: the recipe has other triggers besides.
    """
    what = f" from {plan.recipe.trigger.id}" if several else ""
    if since is None:
        return f"Reading everything{what}."
    return f"Reading what changed{what} since {since.astimezone(local_zone()):%Y-%m-%d %H:%M %Z}."


def move_cursor(
    store: Store, plan: Plan, run_id: int, latest: datetime | None, began: datetime
) -> None:
    """Move on to the latest change read, but never past the moment the run began.

    Records that changed while they were being read may have been read in their old state.
    """
    if latest is not None:
        row = {
            "recipe": plan.recipe.name,
            "trigger": reading.trigger_identity(plan),
            "value": min(latest, began).isoformat(),
            "run_id": run_id,
            "updated_at": datetime.now(UTC),
        }
        with store.writing() as connection:
            upsert(connection, cursors, [row], update=["value", "run_id", "updated_at"])
