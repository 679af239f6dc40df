"""Bridges in both directions: each leaves alone what the other one wrote, and a pair stays one pair.

A recipe with ``two_way`` remembers of each write whose record it was made of, and when the target
says that it changed. The recipe in the other direction reads that very change: it is an echo.
"""

from collections.abc import Sequence

from engine.run.moments import moment
from engine.run.plan import Plan
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.pairs import Pair, pair_earlier, pairs_of

#: Seconds around a write in which a change counts as its echo, where the target doesn't say when it
#: changed by it.
NEARLY = 5.0


def prepare(store: Store, plan: Plan) -> None:
    """Make pairs of what the other recipe wrote before it knew that it is one of two."""
    if plan.twin is not None:
        pair_earlier(store, plan.twin.name, plan.twin.to_here)


def leave_echoes(store: Store, plan: Plan, chunk: Sequence[Traveller]) -> None:
    """Settle the records whose latest change is what the other recipe wrote."""
    twin = plan.twin
    if twin is None:
        return
    going = [traveller for traveller in chunk if traveller.outcome is None]
    found = pairs_of(store, twin.name, twin.to_here, [traveller.key for traveller in going])
    for traveller in going:
        pair = found.get(traveller.key)
        if pair is not None and is_echo(pair, traveller):
            traveller.end(
                "skipped",
                code="echo",
                reason=f"Its latest change is what the recipe '{twin.title}' wrote itself.",
                step="trigger",
            )


def is_echo(pair: Pair, traveller: Traveller) -> bool:
    """Return whether a record's latest change is the last write of the other recipe."""
    changed = moment(traveller.changed)
    if changed is None:
        return False
    mark = moment(pair.mark)
    if mark is None:
        return pair.sent_at is not None and abs(changed.timestamp() - pair.sent_at) <= NEARLY
    if changed == mark:
        return True
    # One of the two may be cut to whole seconds: answers and lists differ in that.
    cut = not (changed.microsecond and mark.microsecond)
    return cut and changed.replace(microsecond=0) == mark.replace(microsecond=0)


def add_pairs(
    store: Store, plan: Plan, step: PlannedStep, rows: Sequence[Row], links: dict[str, Link]
) -> None:
    """Let a step write to the record that one was made of, where it has not written it before."""
    twin = plan.twin
    if twin is None or step.id not in twin.paired:
        return
    rest = [row.key for row in rows if row.key not in links and not row.traveller.record]
    for key, pair in pairs_of(store, twin.name, twin.to_here, rest).items():
        links[key] = Link(pair.record_key, b"", 0)
