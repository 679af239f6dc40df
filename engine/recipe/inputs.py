"""What a recipe takes from whoever calls it: its ``inputs:``, each with a type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.fields import Schema
from engine.recipe.texts import Text

#: What an input may be, and the JSON Schema that its values are turned into and checked against.
TYPES: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole number": {"type": "integer"},
    "yes/no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "e-mail": {"type": "string", "format": "email"},
    "phone": {"type": "string", "format": "phone"},
    "choice": {"type": "string"},
    "list": {"type": "array"},
    "record": {"type": "object", "additionalProperties": True},
    "connection": {"type": "string"},
    "schedule": {"type": "string"},
    "time": {"type": "string", "pattern": r"^([01]?\d|2[0-3]):[0-5]\d$"},
    "time zone": {"type": "string"},
}
#: What stands for an input of a blueprint that is looked at by itself, where no template may.
SAMPLES: Mapping[str, str] = {
    "schedule": "manual",
    "time": "20:30",
    "time zone": "UTC",
    "e-mail": "someone@example.com",
    "number": "1",
    "whole number": "1",
}


@dataclass(frozen=True)
class Input:
    """One input.

    :param kind: one of :data:`TYPES`.
    :param default: of its type already; None: none.
    :param choices: its only values, where it is a choice.
    :param of: of a connection: the connector it is one to.
    :param pick: ``connector.operation.field`` whose options a person chooses from.
    """

    name: Text
    kind: str = "text"
    required: bool = True
    default: Any = None
    description: str = ""
    choices: tuple[str, ...] = ()
    of: str = ""
    pick: str = ""

    @property
    def sample(self) -> str:
        """What stands for it while its blueprint is looked at by itself."""
        if isinstance(self.default, str):
            return self.default
        first = self.choices[0] if self.choices else SAMPLES.get(self.kind, "text")
        return self.of or first

    @property
    def schema(self) -> Schema:
        """The JSON Schema of its values."""
        more: Schema = {"enum": list(self.choices)} if self.choices else {}
        about: Schema = {"description": self.description} if self.description else {}
        return {**TYPES[self.kind], **more, **about}


@dataclass(frozen=True)
class Inputs:
    """All inputs of a recipe; checked and filled like the fields of an operation.

    :param full_name: what messages call the recipe.
    """

    full_name: str
    entries: tuple[Input, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> Schema:
        """The JSON Schema of what is given to it."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {entry.name.value: entry.schema for entry in self.entries},
            "required": [entry.name.value for entry in self.entries if entry.required],
        }

    @property
    def readable(self) -> Schema:
        """The JSON Schema of what its templates read as ``inputs``."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                entry.name.value: entry.schema
                if entry.required or entry.default is not None
                else {"anyOf": [entry.schema, {"type": "null"}]}
                for entry in self.entries
            },
        }


def inputs_of(full_name: str, entries: tuple[Input, ...]) -> Inputs:
    """Return the inputs of a recipe, with their defaults by name."""
    defaults = {e.name.value: e.default for e in entries if e.default is not None}
    return Inputs(full_name, entries, defaults)
