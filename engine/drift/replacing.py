"""What may stand in for a field that is gone, and how the line that reads it would read then."""

import re
from collections.abc import Collection
from difflib import SequenceMatcher

from engine.drift.differences import families
from engine.drift.shape import ENTRY, Path, Shape, written
from engine.recipe.suggest import nearest, same_thing

#: How alike a new field's name must be to that of the field it may replace.
LIKENESS = 0.4


def replacement(path: Path, shape: Shape, new: Collection[Path]) -> Path | None:
    """Return the field that most likely takes the place of one that is gone; None where none does.

    It stands beside it and has values of the same kind. New ones come first: a vendor that renames
    a field takes one away and adds one.

    :param shape: of the records, with the field's kinds from before.
    :param new: fields that came lately.
    """
    gone = shape.fields.get(path)
    kinds = set() if gone is None else families(gone.filled)
    beside = {
        other[-1]: other
        for other, seen in shape.fields.items()
        if other[:-1] == path[:-1]
        and other != path
        and other[-1] != ENTRY
        and seen.present
        and (not kinds or not seen.filled or kinds & families(seen.filled))
    }
    lately = {name: other for name, other in beside.items() if other in new}
    name = path[-1]
    found = same_thing(name, lately)[0] or nearest(name, lately, LIKENESS)
    if found is None and len(lately) == 1 and _alike(name, next(iter(lately))):
        found = next(iter(lately))
    found = found or same_thing(name, beside)[0] or nearest(name, beside)
    return None if found is None else beside[found]


def corrected(text: str, words: str, gone: Path, instead: Path) -> str:
    """Return a recipe's text with another field in it; empty where that isn't plain.

    :param words: what reads the field there: ``matter.description``.
    """
    end, new = written(gone[-1:]), written(instead[-1:])
    if ENTRY in words or not re.search(rf"(^|\.){re.escape(end)}$", words):
        return ""
    whole = re.compile(rf"(?<![\w.]){re.escape(words)}(?!\w)")
    replaced = words[: len(words) - len(end)] + new
    return whole.sub(replaced, text) if new.isidentifier() and whole.search(text) else ""


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() > LIKENESS / 2
