"""Checking joins: that both are lists of records with the field, and what comes out."""

from typing import TYPE_CHECKING

from engine.fields import Schema
from engine.recipe.checking.scopes import (
    ANYTHING,
    NoSuchField,
    field_of,
    is_open,
    items_of,
    kind_words,
    kinds,
    options,
)
from engine.recipe.join_steps import JoinStep
from engine.recipe.suggest import did_you_mean, nearest, surely
from engine.recipe.texts import Text

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker


def check_join(checker: "StepChecker", step: JoinStep) -> Schema:
    """Check a join; its result is the list of merged records."""
    left = _entries(checker, step, step.left, step.left_on)
    right = _entries(checker, step, step.right, step.right_on)
    known = [option for option in options(left) if "properties" in option and not is_open(option)]
    if len(known) != 1:
        return {"type": "array"}
    partner = step.partner.value
    if partner in known[0]["properties"]:
        checker.findings.about(
            step.partner,
            "duplicate-id",
            f"The entries of the left list have a field '{partner}' already.",
            "Call what belongs to them otherwise, with `as`.",
            step=step.id.value,
        )
    fields = dict(known[0]["properties"])
    if step.keep == "all":
        fields = {name: _nullable(part) for name, part in fields.items()}
    fields[partner] = right if step.keep == "both" else _nullable(right)
    items = {"type": "object", "additionalProperties": False, "properties": fields}
    return {"type": "array", "items": items}


def _entries(checker: "StepChecker", step: JoinStep, text: Text, on: Text) -> Schema:
    """Return the schema of a list's entries, with findings where it isn't one to be joined."""
    schema = checker.templates.expression(text, checker.names, hints=checker.hints) or ANYTHING
    possible = kinds(schema)
    if possible and "array" not in possible:
        checker.findings.about(
            text,
            "not-a-list",
            f"'{text.value.strip()}' is {kind_words(schema)}, and a join needs a list.",
            "Name a field that holds several.",
            step=step.id.value,
        )
        return ANYTHING
    entries = items_of(schema) if "array" in possible else ANYTHING
    if kinds(entries) and "object" not in kinds(entries):
        checker.findings.about(
            text,
            "wrong-type",
            f"The entries of '{text.value.strip()}' are {kind_words(entries)}, not records.",
            step=step.id.value,
        )
        return ANYTHING
    _field(checker, step, text, entries, on)
    return entries


def _field(checker: "StepChecker", step: JoinStep, text: Text, entries: Schema, on: Text) -> None:
    schema = entries
    for name in on.value.split("."):
        try:
            schema = field_of(schema, name)
        except NoSuchField as missing:
            near = nearest(name, missing.known)
            checker.findings.about(
                on,
                "unknown-field",
                f"The entries of '{text.value.strip()}' have no field '{name}'.",
                did_you_mean(name, missing.known, "They have") if missing.known else "",
                step=step.id.value,
                better=surely(name, near) or "" if name == on.value else "",
            )
            return
    told = any(found.position == on.position for found in checker.findings)  # of the other list
    if not told and kinds(schema) and kinds(schema) <= {"object", "array"}:
        checker.findings.about(
            on,
            "wrong-type",
            f"'{on.value}' is {kind_words(schema)}, and lists are joined by a text or a number.",
            "Name a field of it, e.g. its `id`.",
            step=step.id.value,
        )


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else ANYTHING
