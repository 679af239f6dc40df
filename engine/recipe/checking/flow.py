"""Checking the steps that guide a record's way: what their conditions and lists may be."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.fields import Schema
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.checking.answers import check_answer
from engine.recipe.checking.calls import check_call
from engine.recipe.checking.durable import DURABLE_CHECKS
from engine.recipe.checking.joins import check_join
from engine.recipe.checking.scopes import ANYTHING, TEXT, items_of, kind_words, kinds
from engine.recipe.checking.values import check_values
from engine.recipe.join_steps import JoinStep
from engine.recipe.steps import (
    AnyStep,
    CallStep,
    ChooseStep,
    EachStep,
    EndStep,
    SetStep,
    Steps,
    every_step,
)

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker


#: `client in matter.clients`, as other languages write a loop.
ENTRY_IN_LIST = re.compile(r"(?P<entry>[A-Za-z_]\w*) in (?P<list>[A-Za-z_][\w.]*)")


def check_each(checker: "StepChecker", step: EachStep) -> Schema:
    """Check a loop; its result is the list of what became of each entry."""
    templates, names = checker.templates, checker.names
    turned = ENTRY_IN_LIST.fullmatch(step.items.value.strip())
    if turned is not None and turned["entry"] not in names:
        checker.findings.about(
            step.items,
            "loop-with-in",
            f"The list stands here alone; what its entries are called says `as: {turned['entry']}`.",
            step=step.id.value,
            better=turned["list"],
        )
        schema: Schema = {"type": "array"}
    else:
        schema = templates.expression(step.items, names, hints=checker.hints) or ANYTHING
    possible = kinds(schema)
    if possible and "array" not in possible:
        bare = step.items.value.strip()
        checker.findings.about(
            step.items,
            "not-a-list",
            f"'{bare}' is {kind_words(schema)}, and a loop needs a list.",
            "Name a field that holds several, e.g. `for_each: matter.clients`.",
            step=step.id.value,
        )
    item = step.item.value
    if item in names:
        checker.findings.about(
            step.item,
            "duplicate-id",
            f"The entries are called '{item}', and so is something else here.",
            "Give them another name with `as`.",
            step=step.id.value,
        )
    own = {item: items_of(schema) if "array" in possible else ANYTHING}
    if step.key is not None:
        templates.expression(step.key, {**names, **own}, hints=checker.hints)
    given = checker.within(step.steps, own)
    checker.templates.absent.setdefault(
        item,
        f"'{item}' is an entry of the loop in line {step.position.line}, and known only in it.",
    )
    _hide(checker, step.steps, f"It belongs to one entry; read the list '{step.id.value}' instead.")
    return {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "item": own[item],
                "key": TEXT,
                "outcome": {**TEXT, "enum": OUTCOMES},
                "reason": TEXT,
                "code": TEXT,
                **{name: nullable(part) for name, part in given.items()},
            },
        },
    }


#: What may have become of an entry.
OUTCOMES = [
    "created", "updated", "unchanged", "skipped", "rejected", "failed", "unsure", "waiting",
]  # fmt: skip


def check_choose(checker: "StepChecker", step: ChooseStep) -> Schema:
    """Check all branches; what they give may be empty afterwards, since only one is taken."""
    given: dict[str, Schema] = {}
    for branch in step.branches:
        checker.templates.condition(branch.condition, checker.names, hints=checker.hints)
        with checker.templates.where(branch.condition):
            given |= checker.within(branch.steps, {})
    given |= checker.within(step.otherwise, {})
    for name, schema in given.items():
        checker.names.setdefault(name, nullable(schema))
    return ANYTHING


def check_set(checker: "StepChecker", step: SetStep) -> Schema:
    """Check values; the result is a record of them."""
    return check_values(checker, step.fields)


def check_end(checker: "StepChecker", step: EndStep) -> Schema:
    """Check where a way ends."""
    checker.templates.template(step.reason, checker.names)
    return ANYTHING


def ends(step: AnyStep) -> bool:
    """Return whether no record gets beyond a step."""
    if step.condition is not None:
        return False
    match step:
        case EndStep():
            return True
        case ChooseStep(branches=branches, otherwise=otherwise):
            ways = [*(branch.steps for branch in branches), otherwise]
            return all(any(map(ends, way)) for way in ways)
    return False


def nullable(schema: Schema) -> Schema:
    """Return the schema of a value that may be empty."""
    return {"anyOf": [schema, {"type": "null"}]} if schema else ANYTHING


def _hide(checker: "StepChecker", steps: Steps, why: str) -> None:
    """Say of steps within a loop why their results can't be read outside."""
    for inner in every_step(steps):
        checker.templates.absent[inner.id.value] = f"'{inner.id.value}' is not known here. {why}"


CHECKS: Mapping[type, Callable[["StepChecker", Any], Schema]] = {
    EachStep: check_each,
    ChooseStep: check_choose,
    SetStep: check_set,
    EndStep: check_end,
    CallStep: check_call,
    JoinStep: check_join,
    AnswerStep: check_answer,
    **DURABLE_CHECKS,
}
