"""JSON Schema of recipes as the installed connectors allow them, for YAML editors.

An editor that reads it completes ``use:`` and the fields under ``with:``. It is kinder than
``bridgework check``, which has the last word: every field may hold a template instead of a value.
"""

from engine.fields import Schema
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.inputs import TYPES
from engine.recipe.reading.limits import MODES, NEW
from engine.recipe.reading.report import SHARE, WHEN
from engine.recipe.schema.fields import SCALAR, TEXT, operation_names, when_used
from engine.recipe.schema.live import when_read
from engine.recipe.schema.steps import ID, STEP, STEPS, step_schema

#: Editors understand this draft; later ones add nothing needed here.
DRAFT = "http://json-schema.org/draft-07/schema#"


def recipe_schema(host: Host) -> Schema:
    """Return the JSON Schema of a recipe file."""
    triggers = [t for c in host.connectors.values() for t in c.triggers.values()]
    actions = [a for c in host.connectors.values() for a in c.actions.values()]
    read = when_read(host, triggers)
    return {
        "$schema": DRAFT,
        "title": "Bridgework recipe",
        "type": "object",
        "additionalProperties": False,
        "allOf": [
            # A recipe made from a blueprint has all that from there; one to be called has no trigger.
            {"if": _any_of("blueprint"), "else": _needs("name", "steps")},
            {
                "if": _any_of("blueprint", "inputs", "outputs"),
                "else": _any_of("trigger", "triggers"),
            },
        ],
        "properties": {
            "name": {**TEXT, "description": "What people read in lists and reports."},
            "description": {**TEXT, "description": "What the recipe is for."},
            "trigger": _trigger(triggers, read),
            "triggers": {
                "type": "array",
                "minItems": 1,
                "items": _trigger(triggers, read),
                "description": "Several triggers instead of one; steps read `trigger.id`.",
            },
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
            "steps": STEPS,
            "translate": {
                "type": "object",
                "description": "Tables for the filter `translate`: from a value to another.",
                "additionalProperties": {
                    "anyOf": [
                        {"type": "string", "pattern": "\\.(csv|ya?ml)$"},
                        {"type": "object", "additionalProperties": SCALAR},
                    ]
                },
            },
            "mode": {
                "enum": list(MODES),
                "default": "single",
                "description": "What becomes of a run that is asked for while another is active: "
                "it is refused, waits, or takes the other's place.",
            },
            "two_way": {
                **TEXT,
                "description": "The recipe that bridges in the other direction; it names this one.",
            },
            "limits": _limits(),
            "report": _report(),
            "blueprint": {
                **TEXT,
                "description": "The blueprint it is made from; then only `inputs` are needed.",
            },
            "inputs": _inputs(),
            "outputs": {
                "type": "object",
                "description": "What a recipe that is called gives: `name: template` lines.",
            },
        },
        # Steps hold steps, so they stand once and are referred to.
        "definitions": {
            "steps": {"type": "array", "minItems": 1, "items": STEP},
            "step": step_schema(actions, when_read(host, actions)),
        },
    }


def _trigger(triggers: list[Trigger], read: list[Schema]) -> Schema:
    return {
        "type": "object",
        "description": "Where the records come from, and when.",
        "additionalProperties": False,
        "required": ["use"],
        "properties": {
            "use": operation_names(triggers),
            "id": {**ID, "description": "Its name among several; steps read `trigger.id`."},
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
        "allOf": [*(when_used(trigger) for trigger in triggers), *read],
    }


def _limits() -> Schema:
    return {
        "type": "object",
        "description": "When a run does not go on by itself.",
        "additionalProperties": False,
        "properties": {
            "hold_if_more_than": {
                **TEXT,
                "pattern": f"^{NEW.pattern}$",
                "examples": ["200 new"],
                "description": "More new records are held until a person lets them through.",
            },
            "stop_if_rejected_over": {
                **TEXT,
                "pattern": f"^{SHARE.pattern}$",
                "examples": ["20%"],
                "description": "The share of new and changed records that did not come over at "
                "which the run stops.",
            },
        },
    }


def _any_of(*keys: str) -> Schema:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _needs(*keys: str) -> Schema:
    return {"required": list(keys), "properties": {key: {} for key in keys}}


def _inputs() -> Schema:
    kinds: Schema = {"enum": list(TYPES)}
    return {
        "type": "object",
        "description": "What a blueprint, or a recipe that others call, takes; its templates read "
        "`inputs.name`. In a recipe made from a blueprint: what it gives.",
        "additionalProperties": {
            "anyOf": [
                kinds,
                SCALAR,
                {"type": "array"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "type": {**kinds, "default": "text"},
                        "required": {"enum": ["yes", "no", True, False]},
                        "default": {},
                        "description": TEXT,
                        "choices": {"type": "array", "minItems": 1, "items": SCALAR},
                        "of": {**TEXT, "description": "Of a connection: the connector."},
                        "pick": {
                            **TEXT,
                            "description": "`connector.operation.field`: its choices are offered.",
                        },
                    },
                },
            ]
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
