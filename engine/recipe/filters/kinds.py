"""What a filter takes, as its first parameter says it: ``check`` refuses values of other kinds."""

from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True)
class Takes:
    """The kinds of values a filter can do its work on, as JSON Schema names them.

    :param words: what they are called in a sentence.
    """

    kinds: frozenset[str]
    words: str


TEXT = Takes(frozenset({"string", "integer", "number", "boolean"}), "text")
NUMBER = Takes(frozenset({"string", "integer", "number"}), "a number")
DATE = Takes(frozenset({"string"}), "a date")
LIST = Takes(frozenset({"array", "object"}), "a list")
COUNTED = Takes(frozenset({"array", "object", "string"}), "a list or text")
RECORD = Takes(frozenset({"object"}), "a record")

Textual = Annotated[Any, TEXT]
Numeric = Annotated[Any, NUMBER]
Dated = Annotated[Any, DATE]
Listed = Annotated[Any, LIST]
Counted = Annotated[Any, COUNTED]
Recorded = Annotated[Any, RECORD]
