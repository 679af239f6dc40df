"""Checking calls: what the recipe is given, and what its outputs are; and recipes to be called."""

from typing import TYPE_CHECKING

from engine.fields import Schema
from engine.recipe.called import INPUTS, OUTPUTS, Called
from engine.recipe.checking.answers import check_not_answered
from engine.recipe.checking.fields import FieldChecker
from engine.recipe.checking.scopes import ANYTHING
from engine.recipe.checking.templates import TemplateChecker, Watch
from engine.recipe.checking.uses import UseChecker
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.findings import Findings
from engine.recipe.steps import CallStep, every_step
from engine.recipe.templates.environment import build_environment
from engine.recipe.yaml.nodes import split_lines

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker

NO_OUTPUTS: Schema = {"type": "object", "additionalProperties": False, "properties": {}}


def check_call(checker: "StepChecker", step: CallStep) -> Schema:
    """Check a call; its result are the outputs of the recipe that is called."""
    called = step.called
    if called is None:  # the loader has said why
        for text in step.fields.texts:
            checker.templates.template(text, checker.names)
        return ANYTHING
    id = step.id.value
    FieldChecker(checker.findings, checker.templates, called.inputs, id).check(
        step.fields, checker.names, step.recipe.position
    )
    findings, outputs = check_called(checker, called)
    mistakes = [found for found in findings if found.level == "mistake"]
    wrong = [found for found in mistakes if not found.is_setup]
    if wrong:
        first = wrong[0]
        checker.findings.about(
            step.recipe,
            "bad-call",
            f"The recipe '{called.name}' has a mistake in line {first.position.line}: "
            f"{first.message}",
            f"`bridgework check {called.path}` shows it.",
            step=id,
        )
    elif mistakes:  # the same lack as that recipe's own: one cause, one remedy
        first = mistakes[0]
        checker.findings.about(step.recipe, first.code, first.message, first.hint, step=id)
    return outputs


def check_called(
    checker: "StepChecker", called: Called, watch: Watch | None = None
) -> tuple[Findings, Schema]:
    """Return the findings of a recipe to be called, and the schema of its outputs.

    :param checker: of the recipe that calls it; it knows the connectors and connections.
    :param watch: as :attr:`TemplateChecker.watch`, of its own texts.
    """
    findings = Findings(called.path, split_lines(called.text.removeprefix("\ufeff")))
    uses = UseChecker(checker.uses.host, checker.uses.connections, findings)
    environment = build_environment(filters_for(called.tables), TESTS)
    templates = TemplateChecker(environment, findings, called.tables)
    templates.watch = watch
    templates.absent = {
        inner.id.value: f"'{inner.id.value}' has no result yet here."
        for inner in every_step(called.steps)
    }
    inner = type(checker)(uses, templates, checker.hints)
    inner.names = {INPUTS: called.inputs.readable}
    inner.check(called.steps)
    check_not_answered(called.steps, findings)
    return findings, inner.names.get(OUTPUTS, NO_OUTPUTS)
