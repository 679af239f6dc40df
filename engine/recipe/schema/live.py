"""What accounts said of their own fields, as parts of the JSON Schema of recipes."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.fields import Schema
from engine.host import Host
from engine.live import ReadFields
from engine.operations import Action, Trigger
from engine.recipe.schema.fields import field_properties


def when_read(host: Host, operations: Sequence[Trigger | Action]) -> list[Schema]:
    """Return what holds of operations at the accounts that were asked for their fields.

    The fields are offered beside those of the operation; ``bridgework check`` refuses others.
    """
    read: dict[str, list[ReadFields]] = {}
    for one in host.live.everything():
        if one.schema is not None:
            read.setdefault(one.asked, []).append(one)
    return list(_parts(operations, read)) if read else []


def _parts(
    operations: Sequence[Trigger | Action], read: dict[str, list[ReadFields]]
) -> Iterator[Schema]:
    for operation in operations:
        for name, function in operation.live_functions.items():
            for one in read.get(function.__name__, ()):
                inputs: Schema = {"type": "object", "properties": {name: one.schema}}
                yield {
                    "if": _at_account(operation, one),
                    "then": {"properties": {"with": {"properties": field_properties(inputs)}}},
                }


def _at_account(operation: Trigger | Action, read: ReadFields) -> Schema:
    """Return the schema of a use of an operation at an account, with the values that were asked."""
    default = operation.parameters.get("properties", {})
    given = {name: {"enum": _written(value)} for name, value in read.parameters.items()}
    needed = [
        name
        for name, value in read.parameters.items()
        if "default" not in default.get(name, {}) or default[name]["default"] != value
    ]
    condition: Schema = {
        "properties": {
            "use": {"const": operation.full_name},
            "connection": {"const": read.connection},
            "with": {"properties": given, "required": needed},
        },
        "required": ["use"],
    }
    if needed:
        condition["required"].append("with")
    if read.connection != operation.connector:
        condition["required"].append("connection")
    return condition


def _written(value: Any) -> list[Any]:
    """Return a value as a recipe may spell it: YAML knows it, and an editor has it as text."""
    if isinstance(value, bool):
        words = ("yes", "true", "on") if value else ("no", "false", "off")
        return [value, *words]
    return [value] if isinstance(value, str) else [value, str(value)]
