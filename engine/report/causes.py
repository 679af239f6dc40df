"""Why records need attention or were left out, as few sentences as tell it all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.store import ledger
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, UNTIL, Cause, Outcome
from engine.store.runs import Run

#: Outcomes that have a reason.
EXPLAINED: tuple[Outcome, ...] = ("skipped", *NEEDS_ATTENTION)

#: Titles that stand for the records of a cause.
EXAMPLES = 3


@dataclass(frozen=True)
class Gathered:
    """A cause as it is told.

    :param ids: of all the causes it speaks for.
    """

    cause: Cause
    ids: tuple[int, ...]


def causes_of(store: Store, run: Run, outcomes: Sequence[Outcome] = EXPLAINED) -> tuple[Cause, ...]:
    """Return the run's causes, what needs attention and is frequent first; single ones gathered.

    A reason that quotes the record's own value ("'bob at x' is not an e-mail address") makes a
    cause of each record; the first of such causes then speaks for all that have the same remedy.
    """
    return gathered(ledger.causes(store, run.id, outcomes))


def gathered(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Put causes of a single record each together where code, place and remedy are the same."""
    return tuple(one.cause for one in gather(causes))


def gather(causes: Iterable[Cause]) -> list[Gathered]:
    """Do as :func:`gathered`, and say which causes each speaks for."""
    alone: dict[tuple[str, ...], list[Cause]] = {}
    kept: list[Gathered] = []
    for cause in causes:
        if cause.count > 1:
            kept.append(Gathered(cause, (cause.id,)))
        else:
            alike = (cause.outcome, cause.code, cause.how_to_fix, cause.step, cause.field)
            alone.setdefault(alike, []).append(cause)
    kept += [
        Gathered(_spokesman(group), tuple(cause.id for cause in group)) for group in alone.values()
    ]
    return sorted(
        kept, key=lambda one: (one.cause.outcome == "skipped", -one.cause.count, one.cause.id)
    )


def _spokesman(group: Sequence[Cause]) -> Cause:
    first, others = group[0], len(group) - 1
    if not others:
        return first
    titles = (title for cause in group for title in cause.examples)
    return replace(
        first,
        count=len(group),
        reason=f"{first.reason.rstrip('.')} or another time."
        if first.code == UNTIL
        else f"{first.reason} And {others:,} more like it.",
        examples=tuple(dict.fromkeys(titles))[:EXAMPLES],
    )
