"""Checking answers: that somebody waits for one, and that it can be sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.fields import Schema
from engine.host import Host
from engine.recipe.answer_steps import (
    HEADER_NAME,
    HIGHEST_STATUS,
    KEPT_HEADERS,
    LOWEST_STATUS,
    AnswerStep,
)
from engine.recipe.checking.scopes import ANYTHING
from engine.recipe.checking.values import check_values
from engine.recipe.durable_steps import CollectStep, UntilStep
from engine.recipe.findings import Findings
from engine.recipe.model import Recipe, TriggerUse
from engine.recipe.schedule.schedule import ScheduleError, is_instant
from engine.recipe.steps import AnyStep, EachStep, Steps, every_step

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker


def check_answer(checker: "StepChecker", step: AnswerStep) -> Schema:
    """Check what an answer is made of; nothing can be read of it."""
    if step.status is not None:
        _status(checker, step)
    check_values(checker, step.body)
    check_values(checker, step.headers)
    for (name, *_), position in step.headers.positions.items():
        if not HEADER_NAME.fullmatch(name):
            problem = f"'{name}' can't be the name of a header."
            hint = "Write letters, digits and hyphens, e.g. `Cache-Control`."
        elif name.lower() in KEPT_HEADERS:
            problem = f"The header '{name}' is Bridgework's own business."
            hint = "Leave it out."
        else:
            continue
        checker.findings.add(position, "bad-header", problem, hint=hint, step=step.id.value)
    return ANYTHING


def check_answers(recipe: Recipe, host: Host, findings: Findings) -> None:
    """Check that a caller waits for the recipe's answers, for one each."""
    answers = [step for step in every_step(recipe.steps) if isinstance(step, AnswerStep)]
    if not answers:
        return
    if not any(_is_told(use, host) for use in recipe.triggers):
        findings.add(
            answers[0].position,
            "no-caller",
            "Nobody waits for this answer: no webhook tells this recipe of anything.",
            hint="Let it begin with `use: webhook.received` and `schedule: instant`, or remove the "
            "answer.",
            step=answers[0].id.value,
        )
        return
    for step, outer in _within(recipe.steps):
        line = outer.position.line
        problem = f"A caller gets one answer, and this would be several: the loop of line {line} "
        problem += "does it again and again."
        if isinstance(outer, CollectStep):
            problem = f"The steps of 'collect' in line {line} are done at the end of the run, and "
            problem += "then nobody waits for an answer any more."
        hint = "Write it before or after that step."
        findings.add(step.position, "no-caller", problem, hint=hint, step=step.id.value)


def check_not_answered(steps: Steps, findings: Findings) -> None:
    """Check that a recipe to be called leaves answers to the one that calls it."""
    for step in every_step(steps):
        if isinstance(step, AnswerStep):
            findings.add(
                step.position,
                "no-caller",
                "A recipe that others call has no webhook, so nobody waits for its answer.",
                hint="Give the values back as `outputs`, and write `answer` in the recipe that "
                "calls it.",
                step=step.id.value,
            )


def _status(checker: "StepChecker", step: AnswerStep) -> None:
    assert step.status is not None
    checker.templates.template(step.status, checker.names)
    written = step.status.value.strip()
    if "{{" in written:
        return
    right = written.isdecimal() and LOWEST_STATUS <= int(written) <= HIGHEST_STATUS
    if not right:
        checker.findings.about(
            step.status,
            "bad-status",
            f"'{written}' is no status that a caller can be answered with.",
            f"Write a number from {LOWEST_STATUS} to {HIGHEST_STATUS}, e.g. 200, 404 or 422.",
            step=step.id.value,
        )


def _is_told(use: TriggerUse, host: Host) -> bool:
    connector, _, trigger = use.use.value.partition(".")
    found = host.connectors.get(connector)
    if found is None or trigger not in found.triggers:
        return True  # another finding says so
    try:
        return trigger in found.webhooks and is_instant(use.schedule.value)
    except ScheduleError:
        return True


def _within(steps: Steps, outer: AnyStep | None = None) -> Iterator[tuple[AnswerStep, AnyStep]]:
    """Yield the answers that stand in loops and messages, with what they stand in."""
    for step in steps:
        if isinstance(step, AnswerStep) and outer is not None:
            yield step, outer
        around = step if isinstance(step, EachStep | UntilStep | CollectStep) else outer
        for block in step.blocks:
            yield from _within(block, around)
