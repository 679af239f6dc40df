"""Checking steps whose records wait, are tried in rounds, go several ways or end up in one message."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.checking.scopes import ANYTHING, NUMBER, TEXT, kind_words, kinds
from engine.recipe.checking.values import check_values
from engine.recipe.durable_steps import CollectStep, ParallelStep, UntilStep, WaitStep
from engine.recipe.steps import every_step
from engine.recipe.templates.syntax import Mistake, parse_expression
from engine.recipe.texts import Text

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker


def check_wait(checker: "StepChecker", step: WaitStep) -> Schema:
    """Check a wait: the moment it names is a text that may hold one."""
    if step.until is not None:
        schema = checker.templates.template(step.until, checker.names)
        possible = kinds(schema) if schema is not None else frozenset()
        if possible and "string" not in possible:
            checker.findings.about(
                step.until,
                "wrong-type",
                f"'{step.until.value}' is {kind_words(schema or {})}, and a wait needs a moment.",
                "Name a field that holds a date or a time, e.g. `{{ matter.hearing_date }}`.",
                step=step.id.value,
            )
        elif "{{" not in step.until.value:
            checker.findings.about(
                step.until,
                "constant",
                "All records would wait until the same moment, which passes once.",
                "Read it from the record, e.g. `{{ matter.hearing_date }}`, or write `wait: 2 days`.",
                step=step.id.value,
            )
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"until": {**TEXT, "format": "date-time"}},
    }


def check_until(checker: "StepChecker", step: UntilStep) -> Schema:
    """Check rounds; what the last one gave can be read afterwards."""
    given = checker.within(step.steps, {})
    for name, schema in given.items():
        checker.names.setdefault(name, schema)
    checker.templates.condition(step.done, checker.names, hints=checker.hints)
    if given and not _names_in(checker, step.done) & given.keys():
        checker.findings.about(
            step.done,
            "constant",
            "No round changes this: it reads nothing that the steps of a round give.",
            f"Read a result of theirs, e.g. `until: {next(iter(given))}.…`.",
            step=step.id.value,
        )
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"rounds": NUMBER},
    }


def _names_in(checker: "StepChecker", expression: Text) -> set[str]:
    try:
        tree = parse_expression(checker.templates.environment, expression.value)
    except Mistake:  # said already
        return set(checker.names)
    found = {part.name for part in tree.find_all(nodes.Name)}
    return found | ({tree.name} if isinstance(tree, nodes.Name) else set())


def check_parallel(checker: "StepChecker", step: ParallelStep) -> Schema:
    """Check branches: none may read what another gives, and later steps read what all gave."""
    absent, everything = checker.templates.absent, dict[str, Schema]()
    for number, branch in enumerate(step.branches):
        others = {
            inner.id.value
            for other, steps in enumerate(step.branches)
            for inner in every_step(steps)
            if other != number
        }
        before = {name: absent.get(name) for name in others}
        absent |= {
            name: f"'{name}' is in another branch, which is done at the same time."
            for name in others
        }
        everything |= checker.within(branch, {})
        for name, why in before.items():
            absent.pop(name, None)
            if why is not None:
                absent[name] = why
    for name, schema in everything.items():
        absent.pop(name, None)
        checker.names.setdefault(name, schema)
    return ANYTHING


def check_collect(checker: "StepChecker", step: CollectStep) -> Schema:
    """Check what is collected; the steps of the message read the list of it, and nothing else."""
    if step.value is not None:
        value = checker.templates.template(step.value, checker.names) or TEXT
    else:
        value = check_values(checker, step.fields)
    outer, absent = checker.names, checker.templates.absent
    hidden = {name: absent.get(name) for name in outer}
    absent |= {
        name: f"'{name}' belongs to one record, and this is done once for all of them."
        for name in outer
    }
    absent.pop(step.id.value, None)
    checker.names = {step.id.value: {"type": "array", "items": value}}
    name = checker.templates.step
    checker.check(step.steps)
    checker.templates.step = name
    checker.names = outer
    for name, why in hidden.items():
        absent.pop(name, None)
        if why is not None:
            absent[name] = why
    for inner in every_step(step.steps):
        absent[inner.id.value] = f"'{inner.id.value}' is done after all records, for all of them."
    return ANYTHING


DURABLE_CHECKS: Mapping[type, Callable[["StepChecker", Any], Schema]] = {
    WaitStep: check_wait,
    UntilStep: check_until,
    ParallelStep: check_parallel,
    CollectStep: check_collect,
}
