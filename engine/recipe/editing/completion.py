"""One thing that may be written at a place in a recipe."""

from dataclasses import dataclass
from typing import Literal

from engine.fields import Schema
from engine.recipe.checking.scopes import kind_words

Kind = Literal["key", "value", "operation", "name", "field", "filter", "test", "table"]


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What may be written in the place of a word.

    :param label: what is shown; it is matched with what is written so far.
    :param detail: a few words beside it: what it is, or that it is required.
    :param documentation: a sentence or two.
    :param insert: what stands in the recipe afterwards, instead of columns ``start`` to ``end``,
        which count from 1; ``end`` is not among them.
    """

    label: str
    kind: Kind
    detail: str = ""
    documentation: str = ""
    insert: str
    start: int = 0
    end: int = 0


def in_words(schema: Schema) -> str:
    """Return what a value is, for people; empty when it could be anything."""
    if schema.get("enum") or schema.get("oneOf"):
        return "one of a few"
    return kind_words(schema) if isinstance(schema.get("type", ""), str) else ""
