"""The choices that an account has for a field that takes no other, e.g. its audiences."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.fields import Schema
from engine.recipe.texts import FieldSet, Records, texts_of


def takes(choices: Schema, text: str) -> bool:
    """Return whether a value is one of the choices, however it may be written."""
    wanted = text.strip().casefold()
    found: Iterable[Mapping[str, Any]] = choices.get("oneOf", ())
    return not found or any(
        wanted == str(word).strip().casefold()
        for one in found
        for word in (one["const"], one["title"], *one.get("examples", ()))
    )


def names(choices: Schema) -> list[str]:
    """Return what people call the choices."""
    return [str(one["title"]) for one in choices.get("oneOf", ())]


def written_out(fields: FieldSet, name: str) -> Iterator[str]:
    """Yield the values of a field that no template gives."""
    value = fields.values.get((name,))
    if value is not None and not isinstance(value, Records):
        for text in texts_of(value):
            if "{{" not in text.value and text.value.strip():
                yield text.value
