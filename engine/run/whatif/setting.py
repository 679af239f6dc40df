"""What the trials of a recipe start from: its plan, its fields, and records that reach its steps."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from engine.fields import Record
from engine.host import Host
from engine.operations import Action
from engine.recipe.checking.filters import Tables
from engine.recipe.checking.scopes import result_of
from engine.recipe.filters.dates import find_zone
from engine.recipe.live import connected
from engine.recipe.model import Recipe
from engine.recipe.steps import (
    NO,
    AnyStep,
    AskStep,
    CallStep,
    EndStep,
    Step,
    Steps,
    every_step,
)
from engine.recipe.texts import Position
from engine.run.plan import Plan, offline_plan
from engine.run.whatif.changes import Changer, Situation
from engine.run.whatif.trial import NOW, Answers, Tried, go
from engine.run.whatif.used import ENTRY, Used, fields_used
from engine.run.whatif.values import MADE_UP, MISSING, as_read, completed, kind_of, made_up
from engine.run.whatif.variants import variants_of

#: Fields varied at most, and variants tried at most; what is left out is said.
MOST_FIELDS = 80
MOST_TRIALS = 3000
#: Values of one table tried at most.
MOST_VALUES = 40


class Setting:
    """One recipe, ready to be tried.

    :param tables: further values to look up in its tables, e.g. those of an earlier version.
    :ivar steps: by the ids of the plan, also those of the recipes it calls.
    :ivar lines: where each stands in the recipe's file; of a called one, where it is called.
    :ivar situations: records to start from; the first one comes over, if any does.
    :ivar base: what becomes of the first.
    :ivar sample: what becomes of the connector's sample.
    :ivar left_out: what was not tried, in sentences.
    :ivar count: trials so far.
    """

    def __init__(self, recipe: Recipe, host: Host, tables: Tables) -> None:
        self.recipe = recipe
        self.host = host
        self.plan: Plan = offline_plan(host, recipe, now=NOW)
        self.used, self.names = fields_used(recipe, host)
        self.record_name = recipe.trigger.record.value
        self.zone: ZoneInfo = find_zone(recipe.trigger.timezone.value)
        self.steps: dict[str, AnyStep] = {}
        self.lines: dict[str, Position] = {}
        self._add_steps(recipe.steps, "", None)
        self.tables = {
            name: _some({**_only(tables.get(name, {}), table), **table})
            for name, table in recipe.tables.items()
        }
        self.count = 0
        self.left_out: list[str] = [
            f"Of the {len(table):,} values in the table '{name}', {MOST_VALUES} were tried."
            for name, table in recipe.tables.items()
            if len(table) > MOST_VALUES
        ]
        self.change = Changer(
            self.record_name, self.used, self.names, self.plan.trigger.sample or {}
        )
        likely = self._likely()
        self.sample = self.base = self.go(likely)
        #: Each with what becomes of it.
        self.situations: list[tuple[Situation, Tried]] = [(likely, self.base)]

    def _add_steps(self, steps: Steps, calls: str, line: Position | None) -> None:
        """Note the steps by the ids of their plan, those of called recipes with the call's line."""
        for step in every_step(steps):
            id = calls + step.id.value
            self.steps[id], self.lines[id] = step, line or step.position
            if isinstance(step, CallStep) and step.called is not None:
                self._add_steps(step.called.steps, f"{id}.", self.lines[id])

    def is_varied(self, used: Used) -> bool:
        root = used.place[0]
        step = self.steps.get(root)
        if root != self.record_name:
            return isinstance(step, Step) and self.is_search(step)
        # What is read of the field and of the list's entry is one thing: it is varied once.
        return not any(
            used.place[: len(one)] == one
            and len(used.place) > len(one)
            and (*many, ENTRY, *used.place[len(one) :]) in self.used
            for one, many in self.change.twins.items()
        )

    def is_search(self, step: Step) -> bool:
        operation = self.host.operation(step.use.value)
        return isinstance(operation, Action) and operation.kind == "search"

    def _likely(self) -> Situation:
        """Return the connectors' samples, completed where the recipe reads more."""
        trigger = self.plan.trigger
        record = completed(trigger.sample, self.names.get(self.record_name, {}))
        if record.get(trigger.key) in (None, ""):
            record[trigger.key] = made_up(trigger.key, {})
        found: dict[str, Record | None] = {}
        said: dict[str, Any] = {}
        for id, step in self.steps.items():
            if isinstance(step, Step) and self.is_search(step):
                action = self.host.operation(step.use.value)
                assert isinstance(action, Action)
                action = connected(self.host, action, step.connection_name, step.fields)
                found[id] = completed(action.sample, result_of(action))
            elif isinstance(step, AskStep):
                said[id] = _yes(step)
        situation = Situation(record, Answers(found, said))
        for used in self.used.values():
            if used.place[0] in (self.record_name, *found) and not self._is_above(used):
                value = self.change.value(situation, used.place)
                if value is MISSING or value is None:
                    value = made_up(used.place[-1], used.schema)
                    situation = self.change.put(situation, used.place, value)
                if value == MADE_UP["text"] and (read := as_read(used.filters)) is not None:
                    situation = self.change.put(situation, used.place, read)
        return situation

    def _is_above(self, used: Used) -> bool:
        """Return whether other fields below this one are read, which fill it."""
        length = len(used.place)
        return any(
            other.place[:length] == used.place and len(other.place) > length
            for other in self.used.values()
        )

    def widen(self) -> None:
        """Find further records to start from, until every step is reached by one where possible.

        The first one should come over: where the sample doesn't, one of its variants may.
        """
        ids = set(self.steps)
        reached = set(self.base.reached) if self.base.came_over else set()
        if ids <= reached:
            return
        start = self.situations[0][0]
        better: list[tuple[Situation, Tried]] = []
        for used in list(self.used.values()):
            if not self.is_varied(used) or self.count > MOST_TRIALS // 3:
                continue
            value = self.change.value(start, used.place)
            kind = kind_of(used.place[-1], used.schema, None if value is MISSING else value)
            for variant in variants_of(
                used, kind, value, tables=self.tables, zone=self.zone, is_key=False
            ):
                if variant.column not in ("other", "nothing"):
                    continue
                situation = self.change.varied(start, used, variant)
                tried = self.go(situation)
                if not self.base.came_over and tried.came_over:
                    start, reached = self._begin_with(situation, tried), reached | tried.reached
                elif tried.reached - reached - {"skip"}:
                    better.append((situation, tried))
        for answers in self._other_answers():
            situation = Situation(start.record, answers)
            tried = self.go(situation)
            if not self.base.came_over and tried.came_over:
                start, reached = self._begin_with(situation, tried), reached | tried.reached
            else:
                better.append((situation, tried))
        # A record that comes over is varied with more use than one that ends for a reason of its own.
        for situation, tried in sorted(better, key=lambda one: not one[1].came_over):
            if tried.reached & ids - reached:
                reached |= tried.reached
                self.situations.append((situation, tried))

    def _begin_with(self, situation: Situation, tried: Tried) -> Situation:
        """Let what is varied be another record than the sample, which doesn't come over."""
        self.situations[0], self.base = (situation, tried), tried
        return situation

    def _other_answers(self) -> Iterator[Answers]:
        """Yield what the outside world may say otherwise, where a recipe goes on with that."""
        told = self.situations[0][0].answers
        for id, step in self.steps.items():
            if isinstance(step, Step) and step.otherwise:
                yield replace(told, refused=frozenset({id}))
            if isinstance(step, Step) and self.is_search(step):
                yield replace(told, found={**told.found, id: None})
            if isinstance(step, AskStep) and step.kind == "choice":
                for choice in step.choices:
                    yield replace(told, said={**told.said, id: choice})

    def situation_for(self, used: Used) -> tuple[Situation, Tried]:
        return self.situation_of(used.steps - {""})

    def situation_of(self, steps: set[str]) -> tuple[Situation, Tried]:
        """Return the first record that reaches one of the steps, and what becomes of it."""
        for situation, tried in self.situations:
            if not steps or steps & tried.reached:
                return situation, tried
        return self.situations[0]

    def noun_of(self, step: AnyStep) -> str:
        assert isinstance(step, Step)
        return self.host.operation(step.use.value).noun.one

    def app_of(self, step: Step) -> str:
        return self.host.connector(self.host.operation(step.use.value).connector).title

    def go(self, situation: Situation) -> Tried:
        self.count += 1
        return go(self.plan, [situation.record], situation.answers)[0]


def _only(earlier: Mapping[str, str], table: Mapping[str, str]) -> dict[str, str]:
    return {source: target for source, target in earlier.items() if source not in table}


def _some(table: Mapping[str, str]) -> dict[str, str]:
    return dict(islice(table.items(), MOST_VALUES))


def acts(step: AnyStep) -> bool:
    """Return whether a step does something of its own that a trial can see."""
    return isinstance(step, Step | AskStep | EndStep)


def _yes(step: AskStep) -> Any:
    """Return the answer with which a record goes on."""
    if step.kind == "choice":
        return next((choice for choice in step.choices if choice != NO), step.choices[0])
    return {"number": 1, "date": "2026-03-02"}.get(step.kind, "As discussed")
