"""JSON Schema of what stands under ``join:``."""

from engine.fields import Schema
from engine.recipe.reading.joins import KEEP, PARTNER
from engine.recipe.schema.fields import TEXT

JOINED: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["left", "right", "on"],
    "properties": {
        "left": {**TEXT, "description": "A list, e.g. `matter.contacts`."},
        "right": {**TEXT, "description": "A list."},
        "on": {
            "description": "The field that both have; or one for each list.",
            "anyOf": [
                TEXT,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["left", "right"],
                    "properties": {"left": TEXT, "right": TEXT},
                },
            ],
        },
        "keep": {"enum": list(KEEP), "default": "both"},
    },
}
PARTNER_NAME: Schema = {
    **TEXT,
    "description": "What the right entry is called.",
    "default": PARTNER,
}
