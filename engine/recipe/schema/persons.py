"""JSON Schema of what a step says to the person who does it by hand."""

from engine.fields import Schema
from engine.recipe.reading.persons import UNDONE
from engine.recipe.schema.fields import TEXT

BY_PERSON: Schema = {
    "description": "What is said to the person who does it, with `connection: person`.",
    "anyOf": [
        {**TEXT, "description": "How it is done, a template."},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "note": {**TEXT, "description": "How it is done, a template."},
                "of": {
                    "description": "E-mail addresses of those whose task it is. Default: everyone.",
                    "anyOf": [TEXT, {"type": "array", "items": TEXT}],
                },
                "within": {**TEXT, "description": "How long it may take: `2 days`."},
                "otherwise": {
                    "enum": list(UNDONE),
                    "default": "reject",
                    "description": "What becomes of the record when nobody did it in time.",
                },
            },
        },
    ],
}
