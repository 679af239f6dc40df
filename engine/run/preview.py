"""What a run would do: the same road, with only the sending and the storing left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.host import Host
from engine.http.client import RetryPolicy
from engine.recipe.model import Recipe
from engine.run import again, known
from engine.run import read as reading
from engine.run.act import Sender
from engine.run.ask import Asker
from engine.run.intents import Journal
from engine.run.plan import Plan, Transports, open_plan
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row, skip
from engine.run.start import check_before_run
from engine.run.stopping import Halt
from engine.run.traveller import Traveller
from engine.run.walk import Walker
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
    recipe = plan.recipe.name
    sender = Sender(run_id=0, journal=Journal(store, recipe, run_id=0, pretend=True), pretend=True)
    sent: dict[str, dict[str, Any]] = {}

    def links(step: PlannedStep, rows: Sequence[Row]) -> dict[str, Link]:
        return known.links_of(store, recipe, step.id, [row.key for row in rows])

    def note(step: PlannedStep, rows: Sequence[Row]) -> None:
        for row in rows:
            traveller = row.traveller
            sent.setdefault(traveller.record or traveller.key, {})[step.id] = row.values

    walker = Walker(sender, Asker(store, recipe), links, note)
    try:
        for chunk in reading.read(plan, since, limit):
            sent.clear()
            again.hold_back(store, plan, chunk)
            going = skip(plan, (t for t in chunk if t.outcome is None))
            for traveller in walker.walk(plan.steps, going):
                traveller.arrive()
            for t in chunk:
                yield _entry(t, sent.get(t.key, {}))
    except Halt as halt:
        raise halt.cause from halt
    finally:
        sender.close()


def _entry(t: Traveller, rows: Mapping[str, Any]) -> PreviewEntry:
    assert t.outcome is not None
    return PreviewEntry(
        key=t.key,
        title=t.title,
        outcome=t.outcome,
        code=t.code,
        reason=t.reason,
        how_to_fix=t.how_to_fix,
        step=t.step,
        field=t.field,
        rows=rows,
    )
