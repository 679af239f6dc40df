"""Patterns as people write them: ``{prefix}-{number}``, where each name stands for some text."""

import re
from functools import lru_cache

from engine.recipe.filters.errors import ArgumentError, FilterError, may_default, on_text, quoted

NAME = re.compile(r"\{(\w*)\}")


@may_default
@on_text
def extract(text: str, pattern: str) -> dict[str, str] | None:
    """Read fields out of text by a pattern: each ``{name}`` is a field, the rest stands as it is.

    A name stands for as little text as fits; several spaces count as one, capitals don't matter.

    >>> {{ ('PI-2024-117' | extract('{area}-{year}-{number}')).year }}
    2024
    >>> {{ ('Invoice 981 of 4 March 2024' | extract('Invoice {number} of {day}')).day }}
    4 March 2024
    """
    if not text.strip():
        return None
    found = fitting(text, pattern)
    if found is None:
        raise FilterError(
            f"{quoted(text)} is not written like {quoted(pattern)}.",
            code="not_like_pattern",
            hint="Correct it at the source, or give `default=` for texts written otherwise.",
        )
    return found


def fitting(text: str, pattern: str) -> dict[str, str] | None:
    """Return the fields a pattern reads out of text; None where the text is written otherwise.

    :raises ArgumentError: the pattern is none.
    """
    names, marks = _taken_apart(pattern)
    line = " ".join(text.split())
    plain = line.lower() if len(line.lower()) == len(line) else line
    first, last = marks[0], marks[-1]
    if not names:
        return {} if plain == first else None
    if not plain.startswith(first) or not plain.endswith(last):
        return None
    found: dict[str, str] = {}
    place = len(first)
    # The first place where each mark stands is the right one, so no other has to be tried.
    for name, mark in zip(names[:-1], marks[1:-1], strict=True):
        end = plain.find(mark, place + 1)
        if end < 0:
            return None
        found[name] = line[place:end].strip()
        place = end + len(mark)
    end = len(line) - len(last)
    found[names[-1]] = line[place:end].strip()
    return found if end > place else None


def check_pattern(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern's fields.

    :raises ArgumentError: it is no pattern.
    """
    return _taken_apart(pattern)[0]


@lru_cache(maxsize=256)
def _taken_apart(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a pattern's names, and what stands before, between and behind them, in small letters."""
    parts = NAME.split(" ".join(pattern.split()).lower())
    names = tuple(NAME.findall(pattern))
    marks = tuple(parts[0::2])
    wrong = ""
    if not all(marks[1:-1]):
        wrong = "Something must stand between two names, or nobody knows where one ends."
    elif not all(name.isidentifier() and name.isascii() for name in names):
        wrong = "A name in it is made of letters, digits and _, e.g. {number}."
    elif len(set(names)) < len(names):
        wrong = "Each name in it can stand only once."
    if wrong:
        raise ArgumentError(f"The pattern {quoted(pattern)} can't be read.", hint=wrong)
    return names, marks
