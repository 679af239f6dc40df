"""What a recipe's steps do while fields that they read are gone: compiled once, when one is missed.

A field that an action can do without is not sent, so that the target keeps what it has. Where it
can't, and where a decision reads what is gone, records stop: nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.drift.leaving_out import can_do_without
from engine.drift.readings import Field, Reading, broken_by
from engine.errors import TemplateError
from engine.recipe.steps import AnyStep, CallStep, SetStep, Step, Steps, every_step
from engine.recipe.templates.template import Expression, compile_fields
from engine.recipe.texts import FieldPath, FieldSet
from engine.run.drift.gone import FIELD_VANISHED, NO_SUCH_FIELD, Gone, Places
from engine.run.flow.values import PlannedSet
from engine.run.plan import Plan
from engine.run.plan_steps import Planned, PlannedStep, Planner, every_planned
from engine.run.rows import row_builder
from engine.run.shape import Link, Row, fingerprint
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.sent_rows import SentRows


@dataclass(frozen=True)
class Stop:
    """Why records can't go on at a step.

    :param condition: those go on for whom it doesn't hold, since the step isn't for them.
    """

    step: str
    field: str
    reason: str
    how_to_fix: str
    code: str = FIELD_VANISHED
    condition: Expression | None = None

    def let_pass(self, travellers: Sequence[Traveller]) -> list[Traveller]:
        """Settle the records that need what is gone; return the others."""
        going = []
        for traveller in travellers:
            try:
                needs_it = self.condition is None or self.condition.holds(traveller.scope)
            except TemplateError:
                needs_it = False  # the step itself says what is wrong
            if needs_it:
                self.end(traveller)
            else:
                going.append(traveller)
        return going

    def end(self, traveller: Traveller) -> None:
        traveller.end(
            "rejected",
            code=self.code,
            reason=self.reason,
            how_to_fix=self.how_to_fix,
            step=self.step,
            field=self.field,
        )


@dataclass(frozen=True)
class Amended:
    """A step while fields that it reads are gone.

    :param step: without what reads them.
    """

    step: Planned
    stop: Stop | None = None


@dataclass
class Amendments:
    """What is another now at the steps of a run; replaced as a whole, and so by any thread.

    :param skip: why no record can be told to be skipped or not.
    :param sentences: what people are told of it, one for each place of the recipe.
    """

    steps: Mapping[str, Amended] = field(default_factory=dict)
    skip: Stop | None = None
    sentences: tuple[str, ...] = ()


def amended(plan: Plan, found: Sequence[Reading], gone: Mapping[Field, Gone]) -> Amendments:
    """Return what the steps of a plan do without some fields.

    :param found: what the recipe reads (:func:`engine.drift.readings.readings`).
    """
    broken: dict[str, list[tuple[Reading, Gone, str]]] = {}
    for reading, lost, words in broken_by(found, gone):
        if reading.effect != "blank":
            broken.setdefault(reading.step, []).append((reading, gone[lost], words))
    if not broken:
        return Amendments()
    told = Places()
    skip = None
    if "skip" in broken:
        reading, lost_field, words = broken["skip"][0]
        skip = _stop(reading, lost_field, words, None)
        told.add(lost_field, reading, words, "held")
    planned = {step.id: step for step in every_planned(plan.steps)}
    steps: dict[str, Amended] = {}
    for planner, step in _with_planners(plan.planner, plan.recipe.steps):
        id = planner.id_of(step)
        if id not in broken or id not in planned:
            continue
        use = planned[id]
        action = use.action if isinstance(use, PlannedStep) else None
        lost_paths = {reading.path for reading, _, _ in broken[id]}
        paused: list[FieldPath] = []
        stop = None
        for reading, lost_field, words in broken[id]:
            if reading.effect == "pauses" and can_do_without(
                step, action, reading.path, lost_paths
            ):
                paused.append(reading.path)
                told.add(lost_field, reading, words, "paused")
                continue
            reads_if = any(r.field == "if" for r, _, _ in broken[id])
            condition = None if reads_if else planner.expression(step.condition, "if")
            stop = stop or _stop(reading, lost_field, words, condition)
            told.add(lost_field, reading, words, "held")
            if reading.path:
                paused.append(reading.path)  # nothing of the kind is ever sent
        steps[id] = Amended(_without(planner, step, use, paused), stop)
    return Amendments(steps, skip, told.sentences)


def same_but_paused(
    store: Store, recipe: str, step: PlannedStep, rows: Sequence[Row], links: Mapping[str, Link]
) -> None:
    """Let rows count as unchanged that differ from those last sent by paused fields alone."""
    if not step.paused:
        return
    differ = [
        row
        for row in rows
        if (link := links.get(row.key)) is not None and link.fingerprint != row.fingerprint
    ]
    sent = SentRows(store, recipe).of(step.id, [row.key for row in differ]) if differ else {}
    for row in differ:
        before, link = sent.get(row.key), links[row.key]
        # Sent elsewhere, or to an account that was connected since, it says nothing.
        if before is None or fingerprint(step.salt, before) != link.fingerprint:
            continue
        if _leave_out(before, step.paused) == row.values:
            row.fingerprint = link.fingerprint


def _leave_out(row: Mapping[str, Any], paths: Sequence[FieldPath]) -> dict[str, Any]:
    left = dict(row)
    for path in paths:
        if len(path) == 1:
            left.pop(path[0], None)
        elif isinstance(left.get(path[0]), Mapping):
            within = _leave_out(left[path[0]], [path[1:]])
            if within:
                left[path[0]] = within
            else:
                del left[path[0]]
    return left


def _stop(reading: Reading, gone: Gone, words: str, condition: Expression | None) -> Stop:
    needs = "its rules for leaving records out" if reading.step == "skip" else reading.field
    return Stop(
        step=reading.step,
        field=reading.field,
        reason=gone.needed_for(f"'{needs}'", reading.step),
        how_to_fix=gone.remedy(words),
        code=NO_SUCH_FIELD if gone.lacks else FIELD_VANISHED,
        condition=condition,
    )


def _without(
    planner: Planner, step: AnyStep, planned: Planned, paused: Sequence[FieldPath]
) -> Planned:
    if not paused:
        return planned
    if isinstance(planned, PlannedStep) and isinstance(step, Step):
        rows = row_builder(
            planner.environment,
            planned.action,
            _fields_but(step.fields, paused),
            app=planned.rows.app,
            noun=planned.rows.noun,
            purpose=planned.rows.purpose,
            blank=step.blank,
            blanks=step.blanks.values,
        )
        return replace(planned, rows=rows, paused=tuple(paused))
    if isinstance(planned, PlannedSet) and isinstance(step, SetStep):
        fields = compile_fields(planner.environment, _fields_but(step.fields, paused))
        return replace(planned, fields=fields)
    return planned


def _fields_but(fields: FieldSet, paused: Sequence[FieldPath]) -> FieldSet:
    kept = {path: value for path, value in fields.values.items() if path not in paused}
    return FieldSet(kept, fields.positions)


def _with_planners(planner: Planner, steps: Steps) -> Iterator[tuple[Planner, AnyStep]]:
    """Yield all steps, those of calls too, each with what compiles it."""
    for step in every_step(steps):
        yield planner, step
        if isinstance(step, CallStep) and step.called is not None:
            yield from _with_planners(planner.within_call(step, step.called), step.called.steps)
