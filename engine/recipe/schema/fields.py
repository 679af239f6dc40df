"""JSON Schema of what operations take, as a recipe may write it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.fields import Schema
from engine.files import takes_files
from engine.operations import Action, Trigger

TEXT: Schema = {"type": "string"}
#: What stands where one value is meant: a template, or text, a number, yes or no, or nothing.
SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}

#: What an editor shows of a field.
ABOUT = frozenset({"title", "description", "default"})


@dataclass(frozen=True)
class FieldLine:
    """One field as a recipe may write it, nested ones dotted: ``client.phone``."""

    name: str
    schema: Schema
    required: bool


def field_lines(schema: Mapping[str, Any], prefix: str = "") -> Iterator[FieldLine]:
    """Yield the fields of an operation's inputs, nested ones by their dotted names."""
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        inner = _object_within(part)
        if inner is None:
            yield FieldLine(prefix + name, part, name in required)
        else:
            for line in field_lines(inner, f"{prefix}{name}."):
                yield FieldLine(line.name, line.schema, line.required and name in required)


def operation_names(operations: Sequence[Trigger | Action]) -> Schema:
    """A choice of operations; ``oneOf`` so that an editor shows each one's title beside it."""
    return {
        "type": "string",
        "oneOf": [
            {"const": operation.full_name, "title": operation.title, "description": operation.help}
            for operation in operations
        ],
    }


def when_used(operation: Trigger | Action) -> Schema:
    required = [
        line.name
        for line in field_lines(operation.inputs)
        if line.required and "." not in line.name
    ]
    inputs: Schema = {
        "type": "object",
        "properties": field_properties(operation.inputs),
        "additionalProperties": operation.inputs.get("additionalProperties", False) is not False,
    }
    open_maps = [
        name for name, part in operation.inputs.get("properties", {}).items() if _is_open_map(part)
    ]
    if open_maps:  # what stands in them has dotted names that nobody can list
        names = "|".join(re.escape(name) for name in open_maps)
        inputs["patternProperties"] = {f"^({names})\\.": {}}
    if required:
        inputs["required"] = required
    then: Schema = {"properties": {"with": inputs}}
    if required:
        then["required"] = ["with"]
    return {
        "if": {"properties": {"use": {"const": operation.full_name}}, "required": ["use"]},
        "then": then,
    }


def _is_open_map(schema: Schema) -> bool:
    return any(
        option.get("type") == "object" and not option.get("properties")
        for option in _options(schema)
    )


def field_properties(inputs: Schema) -> dict[str, Schema]:
    """Return what may stand under ``with:`` by name, nested fields by their dotted names, too."""
    properties = {line.name: _written(line.schema) for line in field_lines(inputs)}
    for name, part in inputs.get("properties", {}).items():
        if _object_within(part) is not None:
            properties[name] = {"type": "object"}  # nested maps and dotted names are the same thing
    return properties


def _written(schema: Schema) -> Schema:
    """Return what a recipe may write for a field: its own choices, or anything a template can be."""
    about: Schema = {key: schema[key] for key in schema if key in ABOUT}
    choices = [option for option in _options(schema) if option]
    lists = [option for option in choices if option.get("type") == "array"]
    if lists:
        items = _written(lists[0]["items"]) if lists[0].get("items") else SCALAR
        return {**about, "anyOf": [SCALAR, {"type": "array", "items": items}]}
    if any(option.get("type") == "object" for option in choices):
        return {**about, "anyOf": [SCALAR, {"type": "object"}]}
    enum = [value for option in choices for value in option.get("enum", ())]
    return {**about, "anyOf": [{"enum": enum}, SCALAR]} if enum else {**about, **SCALAR}


def _object_within(schema: Schema) -> Schema | None:
    """Return the map with named fields that ``schema`` is, if it is one; null beside it is fine.

    A file has fields too, but comes whole, out of a template.
    """
    for option in _options(schema):
        if option.get("type") == "object" and option.get("properties") and not takes_files(option):
            return option
    return None


def _options(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))
