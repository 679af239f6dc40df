"""Checking values that a recipe works out itself: what record they make."""

from typing import TYPE_CHECKING, Any

from engine.fields import Schema
from engine.recipe.checking.scopes import TEXT
from engine.recipe.texts import FieldSet, Records, Text, Value

if TYPE_CHECKING:
    from engine.recipe.checking.steps import StepChecker


def check_values(checker: "StepChecker", fields: FieldSet) -> Schema:
    """Check values; return the schema of the record that they make."""
    result: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    for path, value in fields.values.items():
        part = result
        for name in path[:-1]:
            part = part["properties"].setdefault(
                name, {"type": "object", "additionalProperties": False, "properties": {}}
            )
        part["properties"][path[-1]] = _value(checker, value)
    return result


def _value(checker: "StepChecker", value: Value) -> Schema:
    match value:
        case Text():
            return checker.templates.template(value, checker.names) or TEXT
        case Records():
            entries = [check_values(checker, entry) for entry in value.entries]
            return {
                "type": "array",
                "items": entries[0] if len(entries) == 1 else {"anyOf": entries},
            }
    for text in value:
        checker.templates.template(text, checker.names)
    return {"type": "array"}
