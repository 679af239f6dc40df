"""What a run is: what it was asked to do, its counters, how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy.engine import Row

from engine.nouns import Noun

Status = Literal["queued", "running", "succeeded", "partial", "failed", "held", "cancelled"]
#: What a run was asked for by: a person, the clock, a person who tries records again, something
#: delivered, an answer to a question, or Bridgework itself, which tries again (engine.run.webhooks.mending).
Origin = Literal["manual", "schedule", "retry", "webhook", "answer", "mending", "wait"]
#: Origins of runs that take records on which were read before.
NOT_READING: tuple[Origin, ...] = ("retry", "answer", "mending", "wait")
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What a run is asked to do; stored with it.

    :param limit: read at most this many records.
    :param full: read everything in the first run's reach again, not only what changed.
    :param retry: keys of records to try again instead of reading the trigger.
    :param inbox: read what webhooks delivered instead of reading the trigger.
    :param arrived: a person says that what is unsure of them is there: it isn't sent again.
    :param release: a person lets through what the recipe's limits would hold.
    :param triggers: ids of the triggers to read; empty: all.
    """

    limit: int | None = None
    full: bool = False
    retry: tuple[str, ...] | None = None
    arrived: bool = False
    inbox: bool = False
    release: bool = False
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a recipe, as it stands now.

    :param read: records that its triggers gave.
    :param counts: what came of these, and of messages made of many of them, by outcome.
    :param messages: of those, the messages.
    """

    id: int
    recipe: str
    title: str
    version_id: int
    origin: Origin
    parent_id: int | None
    request: RunRequest
    source_noun: Noun
    target_noun: Noun
    status: Status
    message: str
    hint: str
    read: int
    counts: Mapping[str, int]
    messages: Mapping[str, int]
    fixed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worker: str
    attempts: int
    deaths: int
    cancel_requested: bool

    @property
    def records(self) -> Mapping[str, int]:
        """Return what came of records alone, by outcome."""
        if not self.messages:
            return self.counts
        left = {name: n - self.messages.get(name, 0) for name, n in self.counts.items()}
        return {name: n for name, n in left.items() if n}

    @property
    def balances(self) -> bool:
        """Return whether every record that was read, and every message, has an outcome."""
        return self.read + sum(self.messages.values()) == sum(self.counts.values())

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def seconds(self) -> float:
        """Return how long it took, or has taken so far."""
        if self.started_at is None:
            return 0.0
        return ((self.finished_at or datetime.now(UTC)) - self.started_at).total_seconds()


def run_of_row(row: Row[Any]) -> Run:
    request = dict(row.request)
    retry = request.get("retry")
    return Run(
        id=row.id,
        recipe=row.recipe,
        title=row.title,
        version_id=row.version_id,
        origin=row.origin,
        parent_id=row.parent_id,
        request=RunRequest(
            limit=request.get("limit"),
            full=bool(request.get("full")),
            retry=None if retry is None else tuple(retry),
            arrived=bool(request.get("arrived")),
            inbox=bool(request.get("inbox")),
            release=bool(request.get("release")),
            triggers=tuple(request.get("triggers") or ()),
        ),
        source_noun=Noun(*row.nouns["source"]),
        target_noun=Noun(*row.nouns["target"]),
        status=row.status,
        message=row.message,
        hint=row.hint,
        read=row.read,
        counts=dict(row.counts),
        messages=dict(row.messages),
        fixed=row.fixed,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        worker=row.worker,
        attempts=row.attempts,
        deaths=row.deaths,
        cancel_requested=row.cancel_requested,
    )
