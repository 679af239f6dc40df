"""The trials of one recipe: a record that comes over is varied field by field, without any network."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from engine.recipe.steps import AskStep, Step
from engine.run.whatif.changes import Situation
from engine.run.whatif.judge import Judge, Verdict, leaves
from engine.run.whatif.setting import MOST_FIELDS, MOST_TRIALS, Setting, acts
from engine.run.whatif.trial import Answers, Tried, go
from engine.run.whatif.used import ENTRY, Place, Used
from engine.run.whatif.values import (
    MISSING,
    Kind,
    kind_of,
)
from engine.run.whatif.variant import Variant
from engine.run.whatif.variants import variants_of


@dataclass(frozen=True)
class Outcome:
    """One variant tried."""

    variant: Variant
    tried: Tried
    verdict: Verdict


@dataclass
class FieldTrials:
    """All variants of one field tried, or what another system may answer.

    :param base: what they are compared with.
    """

    place: Place
    used: Used
    kind: Kind
    base: Tried
    outcomes: list[Outcome] = field(default_factory=list)


class Trials(Setting):
    """Tries one recipe out, field by field."""

    def run(self) -> list[FieldTrials]:
        """Try every variant of every field; return them in the order the recipe reads the fields."""
        self.widen()
        found: list[FieldTrials] = []
        fields = [used for used in self.used.values() if self.is_varied(used)]
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

    @property
    def unreached(self) -> list[str]:
        """The steps to which no record came that was tried."""
        reached = frozenset[str]().union(*(tried.reached for _, tried in self.situations))
        return [id for id, step in self.steps.items() if id not in reached and acts(step)]

    def _field(self, used: Used) -> FieldTrials:
        start, base = self.situation_for(used)
        situation = self.change.with_one_entry(start, used.place)
        if situation != start:
            base = self.go(situation)
        value = self.change.value(situation, used.place)
        kind = kind_of(used.place[-1], used.schema, None if value is MISSING else value)
        trials = FieldTrials(used.place, used, kind, base)
        translated = bool(used.tables or used.labels or kind == "choice" or used.literals)
        judge = Judge(base, kind, value, self.zone, translated, frozenset(used.filters))
        variants = list(
            variants_of(
                used,
                kind,
                value,
                tables=self.tables,
                zone=self.zone,
                is_key=used.place == (self.record_name, self.plan.trigger.key),
            )
        )
        if used.twin is not None:
            variants = [v for v in variants if v.id in ("two", "three")]
        for variant in variants:
            tried = self.go(self.change.varied(situation, used, variant))
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
        one = self.go(self.change.put(situation, used.place, variant.value[:1]))
        if not (one.came_over and tried.came_over):
            return verdict
        before, after = leaves(one.rows), leaves(tried.rows)
        chosen = used.filters & {"first_of", "first", "last"}
        if before == after:
            if chosen:
                return Verdict("chosen", tuple(sorted(chosen)), "first")
            return Verdict("dropped", value="first")
        last = self.go(self.change.put(situation, used.place, variant.value[-1:]))
        if leaves(last.rows) == after:
            return Verdict("chosen" if chosen else "dropped", tuple(sorted(chosen)), "last")
        return Verdict("carried") if verdict.mark in ("altered", "lost") else verdict

    def _same_key(self, situation: Situation, used: Used) -> Outcome | None:
        """Try two records that share what a step's ``key`` reads, and differ in all else."""
        own = (self.record_name, self.plan.trigger.key)
        if not used.keyed or used.place[0] != self.record_name or used.place == own:
            return None
        situation, _ = self.situation_of(used.keyed)
        # Two records with one id are one and the same; two of one name are two.
        kind = kind_of(used.place[-1], used.schema, self.change.value(situation, used.place))
        parent = used.place[:-1] if kind == "id" else used.place
        twins = [one for one, many in self.change.twins.items() if (*many, ENTRY) == parent]
        others = [
            other.place
            for other in self.used.values()
            if other.place[0] == self.record_name
            and not any(
                len(above) > 1 and other.place[: len(above)] == above for above in (parent, *twins)
            )
            and not (other.keyed & used.keyed or other.labels or other.tables or other.literals)
        ]
        twin = situation
        for place in (own, *others):
            twin = self.change.with_second(twin, place)
        self.count += 1
        results = go(self.plan, [situation.record, twin.record], situation.answers)
        variant = Variant(
            id="same-key",
            column="same",
            says="shares the {thing} of another one",
            value=self.change.value(situation, used.place),
        )
        for id in used.keyed:
            mine = [row for tried in results for row in tried.rows if row.step == id]
            if len({row.key for row in mine}) < len(mine):
                differ = len({repr(row.values) for row in mine}) > 1
                noun = self.noun_of(self.steps[id])
                verdict = Verdict("merged", value=noun) if differ else Verdict("carried")
                return Outcome(variant, results[-1], verdict)
        return Outcome(variant, results[-1], Verdict("carried"))

    def _answers(self) -> Iterator[FieldTrials]:
        """Vary what searches find, what people answer, and refusals that a recipe stands in for."""
        for id, step in self.steps.items():
            situation, base = self.situation_of({id})
            told = situation.answers
            variants: list[tuple[Variant, Answers]] = []
            if isinstance(step, Step) and self.is_search(step):
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
            used = Used((id,), {}, self.lines[id], id)
            trials = FieldTrials((id,), used, "record", base)
            judge = Judge(base, "record", None, self.zone)
            for variant, answers in variants:
                tried = self.go(Situation(situation.record, answers))
                trials.outcomes.append(Outcome(variant, tried, judge.judge(variant, tried)))
            yield trials
