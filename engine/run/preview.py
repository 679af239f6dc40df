"""What a run would do: the same road, with only the sending and the storing left out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.host import Host
from engine.http.client import RetryPolicy
from engine.recipe.model import Recipe
from engine.run import again, known
from engine.run import read as reading
from engine.run.act import Halt, Sender
from engine.run.ask import Asker, PlannedAsk
from engine.run.intents import Journal
from engine.run.plan import Plan, Transports, open_plan
from engine.run.shape import shape, skip
from engine.run.start import check_before_run
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.ledger import Outcome


@dataclass(frozen=True, kw_only=True)
class PreviewEntry:
    """What would become of one record.

    :param rows: by step, what would be sent.
    """

    key: str
    title: str
    outcome: Outcome
    code: str | None
    reason: str | None
    how_to_fix: str | None
    step: str | None
    field: str | None
    rows: Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a run would do now."""

    counts: Mapping[str, int]
    entries: tuple[PreviewEntry, ...]


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
    """Try a recipe: the source is read and searches are asked, nothing is sent and nothing stored.

    :param limit: read at most this many records; the entries are kept in memory.
    :raises RecipeError: the recipe is wrong.
    :raises ConnectorError: the source, or a system that is searched, can't be read.
    :raises SetupError: a connection is missing.
    """
    check_before_run(store, host, recipe)
    now = datetime.now(UTC)
    with open_plan(store, host, recipe, now=now, transports=transports, retry=retry) as plan:
        found = list(_travel(store, plan, reading.since(store, plan, now, full=full), limit))
    counts = Counter(str(entry.outcome) for entry in found)
    return Preview(dict(counts), tuple(found))


def _travel(
    store: Store, plan: Plan, since: datetime | None, limit: int | None
) -> Iterator[PreviewEntry]:
    journal = Journal(store, plan.recipe.name, run_id=0, pretend=True)
    sender = Sender(run_id=0, journal=journal, pretend=True)
    asker = Asker(store, plan.recipe.name)
    try:
        for chunk in reading.read(plan, since, limit):
            yield from _chunk(store, plan, sender, asker, chunk)
    except Halt as halt:
        raise halt.cause from halt
    finally:
        sender.close()


def _chunk(
    store: Store, plan: Plan, sender: Sender, asker: Asker, chunk: list[Traveller]
) -> Iterator[PreviewEntry]:
    sent: dict[int, dict[str, Any]] = {}
    again.hold_back(store, plan, chunk)
    going = skip(plan, (t for t in chunk if t.outcome is None))
    for step in plan.steps:
        if isinstance(step, PlannedAsk):
            going = asker.ask(step, going)
            continue
        rows = shape(step, going)
        for row in rows:
            sent.setdefault(id(row.traveller), {})[step.id] = row.values
        links = {}
        if rows and step.writes:
            links = known.links_of(store, plan.recipe.name, step.id, [row.key for row in rows])
        sender.act(step, rows, links)
        going = [t for t in going if t.outcome is None]
    for traveller in going:
        traveller.arrive()
    for t in chunk:
        assert t.outcome is not None
        yield PreviewEntry(
            key=t.key,
            title=t.title,
            outcome=t.outcome,
            code=t.code,
            reason=t.reason,
            how_to_fix=t.how_to_fix,
            step=t.step,
            field=t.field,
            rows=sent.get(id(t), {}),
        )
