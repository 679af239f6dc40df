"""Find or create: what a search doesn't find is made by other steps, once for all who look for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.run.plan_steps import PlannedStep
from engine.run.shape import Row

if TYPE_CHECKING:
    from engine.run.walk import Walker


def create(walker: "Walker", step: PlannedStep, rows: Sequence[Row]) -> None:
    """Take records for which a search found nothing through the steps that make it.

    Of those that look for the same, one makes it and the others get what was made; where that one
    fails, the next tries, unless it may have been made all the same. Whatever was made is what the
    search finds from then on.

    :raises Halt: the run must stop.
    """
    waiting: dict[bytes, list[Row]] = {}
    for row in rows:
        traveller = row.traveller
        open_still = traveller.outcome is None and not traveller.stranded
        if open_still and traveller.scope.get(step.name) is None:
            waiting.setdefault(row.fingerprint, []).append(row)
    result = step.creates[-1].name
    while waiting:
        first = {looked_for: alike.pop(0) for looked_for, alike in waiting.items()}
        walker.walk(step.creates, [row.traveller for row in first.values()])
        for looked_for, row in first.items():
            traveller, made = row.traveller, row.traveller.scope.get(result)
            if traveller.in_doubt or traveller.outcome == "unsure":
                walker.sender.searcher.forget(step, row)
                _leave_to_the_next_run(step, waiting.pop(looked_for))
                continue
            if traveller.outcome is not None or traveller.stranded or made is None:
                continue
            walker.sender.searcher.learn(step, row, made)
            for one in (row, *waiting.pop(looked_for)):
                one.traveller.scope[step.name] = made
        waiting = {looked_for: alike for looked_for, alike in waiting.items() if alike}


def _leave_to_the_next_run(step: PlannedStep, rows: Sequence[Row]) -> None:
    """Settle those that look for what another record may have made: made again it stood there twice."""
    for row in rows:
        row.traveller.end(
            "failed",
            code="no_answer",
            reason=f"Another record may have made it in {step.rows.app} just now; nothing says so.",
            how_to_fix="The next run looks for it again; or retry now.",
            step=step.id,
        )
