"""JSON Schema of what stands under ``answer:``."""

from engine.fields import Schema
from engine.recipe.answer_steps import HIGHEST_STATUS, LOWEST_STATUS
from engine.recipe.schema.fields import SCALAR, TEXT

ANSWERED: Schema = {
    "type": "object",
    "additionalProperties": False,
    "description": "What the caller of the webhook gets; it waits for it.",
    "properties": {
        "status": {
            "description": "The HTTP status.",
            "default": 200,
            "anyOf": [
                {"type": "integer", "minimum": LOWEST_STATUS, "maximum": HIGHEST_STATUS},
                TEXT,
            ],
        },
        "body": {
            "description": "A text as it is; `name: value` lines and lists are sent as JSON.",
            "anyOf": [SCALAR, {"type": "object"}, {"type": "array"}],
        },
        "headers": {"type": "object", "additionalProperties": SCALAR},
    },
}
