"""One trial: records go the way of a run through a recipe, and nothing leaves this computer.

Searches are answered from the connectors' samples, questions by nobody in particular, and what
writes is believed to be taken; all else (skip rules, templates, types, schemas, the steps that
guide a record) is done by the very code of a run.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from engine.fields import Record
from engine.results import Accepted, Rejected
from engine.run import read as reading
from engine.run.act import Sender
from engine.run.calling import Answer, Caller
from engine.run.flow import collecting
from engine.run.intents import Journal
from engine.run.outcomes import stop_at_rejection
from engine.run.people.ask import Asker, PlannedAsk
from engine.run.plan import Plan
from engine.run.plan_steps import PlannedStep, collects_of
from engine.run.settle import CAME_OVER
from engine.run.shape import Link, Row, skip
from engine.run.stopping import Halt
from engine.run.traveller import Traveller
from engine.run.walk import Walker
from engine.store.database import Store
from engine.store.intents import Intent
from engine.store.questions import Known, NewQuestion

log = logging.getLogger("bridgework.whatif")

#: The time of all trials: the same recipe always gives the same grid.
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
#: Who answers the questions of a trial.
SOMEBODY = "somebody@firm.example"


@dataclass(frozen=True)
class Answers:
    """What the outside world says in one trial.

    :param found: by search step, what it finds; None: nothing.
    :param said: by asking step, its answer; None: nobody answers in time.
    :param refused: writing steps whose rows the other system refuses.
    """

    found: Mapping[str, Record | None] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sent:
    """One row that would be sent, or searched for."""

    step: str
    key: str
    values: Record
    writes: bool


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of one record.

    :param outcome: as in a report; besides ``stopped`` (the whole run stops) and ``crashed`` (a
        defect of Bridgework).
    :param reached: ids of the steps that did something for it.
    """

    outcome: str
    code: str = ""
    reason: str = ""
    how_to_fix: str = ""
    step: str = ""
    field: str = ""
    rows: tuple[Sent, ...] = ()
    reached: frozenset[str] = frozenset()

    @property
    def came_over(self) -> bool:
        return self.outcome in CAME_OVER


def go(plan: Plan, records: Sequence[Record], answers: Answers) -> list[Tried]:
    """Take records through a recipe together, as one run would; return what became of each."""
    rows: dict[str, list[Sent]] = {}
    journal = _NothingLeft(cast(Store, None), plan.recipe.name, run_id=0, pretend=True)
    sender = _PretendingSender(
        run_id=0, journal=journal, caller=_Answering(answers=answers), pretend=True
    )
    sender.refused = answers.refused

    def note(step: PlannedStep, sent: Sequence[Row]) -> None:
        for row in sent:
            key = row.traveller.record or row.traveller.key
            rows.setdefault(key, []).append(Sent(step.id, row.key, row.values, step.writes))

    def links(step: PlannedStep, sent: Sequence[Row]) -> dict[str, Link]:
        return {}

    walker = Walker(sender, _Answered(plan.recipe.name, answers.said), links, note)
    walker.waiter.at_once = walker.collector.forgets = True
    chunks = [t for chunk in reading.chunks(plan, records) for t in chunk]
    messages: list[Traveller] = []
    stopped: Halt | None = None  # or what would stop a run, which pretending goes on after
    try:
        for traveller in walker.walk(
            plan.steps, skip(plan, [t for t in chunks if t.outcome is None])
        ):
            traveller.arrive()
        messages = _messages(plan, walker, chunks)
        for step in plan.uses:
            if (cause := stop_at_rejection(step, chunks)) is not None:
                stopped = Halt(cause)
                stopped.step = step.id
    except Halt as halt:
        stopped = halt
    except Exception as error:
        log.exception("a trial failed")
        return [
            Tried(outcome="crashed", code="defect", reason=f"{type(error).__name__}: {error}")
            for _ in chunks
        ]
    finally:
        sender.close()
    found = [_tried(t, rows.get(t.key, []), stopped) for t in chunks]
    if len(found) == 1 and found[0].came_over:
        for message in messages:
            found[0] = _with_message(found[0], _tried(message, rows.get(message.key, []), stopped))
    return found


def _messages(plan: Plan, walker: Walker, chunk: list[Traveller]) -> list[Traveller]:
    """Send the messages that records are collected for, as the end of a run does."""
    sent: list[Traveller] = []
    for step in collects_of(plan.steps):
        values = [o.value for t in (*chunk, *sent) for o in t.collected if o.step == step.id]
        if values:
            sent.append(collecting.message_of(plan, step, f"{step.id}:1", values))
            for message in walker.walk(step.steps, sent[-1:]):
                message.arrive()
    return sent


def _with_message(tried: Tried, message: Tried) -> Tried:
    """Return a record's trial with what became of the message that it is in."""
    both = replace(tried, rows=tried.rows + message.rows, reached=tried.reached | message.reached)
    if message.came_over or tried.code:
        return both
    return replace(
        both,
        code=message.code,
        reason=message.reason,
        how_to_fix=message.how_to_fix,
        step=message.step,
        field=message.field,
    )


def _tried(t: Traveller, rows: list[Sent], stopped: Halt | None) -> Tried:
    taken = {(sent.step, sent.key) for sent in t.sent}
    reached = {row.step for row in rows} | {
        id for id, value in t.scope.items() if value is not None
    }
    rows = [row for row in rows if not row.writes or (row.step, row.key) in taken]
    for one in t.collected:
        values = one.value if isinstance(one.value, dict) else {"value": one.value}
        rows.append(Sent(one.step, one.part or one.record_key, values, writes=True))
    if stopped is not None:
        cause = stopped.cause
        return Tried(
            outcome="stopped",
            code=getattr(cause, "code", ""),
            reason=cause.message,
            how_to_fix=cause.hint,
            step=stopped.step or "",
            rows=tuple(rows),
            reached=frozenset(reached),
        )
    assert t.outcome is not None
    return Tried(
        outcome=t.outcome,
        code=t.code or "",
        reason=t.reason or "",
        how_to_fix=t.how_to_fix or "",
        step=t.step or "",
        field=t.field or "",
        rows=tuple(rows),
        reached=frozenset(reached | ({t.step} if t.step else set())),
    )


@dataclass
class _Answering(Caller):
    """Answers searches in the place of the systems they ask."""

    answers: Answers = field(default_factory=Answers)

    def call(self, step: PlannedStep, row: Row, link: Link | None) -> Answer:
        found = self.answers.found.get(step.id, step.action.sample)
        return None if found is None else Accepted(dict(found))


class _PretendingSender(Sender):
    """Pretends, and can be told to pretend a refusal."""

    refused: frozenset[str] = frozenset()

    def _pretend(self, step: PlannedStep, row: Row, links: dict[str, Link]) -> None:
        if step.id in self.refused:
            refusal = Rejected(f"{step.rows.app} refuses this {step.action.noun.one}.")
            self.settle(step, row, refusal, links)
        else:
            super()._pretend(step, row, links)


class _NothingLeft(Journal):
    """No earlier run left anything behind."""

    def left(self, step: PlannedStep, rows: Sequence[Row]) -> dict[str, Intent]:
        return {}


class _Answered(Asker):
    """Every question is answered already, or its time is up; what people do is done."""

    leaves_to_people = False

    def __init__(self, recipe: str, said: Mapping[str, Any]) -> None:
        super().__init__(cast(Store, None), recipe, clock=lambda: NOW)
        self._said = said

    def known(
        self, step: PlannedAsk, posed: Sequence[tuple[Traveller, NewQuestion]]
    ) -> Mapping[tuple[str, bytes], Known]:
        answer = self._said.get(step.id)
        known = {}
        for number, (traveller, question) in enumerate(posed, 1):
            known[traveller.record or traveller.key, question.fingerprint] = Known(
                id=number,
                fingerprint=question.fingerprint,
                state="lapsed" if answer is None else "answered",
                answer=answer,
                note="",
                answered_by="" if answer is None else SOMEBODY,
                answered_at=None if answer is None else NOW,
            )
        return known
