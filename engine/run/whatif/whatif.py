"""The edge cases of a recipe, found without a written test: problems in sentences, then the grid."""

from collections.abc import Iterator
from types import MappingProxyType

from engine.errors import RecipeError
from engine.host import Host
from engine.recipe.checking.check import check_recipe
from engine.recipe.checking.filters import Tables
from engine.recipe.model import Recipe
from engine.recipe.steps import AskStep, Step
from engine.run.whatif.grid import FieldTrials, Outcome, Trials
from engine.run.whatif.judge import MARKS, SILENT, Mark
from engine.run.whatif.model import LEVELS, Case, Level, Line, Problem, WhatIf
from engine.run.whatif.remedies import remedy
from engine.run.whatif.trial import Tried
from engine.run.whatif.used import ENTRY, Place
from engine.run.whatif.values import MISSING
from engine.run.whatif.words import condition, consequence, owner, sharing, shown, thing

#: Marks that a recipe's report tells of, and where somebody must act.
TOLD = frozenset({"rejected", "part", "stops", "crash"})


def whatif(recipe: Recipe, host: Host, *, tables: Tables = MappingProxyType({})) -> WhatIf:
    """Try a recipe on what its sources may send; nothing is read from anywhere, nothing is sent.

    Each of its triggers is tried; what a step finds or is answered is varied once.

    :param tables: ``translate`` tables of an earlier version, whose values are tried as well.
    :raises RecipeError: the recipe has mistakes, which come first.
    """
    mistakes = [found for found in check_recipe(recipe, host) if found.level == "mistake"]
    if mistakes:
        raise RecipeError(
            f"The recipe '{recipe.name}' has mistakes; edge cases come after them.",
            hint="`bridgework check` shows them.",
            findings=mistakes,
        )
    looks = [Trials(recipe.at(use), host, tables) for use in recipe.triggers]
    lines: list[Line] = []
    problems: dict[tuple[str, str, int], Problem] = {}
    for trials, fields in _told_once([(trials, trials.run()) for trials in looks]):
        for field in fields:
            line = _line(trials, field)
            lines.append(line)
            for problem in _problems(trials, field, line):
                problems.setdefault((problem.sentence, problem.fix, problem.line), problem)
    marks, levels = list(MARKS), list(LEVELS)
    left_out = [sentence for trials in looks for sentence in trials.left_out]
    if unreached := [id for id in looks[0].unreached if all(id in t.unreached for t in looks)]:
        named = ", ".join(f"'{id}'" for id in unreached)
        left_out.append(f"No record that was tried comes to {named}.")
    return WhatIf(
        recipe=recipe.name,
        title=recipe.title,
        # Lines are those of the file that the texts stand in.
        file=f"blueprint '{recipe.blueprint.name.value}'" if recipe.blueprint else str(recipe.path),
        noun=looks[0].plan.noun.one,
        base=" ".join(
            dict.fromkeys(_about_base(t.plan.trigger.noun.one, t.sample, t.base) for t in looks)
        ),
        base_outcome=looks[0].base.outcome,
        problems=tuple(
            sorted(problems.values(), key=lambda p: (levels.index(p.level), marks.index(p.mark)))
        ),
        lines=tuple(lines),
        left_out=tuple(dict.fromkeys(left_out)),
        tried=sum(trials.count for trials in looks),
    )


def _told_once(
    looks: list[tuple[Trials, list[FieldTrials]]],
) -> Iterator[tuple[Trials, list[FieldTrials]]]:
    """Yield each trigger's fields; those of steps only with the first whose records come there."""
    where: dict[Place, int] = {}
    for reached in (True, False):
        for number, (trials, fields) in enumerate(looks):
            for field in fields:
                if field.place[0] == trials.record_name:
                    continue
                if (field.place[0] in field.base.reached) is reached:
                    where.setdefault(field.place, number)
    for number, (trials, fields) in enumerate(looks):
        own = (
            field
            for field in fields
            if field.place[0] == trials.record_name or where[field.place] == number
        )
        yield trials, [field for field in own if field.outcomes]


def _about_base(noun: str, sample: Tried, base: Tried) -> str:
    """Say what became of the record that is varied."""
    if sample.came_over:
        return f"The sample {noun} comes over."
    why = f"The sample {noun} does not come over ({sample.reason.rstrip('.')})"
    if base.came_over:
        return f"{why}; one that does is varied instead."
    return f"{why}, so what is below shows only what ends it sooner."


def _line(trials: Trials, field: FieldTrials) -> Line:
    name = _field(trials, field)
    return Line(
        field=name,
        place=_place(trials, field),
        title=_title(trials, field),
        line=field.used.position.line,
        cases=tuple(_case(trials, field, name, outcome) for outcome in field.outcomes),
    )


def _field(trials: Trials, field: FieldTrials) -> str:
    """Return a field as the recipe writes it, and its trigger where another's would be the same."""
    triggers, use = trials.recipe.triggers, trials.recipe.trigger
    alike = [one for one in triggers if one.record.value == trials.record_name]
    if field.place[0] != trials.record_name or len(alike) == 1:
        return field.used.path
    return f"{field.used.path} ({use.id.value})"


def _place(trials: Trials, field: FieldTrials) -> str:
    """Return a field's name without what the recipe calls its record, which may change."""
    if field.place[0] != trials.record_name:
        return field.used.path
    recipe = trials.recipe
    first = recipe.trigger is recipe.triggers[0]
    record = "record" if first else f"record of {recipe.trigger.id.value}"
    return f"{record}.{field.used.path.partition('.')[2]}"


def _title(trials: Trials, field: FieldTrials) -> str:
    place = field.place
    if len(place) == 1:
        return f"answer of '{place[0]}'"
    whose = [thing(part) for part in place[1:] if part != ENTRY]
    return " › ".join(whose if place[0] == trials.record_name else [place[0], *whose])


def _case(trials: Trials, field: FieldTrials, name: str, outcome: Outcome) -> Case:
    variant, tried, verdict = outcome.variant, outcome.tried, outcome.verdict
    place, schema = field.place, field.used.schema
    noun = trials.plan.trigger.noun
    step = trials.steps.get(place[0])
    if len(place) == 1:
        subject = _looked_for(trials, step, place[0]) if isinstance(step, Step) else f"'{place[0]}'"
        if isinstance(step, AskStep) and variant.id == "no-answer":
            title = f"If nobody answers '{place[0]}' in time"
        else:
            title = f"If {subject} {variant.says}"
    elif isinstance(step, Step) and place[0] != trials.record_name:
        title = condition(trials.noun_of(step), place[1:], variant.says, schema)
    elif variant.id == "same-key":
        title = f"If two {sharing(noun.many, place[1:-1])} the same {thing(place[-1], schema)}"
    else:
        if variant.of_kind:
            title = f"If {owner(noun.one, place[1:-1])} {variant.says}"
        else:
            title = condition(noun.one, place[1:], variant.says, schema)
    return Case(
        field=name,
        id=variant.id,
        column=variant.column,
        title=title,
        shown="(not there)" if variant.value is MISSING else shown(variant.value),
        mark=verdict.mark,
        outcome=tried.outcome,
        code=tried.code,
        reason=tried.reason,
        how_to_fix=tried.how_to_fix,
        step=tried.step,
        consequence=consequence(noun, verdict, tried),
        likely=variant.likely,
    )


def _looked_for(trials: Trials, step: Step, id: str) -> str:
    """Return what a step finds or makes; with the step's name where others do the same."""
    noun = trials.noun_of(step)
    alike = [
        other
        for other in trials.steps.values()
        if isinstance(other, Step) and other.use.value == step.use.value
    ]
    return f"the {noun}" if len(alike) == 1 else f"the {noun} of '{id}'"


def _problems(trials: Trials, field: FieldTrials, line: Line) -> Iterator[Problem]:
    """Yield what is worth a sentence: each outcome of a field once, by its likeliest variant."""
    seen: dict[tuple[str, ...], list[int]] = {}
    for number, outcome in enumerate(field.outcomes):
        if outcome.verdict.mark in ("same", "carried"):
            continue
        tried = outcome.tried
        blank = outcome.variant.blank
        cause = (
            outcome.verdict.mark,
            tried.code,
            tried.step,
            "blank" if blank else tried.code or _sort(outcome),
            *(() if blank else outcome.verdict.about),
        )
        seen.setdefault(cause, []).append(number)
    for numbers in seen.values():
        outcomes = [field.outcomes[n] for n in numbers]
        first = next((n for n in numbers if field.outcomes[n].variant.likely), None)
        if first is None and not any(o.verdict.mark in ("crash", "stops") for o in outcomes):
            continue
        number = numbers[0] if first is None else first
        outcome, case = field.outcomes[number], line.cases[number]
        fix = remedy(trials, field, outcome)
        yield Problem(
            level=_level(outcome),
            sentence=case.sentence,
            field=line.field,
            cases=tuple(field.outcomes[n].variant.id for n in numbers),
            fix=fix,
            step=case.step or field.used.step,
            line=field.used.position.line,
            mark=case.mark,
        )


def _sort(outcome: Outcome) -> str:
    """Return what outcomes have in common that are told as one."""
    if outcome.verdict.mark in ("cut", "other-way"):
        return outcome.verdict.mark
    return outcome.variant.column if outcome.variant.column == "several" else outcome.variant.id


def _level(outcome: Outcome) -> Level:
    mark: Mark = outcome.verdict.mark
    if mark in SILENT:
        return "lost"
    if mark in TOLD:
        return "rejected"
    return "handled" if mark == "skipped" else "noted"
