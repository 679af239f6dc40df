"""Checking steps whose records wait, are tried in rounds, go several ways or end up in one message."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.fields import Schema
from engine.recipe.scopes import TEXT, kind_words, kinds
from engine.recipe.steps import WaitStep

if TYPE_CHECKING:
    from engine.recipe.check_steps import StepChecker


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


DURABLE_CHECKS: Mapping[type, Callable[["StepChecker", Any], Schema]] = {
    WaitStep: check_wait,
}
