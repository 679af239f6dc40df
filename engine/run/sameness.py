"""Rows that count as sent just so before, though their fingerprints differ from what is kept."""

from collections.abc import Sequence

from engine.run.drift.pausing import same_but_paused
from engine.run.people.task_steps import same_by_hand
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row
from engine.store.database import Store


def count_as_same(
    store: Store, recipe: str, step: PlannedStep, rows: Sequence[Row], links: dict[str, Link]
) -> None:
    """Let rows count as unchanged that a person did so, or that differ by paused fields alone."""
    same_by_hand(step, rows, links)
    same_but_paused(store, recipe, step, rows, links)
