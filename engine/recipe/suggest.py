"""Guessing what a misspelt word was meant to be."""

import difflib
from collections.abc import Iterable

#: How alike two words must be; below it a guess confuses more than it helps.
LIKENESS = 0.6
#: From here on the guess is sure enough to write the corrected line.
SURE = 0.75
#: The most names a hint lists.
MOST_NAMES = 12


def nearest(word: str, known: Iterable[str], likeness: float | None = None) -> str | None:
    """Return the known word that ``word`` was most likely meant to be, or None.

    :param likeness: from 0 to 1; how alike they must be at least.
    """
    by_shape = {_shape(name): name for name in known}
    near = difflib.get_close_matches(_shape(word), by_shape, n=1, cutoff=likeness or LIKENESS)
    return by_shape[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "There are") -> str:
    """Return a hint: the nearest known word, else all of them after the words ``otherwise``."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean '{near}'?"
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{otherwise}: {', '.join(names[:MOST_NAMES])}{more}."


def surely(word: str, near: str | None) -> str:
    """Return ``near`` where ``word`` was surely meant to be it; else empty text."""
    if near is None:
        return ""
    one, other = _shape(word), _shape(near)
    likeness = difflib.SequenceMatcher(None, one, other).ratio()
    return near if likeness >= SURE or other.startswith(one) else ""


def _shape(word: str) -> str:
    """Return the word as mistakes of capitals, hyphens and spaces leave it."""
    return word.lower().replace("-", "_").replace(" ", "_")
