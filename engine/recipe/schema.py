"""JSON Schema of recipes as the installed connectors allow them, for YAML editors.

An editor that reads it completes ``use:`` and the fields under ``with:``. It is kinder than
``bridgework check``, which has the last word: every field may hold a template instead of a value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.fields import Schema
from engine.host import Host
from engine.operations import Action, Trigger
from engine.recipe.read_asks import MOST_CHOICES, ON_NO, TYPED
from engine.recipe.read_on_error import OTHERWISE, RATE_LIMITED, REJECTED, THEN
from engine.recipe.read_report import WHEN

#: Editors understand this draft; later ones add nothing needed here.
DRAFT = "http://json-schema.org/draft-07/schema#"

TEXT: Schema = {"type": "string"}
#: What stands where one value is meant: a template, or text, a number, yes or no, or nothing.
SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"

#: What an editor shows of a field.
ABOUT = frozenset({"title", "description", "default"})


@dataclass(frozen=True)
class FieldLine:
    """One field as a recipe may write it, nested ones dotted: ``client.phone``."""

    name: str
    schema: Schema
    required: bool


def recipe_schema(host: Host) -> Schema:
    """Return the JSON Schema of a recipe file."""
    triggers = [t for c in host.connectors.values() for t in c.triggers.values()]
    actions = [a for c in host.connectors.values() for a in c.actions.values()]
    return {
        "$schema": DRAFT,
        "title": "Bridgework recipe",
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "trigger", "steps"],
        "properties": {
            "name": {**TEXT, "description": "What people read in lists and reports."},
            "description": {**TEXT, "description": "What the recipe is for."},
            "trigger": _trigger(triggers),
            "skip": {
                "type": "array",
                "description": "Records left out, and the reason the report gives.",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["if", "reason"],
                    "properties": {
                        "if": {**SCALAR, "description": "A bare expression, without braces."},
                        "reason": TEXT,
                    },
                },
            },
            "steps": {"type": "array", "minItems": 1, "items": _any_step(actions)},
            "translate": {
                "type": "object",
                "description": "Tables for the filter `translate`: from a value to another.",
                "additionalProperties": {"type": "object", "additionalProperties": SCALAR},
            },
            "report": _report(),
        },
    }


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


def _trigger(triggers: list[Trigger]) -> Schema:
    return {
        "type": "object",
        "description": "Where the records come from, and when.",
        "additionalProperties": False,
        "required": ["use"],
        "properties": {
            "use": _names(list(triggers)),
            "connection": {**TEXT, "description": "Default: the connector's name."},
            "with": {"type": "object"},
            "as": {**TEXT, "description": "The record's name in templates.", "default": "record"},
            "schedule": {
                **TEXT,
                "examples": ["every day at 20:30", "every 15 minutes", "manual"],
                "default": "manual",
            },
            "timezone": {**TEXT, "examples": ["America/New_York", "Europe/London"]},
            "missed": {
                "enum": ["run once late", "skip"],
                "default": "run once late",
                "description": "What becomes of times that passed while Bridgework was stopped.",
            },
            "jitter": {**TEXT, "examples": ["10 minutes"]},
            "first_run": {**TEXT, "examples": ["last 2 years"]},
            "overlap": {**TEXT, "default": "10 minutes"},
        },
        "allOf": [_when_used(trigger) for trigger in triggers],
    }


def _any_step(actions: list[Action]) -> Schema:
    """A step with `ask` is a question; any other uses a connector."""
    return {"if": {"required": ["ask"]}, "then": _question(), "else": _step(actions)}


def _question() -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["ask"],
        "properties": {
            "id": {**TEXT, "pattern": NAME, "description": "Later steps read `id.answer`."},
            "ask": {**TEXT, "description": "The question, a template."},
            "details": {
                "type": "object",
                "description": "What stands beside the question: `label: value` lines.",
                "additionalProperties": SCALAR,
            },
            "choices": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_CHOICES,
                "items": SCALAR,
                "description": "What may be answered. Default: yes, no.",
            },
            "answer": {"enum": list(TYPED), "description": "Instead of choices: what is typed."},
            "of": {
                "description": "E-mail addresses of those who may answer. Default: everyone.",
                "anyOf": [TEXT, {"type": "array", "items": TEXT}],
            },
            "within": {**TEXT, "description": "How long it may take: `3 days`."},
            "otherwise": {
                **TEXT,
                "default": "reject",
                "description": "If nobody answered in time: `reject`, `skip` or a choice.",
            },
            "on_no": {
                "enum": list(ON_NO),
                "default": "skip",
                "description": "What the answer `no` does to the record.",
            },
            "if": {**SCALAR, "description": "A bare expression; not asked where it doesn't hold."},
        },
    }


def _report() -> Schema:
    return {
        "type": "object",
        "description": "Who is told of its runs by e-mail.",
        "additionalProperties": False,
        "properties": {
            "send_to": {
                "description": "One e-mail address or a list of them.",
                "anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}],
            },
            "when": {"enum": list(WHEN), "default": "anything needs attention"},
            "tell_if_rejected_over": {
                **SCALAR,
                "description": "The share of rejected records that is worth a notice.",
                "default": "20%",
            },
        },
    }


def _step(actions: list[Action]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["use"],
        "properties": {
            "id": {**TEXT, "pattern": NAME},
            "use": _names(list(actions)),
            "connection": {**TEXT, "description": "Default: the connector's name."},
            "with": {"type": "object"},
            "key": {**TEXT, "description": "Which record this is to the link table: `matter.id`."},
            "if": {**SCALAR, "description": "A bare expression; left out where it doesn't hold."},
            "blank": {
                "enum": ["leave alone", "clear", "reject"],
                "default": "leave alone",
                "description": "What an empty source field does to the target's field.",
            },
            "if_none": {
                "description": "What to do when a search finds nothing.",
                "anyOf": [
                    {"enum": ["continue"]},
                    *(
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "required": [then],
                            "properties": {then: TEXT},
                        }
                        for then in ("reject", "skip")
                    ),
                ],
            },
            "on_error": _on_error(),
        },
        "allOf": [_when_used(action) for action in actions],
    }


def _on_error() -> Schema:
    return {
        "type": "object",
        "description": "What to do when the step goes wrong.",
        "additionalProperties": False,
        "properties": {
            "rate_limited": {
                "enum": list(RATE_LIMITED),
                "description": "At the app's limit: wait as long as it takes, or fail the record. "
                "Left out: wait a little, then stop the run until the next one.",
            },
            "rejected": {
                "enum": list(REJECTED),
                "default": "report",
                "description": "What a rejected record does to the run.",
            },
            "otherwise": {
                **TEXT,
                "pattern": f"^{OTHERWISE.pattern}$",
                "examples": ["retry 3 times then hold", *THEN],
                "default": "fail",
                "description": "What becomes of a record after a failure: it is held for a person, "
                "failed (the next run tries it again) or skipped.",
            },
        },
    }


def _names(operations: list[Trigger | Action]) -> Schema:
    """A choice of operations; ``oneOf`` so that an editor shows each one's title beside it."""
    return {
        "type": "string",
        "oneOf": [
            {"const": operation.full_name, "title": operation.title, "description": operation.help}
            for operation in operations
        ],
    }


def _when_used(operation: Trigger | Action) -> Schema:
    fields = list(field_lines(operation.inputs))
    properties = {line.name: _written(line.schema) for line in fields}
    for name, part in operation.inputs.get("properties", {}).items():
        if _object_within(part) is not None:
            properties[name] = {"type": "object"}  # nested maps and dotted names are the same thing
    required = [line.name for line in fields if line.required and "." not in line.name]
    inputs: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": operation.inputs.get("additionalProperties", False) is not False,
    }
    if required:
        inputs["required"] = required
    then: Schema = {"properties": {"with": inputs}}
    if required:
        then["required"] = ["with"]
    return {
        "if": {"properties": {"use": {"const": operation.full_name}}, "required": ["use"]},
        "then": then,
    }


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
    """Return the map with named fields that ``schema`` is, if it is one; null beside it is fine."""
    for option in _options(schema):
        if option.get("type") == "object" and option.get("properties"):
            return option
    return None


def _options(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))
