"""Records met before: those a person asked to try again, and those that still need attention."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy.engine import Row

from engine.fields import Record
from engine.run import lookups
from engine.run import read as reading
from engine.run.parts import reads_parts
from engine.run.plan import Plan
from engine.run.traveller import HELD, Traveller
from engine.store.database import Store
from engine.store.ledger import Outcome
from engine.store.runs import Run

Chunks = Iterator[list[Traveller]]
#: Origins of runs that take on what waited, just as it was then.
GOING_ON = ("answer", "wait")


def asked_for(store: Store, plan: Plan, run: Run, besides: Collection[str] = ()) -> Chunks:
    """Yield the records that a run was asked to take along, instead of reading the trigger.

    :param besides: keys of messages made of many records, which no source knows.
    :raises ConnectorError: the source can't be asked.
    """
    keys = [key for key in run.request.retry or () if key not in besides]
    take = to_continue if run.origin in GOING_ON else to_retry
    yield from by_source(plan, keys, partial(take, store))


def by_source(
    plan: Plan, keys: Sequence[str], take: Callable[[Plan, Sequence[str]], Chunks]
) -> Chunks:
    """Yield records by their keys, each taken with the plan of the trigger that it came from."""
    for source in plan.sources:
        mine = [key for key in keys if plan.of_key(key) is source]
        if mine:
            yield from take(source, mine)


def words(run: Run) -> str:
    """Say in a line of the run's log what it takes along."""
    count = run.source_noun.count(len(run.request.retry or ()))
    if run.request.arrived:
        return f"Noting {count} as arrived: somebody looked."
    if run.origin == "wait":
        return f"Going on with {count}: the wait is over."
    return (
        f"Going on with {count} after an answer."
        if run.origin == "answer"
        else f"Trying {count} again."
    )


def to_continue(store: Store, plan: Plan, keys: Sequence[str]) -> Chunks:
    """Yield records as they were when somebody was asked about them: that is what was decided on.

    One that changed at the source since comes with the next run that reads it, and is asked about
    anew.
    """
    for start in range(0, len(keys), plan.chunk):
        part = keys[start : start + plan.chunk]
        kept = lookups.kept_sources(store, plan.recipe.name, part)
        yield from _as_kept(plan, [(key, kept[key]) for key in part if key in kept])


def to_retry(store: Store, plan: Plan, keys: Sequence[str]) -> Chunks:
    """Yield the records as they are at the source now, else as they were kept.

    :raises ConnectorError: the source can't be asked.
    """
    trigger = plan.trigger
    if trigger.fetch is None and trigger.cursor is None and not reads_parts(trigger):
        yield from _found(plan, set(keys))
        return
    for start in range(0, len(keys), plan.chunk):
        part = keys[start : start + plan.chunk]
        kept = lookups.kept_sources(store, plan.recipe.name, part)
        nameless = [key for key in part if key in kept and not _has_key(plan, kept[key])]
        rows = lookups.open_rows(store, plan.recipe.name, nameless)
        if rows:
            yield [as_before(Traveller(k, k, kept[k], None, {}, []), r) for k, r in rows.items()]
        named = [key for key in part if key not in nameless]
        if trigger.fetch is not None:
            yield [_fetched(plan, key) for key in named]
        else:
            yield from _as_kept(plan, [(key, kept[key]) for key in named if key in kept])


def to_heal(
    store: Store,
    plan: Plan,
    run_id: int,
    besides: Collection[str] = (),
    *,
    read: Sequence[Plan] = (),
) -> Chunks:
    """Yield what needed attention before and did not come by itself: its cause may be gone.

    A change at the source brings a record by itself, so the kept copy is as good as the source's.
    A source without a cursor was just read whole: what is left is no longer there. One that is
    read part by part was not.

    :param besides: keys of messages made of many records, which no source knows.
    :param read: the plans of the triggers that this run read; default: all.
    """
    read = read or plan.sources
    for found in lookups.problems_left(store, plan.recipe.name, run_id, plan.chunk):
        for one in read:
            left = [
                (key, source)
                for key, source in found
                if key not in besides and plan.of_key(key) is one
            ]
            if one.trigger.cursor is None and not reads_parts(one.trigger) and left:
                yield [gone(one, key) for key, _ in left]
            elif left:
                yield from _as_kept(
                    one, [(k, source) for k, source in left if _has_key(one, source)]
                )


def hold_back(store: Store, plan: Plan, chunk: Sequence[Traveller]) -> None:
    """Leave records alone that only a person's retry sends: unsure ones, and those a recipe holds."""
    if not any(step.action.once or step.on_error.holds for step in plan.uses):
        return
    keys = [traveller.key for traveller in chunk]
    outcomes: tuple[Outcome, ...] = ("unsure", "failed")
    held = lookups.open_rows(store, plan.recipe.name, keys, outcomes=outcomes)
    for traveller in chunk:
        row = held.get(traveller.key)
        mine = row is not None and (row.outcome == "unsure" or row.code == HELD)
        if row is not None and mine and traveller.outcome is None:
            as_before(traveller, row)


def arrived(store: Store, run: Run) -> dict[str, str]:
    """Return which records a person says are there, each with the step that was to send it."""
    return _unsure(store, run) if run.request.arrived else {}


def sent_again(store: Store, run: Run) -> frozenset[str]:
    """Return which unsure records a person says are to be sent again."""
    by_hand = run.origin == "retry" and not run.request.arrived
    return frozenset(_unsure(store, run)) if by_hand else frozenset()


def _unsure(store: Store, run: Run) -> dict[str, str]:
    rows = lookups.open_rows(store, run.recipe, run.request.retry or (), ("unsure",))
    return {key: row.step for key, row in rows.items()}


def gone(plan: Plan, key: str, reason: str = "") -> Traveller:
    """Return the traveller of a record that the source no longer has."""
    reason = reason or f"This {plan.trigger.noun.one} is no longer at the source."
    traveller = Traveller(key, key, {}, None, {}, [])
    traveller.end("skipped", code="gone", reason=reason, step="trigger")
    return traveller


def as_before(traveller: Traveller, row: Row[Any]) -> Traveller:
    """Settle a record just as its earlier ledger row says; return it."""
    traveller.title = row.title
    traveller.end(
        row.outcome,
        code=row.code,
        reason=row.reason,
        how_to_fix=row.how_to_fix,
        step=row.step,
        field=row.field,
    )
    return traveller


def _as_kept(plan: Plan, kept: Sequence[tuple[str, Record]]) -> Chunks:
    """Yield records as they were kept; those of a trigger that the recipe no longer has are settled.

    Read with another trigger they would be other records, and what those became would be overwritten.
    """
    mine = [source for key, source in kept if not _is_orphan(plan, key, source)]
    if len(mine) < len(kept):
        reason = "The trigger it came from is no longer in the recipe."
        yield [gone(plan, key, reason) for key, one in kept if _is_orphan(plan, key, one)]
    yield from reading.chunks(plan, mine)


def _is_orphan(plan: Plan, key: str, source: Record) -> bool:
    own = reading.depart(plan, source).key
    return key != own and key.endswith(f"|{own}")


def _found(plan: Plan, wanted: set[str]) -> Chunks:
    for chunk in reading.read(plan, None):
        found = [traveller for traveller in chunk if traveller.key in wanted]
        wanted.difference_update(traveller.key for traveller in found)
        if found:
            yield found
    if wanted:
        yield [gone(plan, key) for key in sorted(wanted)]


def _fetched(plan: Plan, key: str) -> Traveller:
    record = reading.fetch(plan, key)
    return gone(plan, key) if record is None else reading.depart(plan, record)


def _has_key(plan: Plan, source: Any) -> bool:
    return source.get(plan.trigger.key) not in (None, "")
