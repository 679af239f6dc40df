"""Values as people read them in a sentence or a table's cell, not as a program writes them."""

from collections.abc import Mapping
from typing import Any

from engine.files import in_words, is_file


def spoken(value: Any) -> str:
    """Return a value in words: ``yes``, ``red, blue``, ``sku: APPLE-1, count: 3``.

    Entries that hold several values themselves are parted by semicolons.
    """
    if value is None or value == "":
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and not is_file(value):
        return ", ".join(f"{name}: {spoken(part)}" for name, part in value.items()) or "(nothing)"
    if isinstance(value, list | tuple):
        several = any(isinstance(part, Mapping | list) and not is_file(part) for part in value)
        return ("; " if several else ", ").join(map(spoken, value)) or "(nothing)"
    return str(in_words(value))
