"""What a run would do: the same road, with only the sending and the storing left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from engine.fields import Record
from engine.host import Host
from engine.http.client import RetryPolicy
from engine.recipe.model import Recipe
from engine.run import lookups, retrying
from engine.run import read as reading
from engine.run.act import Sender
from engine.run.connections.live_fields import refresh_before_run
from engine.run.differences import FieldChange, changes
from engine.run.drift.watching import Watch
from engine.run.flow import collecting
from engine.run.intents import Journal
from engine.run.limits import Gate
from engine.run.people.ask import Asker
from engine.run.plan import Plan, Transports, open_plan
from engine.run.plan_steps import Planned, PlannedStep, collects_of
from engine.run.sameness import count_as_same
from engine.run.schedule.ticks import with_times
from engine.run.shape import Link, Row
from engine.run.start import check_before_run
from engine.run.stopping import Halt
from engine.run.traveller import Traveller
from engine.run.two_way import echoes
from engine.run.walk import Walker
from engine.store.collected import message_keys
from engine.store.database import Store
from engine.store.ledger import Outcome
from engine.store.live import with_live_fields
from engine.store.runs import RunRequest
from engine.store.sent_rows import SentRows


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """One row that a step would send for a record.

    :param key: what the step knows it by; another than the record's within a loop, for instance.
    :param outcome: created, updated or unchanged.
    :param changes: against the row last sent; None where that isn't known, or nothing was sent.
    """

    step: str
    key: str
    values: Record
    outcome: Outcome
    changes: tuple[FieldChange, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class PreviewEntry:
    """What would become of one record.

    :param rows: what would be sent, in the order of the steps.
    """

    key: str
    title: str
    outcome: Outcome
    code: str | None
    reason: str | None
    how_to_fix: str | None
    step: str | None
    field: str | None
    rows: tuple[PreviewRow, ...]

    @property
    def said(self) -> str:
        """Why it ends as it does, in a sentence; empty where its rows say it all."""
        if self.reason or self.rows or self.outcome not in ("created", "updated"):
            return self.reason or ""
        return "It goes into a message that is made of many records."


@dataclass(frozen=True)
class Preview:
    """What a run would do now.

    :param messages: how many of the entries are messages made of many records, and no records.
    :param more: the source may have more records than were looked at.
    :param held: that a run would hold what is new, in a sentence; empty where it wouldn't.
    :param changes: what other systems don't give any more, and what is paused for that.
    """

    counts: Mapping[str, int]
    entries: tuple[PreviewEntry, ...]
    messages: int = 0
    more: bool = False
    held: str = ""
    changes: tuple[str, ...] = ()


def preview(
    store: Store,
    host: Host,
    recipe: Recipe,
    *,
    limit: int | None = None,
    full: bool = False,
    transports: Transports | None = None,
    retry: RetryPolicy | None = None,
) -> Preview:
    """Try a recipe: the source is read and searches are asked, nothing is sent and nothing stored of it.

    :param limit: read at most this many records; the entries are kept in memory.
    :raises RecipeError: the recipe is wrong.
    :raises ConnectorError: the source, or a system that is searched, can't be read.
    :raises SetupError: a connection is missing.
    """
    check_before_run(store, host, recipe)
    now = datetime.now(UTC)
    host = with_live_fields(host, store)
    refresh_before_run(store, host, recipe, transports=transports, now=now)
    with open_plan(store, host, recipe, now=now, transports=transports, retry=retry) as plan:
        plan = with_times(store, plan, now, None)
        look = _Preview(store, plan, now, full=full)
        try:
            read = [
                look.records(source, reading.since(store, source, now, full=full), limit)
                for source in plan.sources
            ]
            messages = [*look.messages()]
        except Halt as halt:
            raise halt.cause from halt
        finally:
            look.sender.close()
    found = [*chain.from_iterable(read), *messages]
    counts = Counter(str(entry.outcome) for entry in found)
    more = limit is not None and any(len(entries) >= limit for entries in read)
    return Preview(
        dict(counts),
        tuple(found),
        messages=len(messages),
        more=more,
        held=look.gate.foretold(),
        changes=tuple(look.watch.telling.told),
    )


class _Preview:
    """One look at what a plan would do."""

    def __init__(self, store: Store, plan: Plan, now: datetime, *, full: bool) -> None:
        self._store, self._plan, self._recipe = store, plan, plan.recipe.name
        self._full = full
        self.watch = Watch(store, plan, None, now)
        self.gate = Gate(store, plan, RunRequest())
        journal = Journal(store, self._recipe, run_id=0, pretend=True)
        self.sender = Sender(run_id=0, journal=journal, pretend=True, heard=self.watch.answered)
        asker = Asker(store, self._recipe)
        self._walker = Walker(self.sender, asker, self._links, watch=self.watch)
        self._sent = SentRows(store, self._recipe)
        self._rows: dict[str, list[PreviewRow]] = {}

    def records(
        self, source: Plan, since: datetime | None, limit: int | None
    ) -> list[PreviewEntry]:
        """Return what would become of each record of a trigger that changed since a moment."""
        found: list[PreviewEntry] = []
        seen: set[str] = set()
        parts = reading.parts_of(self._store, source, full=self._full)
        read = ((chunk, True) for chunk in reading.read(source, since, limit, parts))
        left = ((chunk, False) for chunk in self._left(source, seen, limit))
        for chunk, live in chain(read, left):
            seen.update(traveller.key for traveller in chunk)
            self._rows.clear()
            retrying.hold_back(self._store, source, chunk)
            echoes.leave_echoes(self._store, self._plan, chunk)
            self.watch.live = live
            going = self.watch.depart(source, chunk)
            self.gate.count(going)
            found += self._walked(self._plan.steps, chunk, going)
        return found

    def messages(self) -> Iterator[PreviewEntry]:
        """Yield what would become of the messages that records of all triggers make."""
        self.watch.between_chunks()
        for step in collects_of(self._plan.steps):
            messages = collecting.previewed(self._plan, self._walker.collector, step)
            yield from self._walked(step.steps, messages, messages)

    def _walked(
        self, steps: Sequence[Planned], chunk: Sequence[Traveller], going: Sequence[Traveller]
    ) -> list[PreviewEntry]:
        for traveller in self._walker.walk(steps, going):
            traveller.arrive()
        self._walker.collector.note(chunk)
        return [self._entry(traveller) for traveller in chunk]

    def _left(self, source: Plan, seen: Set[str], limit: int | None) -> Iterator[list[Traveller]]:
        """Yield what needed attention before and didn't come by itself; a run tries it again.

        :param seen: keys of what was read until then.
        """
        if limit is not None and len(seen) >= limit:
            return
        messages = message_keys(self._store, self._recipe)
        for chunk in retrying.to_heal(self._store, self._plan, 0, messages, read=[source]):
            yield [traveller for traveller in chunk if traveller.key not in seen]

    def _links(self, step: PlannedStep, rows: Sequence[Row]) -> dict[str, Link]:
        links = lookups.links_of(self._store, self._recipe, step.id, [row.key for row in rows])
        echoes.add_pairs(self._store, self._plan, step, rows, links)
        count_as_same(self._store, self._recipe, step, rows, links)
        before = self._sent.of(step.id, [r.key for r in rows if _differs(r, links.get(r.key))])
        for row in rows:
            link = links.get(row.key)
            outcome: Outcome = "created"
            if link is not None:
                outcome = "updated" if link.fingerprint != row.fingerprint else "unchanged"
            found = before.get(row.key)
            shown = PreviewRow(
                step=step.id,
                key=row.key,
                values=row.values,
                outcome=outcome,
                changes=None if found is None else changes(found, row.values),
            )
            record = row.traveller.record or row.traveller.key
            self._rows.setdefault(record, []).append(shown)
        return links

    def _entry(self, traveller: Traveller) -> PreviewEntry:
        assert traveller.outcome is not None
        return PreviewEntry(
            key=traveller.key,
            title=traveller.title,
            outcome=traveller.outcome,
            code=traveller.code,
            reason=traveller.reason,
            how_to_fix=traveller.how_to_fix,
            step=traveller.step,
            field=traveller.field,
            rows=tuple(self._rows.get(traveller.key, ())),
        )


def _differs(row: Row, link: Link | None) -> bool:
    return link is not None and link.fingerprint != row.fingerprint


def document(entry: PreviewEntry) -> dict[str, Any]:
    """Return a record's preview as ``run --preview --json`` prints it."""
    return {
        "key": entry.key,
        "title": entry.title,
        "outcome": entry.outcome,
        "code": entry.code,
        "reason": entry.reason,
        "how_to_fix": entry.how_to_fix,
        "step": entry.step,
        "field": entry.field,
        "rows": [
            {
                "step": row.step,
                "key": row.key,
                "outcome": row.outcome,
                "values": row.values,
                "changes": None
                if row.changes is None
                else [
                    {"field": c.field, "before": c.before, "after": c.after} for c in row.changes
                ],
            }
            for row in entry.rows
        ],
    }
