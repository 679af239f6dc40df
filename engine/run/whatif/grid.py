"""The trials of one recipe: a record that comes over is varied field by field, without any network."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.fields import Record
from engine.host import Host
from engine.operations import Action
from engine.recipe.filters.dates import find_zone
from engine.recipe.model import Recipe
from engine.recipe.scopes import result_of
from engine.recipe.steps import NO, AskStep, Step, every_step
from engine.run.plan import Plan, offline_plan
from engine.run.whatif.changes import Changer, Situation
from engine.run.whatif.judge import Judge, Verdict, leaves
from engine.run.whatif.trial import Answers, Tried, go
from engine.run.whatif.used import ENTRY, Place, Used, fields_used
from engine.run.whatif.values import (
    MISSING,
    Kind,
    completed,
    kind_of,
    made_up,
)
from engine.run.whatif.variant import Variant
from engine.run.whatif.variants import variants_of

#: Fields varied at most, and variants tried at most; what is left out is said.
MOST_FIELDS = 80
MOST_TRIALS = 3000
#: The time of all trials: the same recipe always gives the same grid.
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """One variant tried."""

    variant: Variant
    tried: Tried
    verdict: Verdict


@dataclass
class FieldTrials:
    """All variants of one field tried.

    :param used: None for what another system answers.
    """

    place: Place
    used: Used
    kind: Kind
    base: Tried
    outcomes: list[Outcome] = field(default_factory=list)


class Trials:
    """Tries one recipe out.

    :ivar left_out: what was not tried, in sentences.
    """

    def __init__(self, recipe: Recipe, host: Host) -> None:
        self.recipe = recipe
        self.host = host
        self.plan: Plan = offline_plan(host, recipe, now=NOW)
        self.used, self.names = fields_used(recipe, host)
        self.record_name = recipe.trigger.record.value
        self.zone: ZoneInfo = find_zone(recipe.trigger.timezone.value)
        self.steps = {step.id.value: step for step in every_step(recipe.steps)}
        self.count = 0
        self.left_out: list[str] = []
        self.change = Changer(
            self.record_name, self.used, self.names, self.plan.trigger.sample or {}
        )
        self.situations = [self._likely()]
        self.base = self._go(self.situations[0])

    # -- what is tried -------------------------------------------------------------------------

    def run(self) -> list[FieldTrials]:
        """Try every variant of every field; return them in the order the recipe reads the fields."""
        self._widen()
        found: list[FieldTrials] = []
        fields = [used for used in self.used.values() if self._is_varied(used)]
        if len(fields) > MOST_FIELDS:
            self.left_out.append(
                f"{len(fields) - MOST_FIELDS} of {len(fields)} fields were not varied: "
                f"{MOST_FIELDS} are enough for one look."
            )
        for used in fields[:MOST_FIELDS]:
            if self.count > MOST_TRIALS:
                self.left_out.append(f"'{used.path}' and what follows it was not varied.")
                break
            found.append(self._field(used))
        found += self._answers()
        return found

    def _is_varied(self, used: Used) -> bool:
        root = used.place[0]
        step = self.steps.get(root)
        return root == self.record_name or (isinstance(step, Step) and self._is_search(step))

    def _is_search(self, step: Step) -> bool:
        operation = self.host.operation(step.use.value)
        return isinstance(operation, Action) and operation.kind == "search"

    def _field(self, used: Used) -> FieldTrials:
        situation = self.change.with_one_entry(self._situation_for(used), used.place)
        base = self._go(situation)
        value = self.change.value(situation, used.place)
        kind = kind_of(used.place[-1], used.schema, None if value is MISSING else value)
        trials = FieldTrials(used.place, used, kind, base)
        translated = bool(used.tables or used.labels or kind == "choice" or used.literals)
        judge = Judge(base, kind, value, self.zone, translated)
        variants = list(
            variants_of(
                used,
                kind,
                value,
                tables=self.recipe.tables,
                zone=self.zone,
                is_key=used.place == (self.record_name, self.plan.trigger.key),
            )
        )
        if used.twin is not None:
            variants = [v for v in variants if v.id in ("two", "three")]
        for variant in variants:
            tried = self._go(self.change.varied(situation, used, variant))
            verdict = judge.judge(variant, tried)
            if kind == "list" and variant.id in ("two", "three"):
                verdict = self._several(situation, used, variant, tried, verdict)
            trials.outcomes.append(Outcome(variant, tried, verdict))
        if (same := self._same_key(situation, used)) is not None:
            trials.outcomes.append(same)
        return trials

    def _several(
        self, situation: Situation, used: Used, variant: Variant, tried: Tried, verdict: Verdict
    ) -> Verdict:
        """Tell whether all entries of a list come over: its rows must differ from those of one."""
        one = self._go(self.change.put(situation, used.place, variant.value[:1]))
        if not (one.came_over and tried.came_over):
            return verdict
        before, after = leaves(one.rows), leaves(tried.rows)
        chosen = used.filters & {"first_of", "first", "last"}
        if before == after:
            if chosen:
                return Verdict("chosen", tuple(sorted(chosen)), "first")
            return Verdict("dropped", value="first")
        last = self._go(self.change.put(situation, used.place, variant.value[-1:]))
        if leaves(last.rows) == after:
            return Verdict("chosen" if chosen else "dropped", tuple(sorted(chosen)), "last")
        return Verdict("carried") if verdict.mark in ("altered", "lost") else verdict

    def _same_key(self, situation: Situation, used: Used) -> Outcome | None:
        """Try two records that share what a step's ``key`` reads, and differ in all else."""
        if used.place[0] != self.record_name or used.place[-1] == ENTRY:
            return None
        own = (self.record_name, self.plan.trigger.key)
        keyed = [
            step
            for step in self.recipe.uses
            if step.key is not None and not self._is_search(step) and self._reads(step.key, used)
        ]
        if not keyed or used.place == own:
            return None
        others = [
            other.place
            for other in self.used.values()
            if other.place[0] == self.record_name
            and not (len(used.place) > 2 and other.place[: len(used.place) - 1] == used.place[:-1])
            and other.place != used.place[: len(other.place)]
            and not any(self._reads(step.key, other) for step in keyed if step.key)
        ]
        twin = self.change.with_second(situation, own)
        for place in others:
            twin = self.change.with_second(twin, place)
        self.count += 1
        results = go(self.plan, [situation.record, twin.record], situation.answers)
        variant = Variant(
            id="same-key",
            column="same",
            says="shares the {thing} of another one",
            value=self.change.value(situation, used.place),
        )
        for step in keyed:
            mine = [row for t in results for row in t.rows if row.step == step.id.value]
            first, second_row = (mine[0], mine[1]) if len(mine) == 2 else (None, None)
            if first and second_row and first.key == second_row.key:
                noun = self.noun_of(step)
                if first.values != second_row.values:
                    return Outcome(variant, results[-1], Verdict("merged", value=noun))
                return Outcome(variant, results[-1], Verdict("carried"))
        return Outcome(variant, results[-1], Verdict("carried"))

    def _reads(self, key: Any, used: Used) -> bool:
        return key is not None and used.place[-1] in str(key.value) and used.path in str(key.value)

    def _answers(self) -> Iterator[FieldTrials]:
        """Vary what searches find, what people answer, and refusals that a recipe stands in for."""
        for id, step in self.steps.items():
            situation = self._situation_of({id})
            base = self._go(situation)
            told = situation.answers
            variants: list[tuple[Variant, Answers]] = []
            if isinstance(step, Step) and self._is_search(step):
                says = f"isn't found in {self.app_of(step)}"
                none = Variant(id="not-found", column="nothing", says=says, value=None, blank=True)
                variants = [(none, replace(told, found={**told.found, id: None}))]
            elif isinstance(step, Step) and step.otherwise:
                says = f"is refused by {self.app_of(step)}"
                refusal = Variant(id="refused", column="other", says=says, value=None)
                variants = [(refusal, replace(told, refused=frozenset({id})))]
            elif isinstance(step, AskStep):
                for answer in (*(step.choices if step.kind == "choice" else ()), None):
                    if answer == told.said.get(id):
                        continue
                    says = "nobody answers in time" if answer is None else f"is answered '{answer}'"
                    variant = Variant(
                        id="no-answer" if answer is None else f"answer:{answer}",
                        column="nothing" if answer is None else "other",
                        says=says,
                        value=answer,
                        blank=answer is None,
                    )
                    if answer is not None or step.within is not None:
                        variants.append((variant, replace(told, said={**told.said, id: answer})))
            if not variants:
                continue
            used = Used((id,), {}, step.position, id)
            trials = FieldTrials((id,), used, "record", base)
            judge = Judge(base, "record", None, self.zone)
            for variant, answers in variants:
                tried = self._go(Situation(situation.record, answers))
                trials.outcomes.append(Outcome(variant, tried, judge.judge(variant, tried)))
            yield trials

    # -- where trials start --------------------------------------------------------------------

    def _likely(self) -> Situation:
        """Return the connectors' samples, completed where the recipe reads more."""
        trigger = self.plan.trigger
        record = completed(trigger.sample, self.names.get(self.record_name, {}))
        if record.get(trigger.key) in (None, ""):
            record[trigger.key] = made_up(trigger.key, {})
        found: dict[str, Record | None] = {}
        said: dict[str, Any] = {}
        for id, step in self.steps.items():
            if isinstance(step, Step) and self._is_search(step):
                action = self.host.operation(step.use.value)
                assert isinstance(action, Action)
                found[id] = completed(action.sample, result_of(action))
            elif isinstance(step, AskStep):
                said[id] = _yes(step)
        situation = Situation(record, Answers(found, said))
        for used in self.used.values():
            if used.place[0] in (self.record_name, *found) and not self._is_above(used):
                value = self.change.value(situation, used.place)
                if value is MISSING or value is None:
                    made = made_up(used.place[-1], used.schema)
                    situation = self.change.put(situation, used.place, made)
        return situation

    def _is_above(self, used: Used) -> bool:
        """Return whether other fields below this one are read, which fill it."""
        length = len(used.place)
        return any(
            other.place[:length] == used.place and len(other.place) > length
            for other in self.used.values()
        )

    def _widen(self) -> None:
        """Find further records to start from, until every step is reached by one where possible.

        The first one should come over: where the sample doesn't, one of its variants may.
        """
        ids = set(self.steps)
        reached = set(self.base.reached) if self.base.came_over else set()
        if ids <= reached:
            return
        start = self.situations[0]
        better: list[tuple[Situation, Tried]] = []
        for used in list(self.used.values()):
            if not self._is_varied(used) or self.count > MOST_TRIALS // 3:
                continue
            value = self.change.value(start, used.place)
            kind = kind_of(used.place[-1], used.schema, None if value is MISSING else value)
            for variant in variants_of(
                used, kind, value, tables=self.recipe.tables, zone=self.zone, is_key=False
            ):
                if variant.column not in ("other", "nothing"):
                    continue
                situation = self.change.varied(start, used, variant)
                tried = self._go(situation)
                if not self.base.came_over and tried.came_over:
                    self.situations[0], self.base, start = situation, tried, situation
                    reached |= tried.reached
                elif tried.reached - reached - {"skip"}:
                    better.append((situation, tried))
        for situation, tried in better:
            if tried.reached & ids - reached:
                reached |= tried.reached
                self.situations.append(situation)

    def _situation_for(self, used: Used) -> Situation:
        return self._situation_of(used.steps - {""})

    def _situation_of(self, steps: set[str]) -> Situation:
        """Return the first record that reaches one of the steps."""
        for situation in self.situations:
            if not steps or steps & self._go(situation).reached:
                return situation
        return self.situations[0]

    # -- words ---------------------------------------------------------------------------------

    def noun_of(self, step: Step) -> str:
        return self.host.operation(step.use.value).noun.one

    def app_of(self, step: Step) -> str:
        return self.host.connector(self.host.operation(step.use.value).connector).title

    def _go(self, situation: Situation) -> Tried:
        self.count += 1
        return go(self.plan, [situation.record], situation.answers)[0]


def _yes(step: AskStep) -> Any:
    """Return the answer with which a record goes on."""
    if step.kind == "choice":
        return next((choice for choice in step.choices if choice != NO), step.choices[0])
    return {"number": 1, "date": "2026-03-02"}.get(step.kind, "As discussed")
