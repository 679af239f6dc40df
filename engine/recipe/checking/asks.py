"""Checking questions: their templates, and what later steps read of an answer."""

from collections.abc import Collection

from engine.fields import Schema
from engine.recipe.checking.expressions import Names
from engine.recipe.checking.scopes import NUMBER, TEXT, kinds
from engine.recipe.checking.templates import TemplateChecker
from engine.recipe.findings import Findings
from engine.recipe.model import Recipe
from engine.recipe.steps import NO, AskStep, Step, every_step
from engine.recipe.texts import Text


def check_ask(step: AskStep, templates: TemplateChecker, names: Names) -> None:
    """Check the templates of a question.

    :param names: what they may read.
    """
    templates.template(step.text, names)
    for text in step.details.values():
        templates.template(text, names)
    _check_people(step.people, templates, names, step.id.value)


def check_person(step: Step, templates: TemplateChecker, names: Names) -> None:
    """Check what is said to the person who does a step."""
    if step.person is None:
        return
    if step.person.note is not None:
        templates.template(step.person.note, names)
    _check_people(step.person.people, templates, names, step.id.value)


def _check_people(
    people: tuple[Text, ...], templates: TemplateChecker, names: Names, step: str
) -> None:
    for person in people:
        schema = templates.template(person, names)
        if schema is not None and kinds(schema) and not kinds(schema) & {"string", "array"}:
            templates.findings.about(
                person,
                "not-an-address",
                f"'{person.value}' is not an e-mail address.",
                "Name the field that holds the address.",
                step=step,
            )


def answer_of(step: AskStep) -> Schema:
    """Return the schema of what later steps read by the question's id.

    An answer that ends the record's way is none that they could meet.
    """
    kinds_of_answers: dict[str, Schema] = {
        "choice": {
            **TEXT,
            "enum": [c for c in step.choices if c != NO or step.on_no == "continue"],
        },
        "text": TEXT,
        "number": NUMBER,
        "date": {**TEXT, "format": "date"},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "answer": kinds_of_answers[step.kind],
            "by": TEXT,
            "at": {**TEXT, "format": "date-time"},
            "note": TEXT,
        },
    }


def check_unread(recipe: Recipe, used: Collection[str], findings: Findings) -> None:
    """Find questions whose answer changes nothing.

    :param used: the ids that some template reads.
    """
    steps = list(every_step(recipe.steps))
    for step in steps:
        if not isinstance(step, AskStep) or not step.id.value:
            continue
        if step is steps[-1]:
            findings.add(
                step.position,
                "unread-step",
                "Nothing comes after this question, so its answer changes nothing.",
                hint="Put it before the steps that need the answer.",
                step=step.id.value,
            )
        elif step.id.value not in used and not _ends_a_way(step):
            findings.add(
                step.position,
                "unread-step",
                f"Nothing reads the answer to '{step.id.value}'.",
                hint=f"Read it in a later step, e.g. `if: {step.id.value}.answer == …`.",
                step=step.id.value,
            )


def _ends_a_way(step: AskStep) -> bool:
    """Return whether some answer ends a record's way, or there is only one to wait for."""
    return len(step.choices) == 1 or (NO in step.choices and step.on_no != "continue")
