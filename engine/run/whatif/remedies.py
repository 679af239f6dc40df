"""What a recipe writer can write so that an edge case is seen to."""

from engine.recipe.steps import IfNone, Step
from engine.run.whatif.grid import FieldTrials, Outcome, Trials
from engine.run.whatif.used import ENTRY, Place
from engine.run.whatif.values import singular
from engine.run.whatif.words import owner, thing


def remedy(trials: Trials, field: FieldTrials, outcome: Outcome) -> str:
    """Return what to write or do; empty where the recipe sees to it already."""
    verdict, variant, tried = outcome.verdict, outcome.variant, outcome.tried
    path, name = field.used.path, thing(field.place[-1])
    reading = trials.record_name == field.place[0] and ENTRY not in field.place
    match verdict.mark:
        case "crash":
            return "Please report this defect with the recipe."
        case "stops":
            return "Say what else is to happen, e.g. `on_error: {rejected: report}`."
        case "dropped":
            entry = singular(field.place[-1])
            return (
                f"If all of them are wanted, put the steps into a loop: `for_each: {path}` with "
                f"`as: {entry}`, and read `{entry}` there."
            )
        case "merged":
            return f"Choose a `key:` that tells them apart, e.g. `{trials.record_name}.id`."
        case "altered" if field.kind == "moment":
            return f"Say whose day is meant: `{path} | time_zone('{trials.zone.key}') | date`."
        case "altered" if field.kind == "phone":
            return (
                "The number is taken for one of the country in `| phone(…)`. Where foreign numbers "
                "occur, write them with + and the country code at the source."
            )
        case "altered":
            return f"Look at the filters that `{path}` goes through."
        case "lost" if field.used.labels:
            return _labels(field)
        case "lost" if not reading:
            return "Let the recipe use another value there, e.g. with `| default('…')` at the end."
        case "lost":
            return f"Say what is to stand there then: `{path} | default('…')`."
        case "rejected" | "part":
            pass
        case _:
            return ""
    if variant.id == "not-found":
        return _not_found(trials, field.place[0])
    if variant.id == "unlisted":
        return _labels(field)
    if variant.id == "unmapped":
        table = field.used.tables[0]
        return (
            f"Add a line to the table '{table}', or say what is meant otherwise: "
            f"`translate('{table}', '…')`."
        )
    if variant.blank and reading:
        where = f"{path} is blank"
        if trials.recipe.further:  # else it would hold for the records of the others, too
            where = f"trigger.id == '{trials.recipe.trigger.id.value}' and {where}"
        leave_out = f"Leave such {trials.plan.trigger.noun.many} out (`skip: - if: {where}`)"
        if field.kind in ("record", "list", "email", "phone"):
            return f"{leave_out}, or see that it is filled in at the source."
        return f"{leave_out}, or say what is to stand there: `{path} | default('…')`."
    if variant.blank and tried.how_to_fix:
        return tried.how_to_fix
    return tried.how_to_fix or f"Correct the {name} of {_where(trials, field.place)} at the source."


def _not_found(trials: Trials, id: str) -> str:
    step = trials.steps[id]
    assert isinstance(step, Step)
    app, noun = trials.app_of(step), trials.noun_of(step)
    match step.if_none:
        case None:
            return f"Say what happens then: `if_none: {{skip: This {noun} isn't in {app}.}}`."
        case IfNone(then="reject"):
            return (
                f"Add the {noun} in {app}. If such {trials.plan.trigger.noun.many} shall come over "
                "all the same, write `if_none: continue` and a `default` where its fields are read."
            )
    return f"Add the {noun} in {app}."


def _labels(field: FieldTrials) -> str:
    listed = ", ".join(f"'{label}'" for label in field.used.labels)
    return (
        f"Name further labels, `first_of({listed}, …)`, or none at all, `first_of`: then the first "
        "one that isn't empty is taken."
    )


def _where(trials: Trials, place: Place) -> str:
    return owner(trials.plan.trigger.noun.one, place[1:-1])
