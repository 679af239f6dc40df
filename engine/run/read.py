"""First stage: a trigger's records, told apart by their key, in chunks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

from engine.calls import guarded, read_trigger
from engine.fields import Record
from engine.parameters import named
from engine.results import BadRecord
from engine.run.lookups import cursor_of
from engine.run.moments import is_newer as is_newer
from engine.run.moments import moment as moment
from engine.run.parts import Parts
from engine.run.plan import Plan
from engine.run.traveller import Traveller, storable
from engine.store import plain
from engine.store.database import Store
from engine.store.ledger import SAME_KEY


def read(
    plan: Plan, since: datetime | None, limit: int | None = None, parts: Parts | None = None
) -> Iterator[list[Traveller]]:
    """Yield the trigger's records in chunks; within a chunk each key stands once.

    :param since: the cursor to read from; None reads everything.
    :param limit: read at most this many records.
    :param parts: tells the trigger which parts of its source are done; None: none is.
    :raises ConnectorError: the source failed; what was yielded before stays good.
    """
    context, ends = plan.trigger_context, (lambda part: None)
    if parts is not None:
        context, ends = replace(context, unread=parts.unread), parts.ends
    records = read_trigger(plan.trigger, context, plan.trigger_parameters, since, ends)
    yield from chunks(plan, records, limit)


def since(store: Store, plan: Plan, now: datetime, *, full: bool) -> datetime | None:
    """Return where the trigger reads from: a little before its cursor; None reads everything.

    :param full: as if it had never been read.
    """
    trigger = plan.recipe.trigger
    if not plan.trigger.takes_since:
        return None
    stored = cursor_of(store, plan.recipe.name, trigger_identity(plan))
    if stored is not None and not full:
        return datetime.fromisoformat(stored) - trigger.overlap
    return None if trigger.first_run is None else now - trigger.first_run


def chunks(
    plan: Plan, records: Iterable[Record | BadRecord], limit: int | None = None
) -> Iterator[list[Traveller]]:
    """Turn records into travellers, a chunk at a time."""
    chunk: dict[str, Traveller] = {}
    repeated: list[Traveller] = []
    for record in records if limit is None else islice(records, limit):
        traveller = depart(plan, record)
        earlier = chunk.get(traveller.key)
        if traveller.outcome is not None:
            repeated.append(traveller)  # settled already; its key may be no key at all
        elif earlier is None:
            chunk[traveller.key] = traveller
        elif is_newer(traveller.changed, earlier.changed):
            chunk[traveller.key] = traveller  # it changed while it was read: the later state counts
        elif traveller.source != earlier.source:
            repeat(traveller)
            repeated.append(traveller)
        if len(chunk) + len(repeated) >= plan.chunk:
            yield [*chunk.values(), *repeated]
            chunk, repeated = {}, []
    if chunk or repeated:
        yield [*chunk.values(), *repeated]


def depart(plan: Plan, record: Record | BadRecord) -> Traveller:
    """Return a record ready to travel; one without a usable key has arrived already."""
    if isinstance(record, BadRecord):
        traveller = Traveller(
            storable(plan.prefix + record.key),
            storable(record.label or record.key),
            dict(record.source),
            None,
            {},
            [],
        )
        traveller.end(
            "rejected",
            code=record.code,
            reason=record.reason,
            how_to_fix=record.hint,
            step="trigger",
        )
        return traveller
    trigger = plan.trigger
    found = record.get(trigger.key)
    key = "" if found is None else storable(str(found))
    if not key:
        title = storable(str(record.get(trigger.label or "") or "without a key"))
        # Its content stands in for the key, so that the same record is the same after a restart.
        content = plain.dump(record)
        stand_in = f"{plan.prefix}no-key-{blake2b(content, digest_size=8).hexdigest()}"
        traveller = Traveller(stand_in, title, record, None, {}, [])
        traveller.end(
            "rejected",
            code="no_key",
            reason=f"This {trigger.noun.one} has no {trigger.key!r}, by which it would be known.",
            how_to_fix="Fill it in at the source, or choose another key.",
            step="trigger",
            field=trigger.key,
        )
        return traveller
    label = record.get(trigger.label) if trigger.label else None
    return Traveller(
        storable(plan.prefix + key) if plan.prefix else key,
        storable(str(label)) if label else key,
        record,
        record.get(trigger.cursor) if trigger.cursor else None,
        {**plan.around, plan.record: record} if plan.around else {plan.record: record},
        [],
    )


def fetch(plan: Plan, key: str) -> Record | None:
    """Read one record afresh; None when the source no longer has it.

    :raises ConnectorError: the source can't be asked.
    """
    trigger = plan.trigger
    assert trigger.fetch is not None
    given = named(trigger.fetch, plan.trigger_parameters)
    with guarded(trigger.connector, f"{trigger.name} (fetch)"):
        return trigger.fetch(plan.trigger_context, key.removeprefix(plan.prefix), **given)


def repeat(traveller: Traveller) -> None:
    """Settle a record whose key was read already with other content: nothing is lost silently."""
    traveller.end(
        "skipped",
        code=SAME_KEY,
        reason=f"Another record with the key {traveller.key!r} came before it in this run.",
        how_to_fix="If both are wanted, choose a key that tells them apart.",
        step="trigger",
    )


def parts_of(store: Store, plan: Plan, *, full: bool) -> Parts:
    """Return which parts of a trigger's source are done.

    :param full: as if it had never been read.
    """
    return Parts(store, plan, trigger_identity(plan), full=full)


def trigger_identity(plan: Plan) -> str:
    """Name the source a cursor belongs to: the trigger and its parameters, never a version."""
    return f"{plan.trigger.full_name} {_sorted(plan.trigger_parameters)}"[:200]


def _sorted(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={parameters[name]!r}" for name in sorted(parameters))
