"""Guessing what a misspelt word was meant to be."""

import difflib
import re
from collections.abc import Iterable, Mapping

from engine.nouns import listed

#: How alike two words must be; below it a guess confuses more than it helps.
LIKENESS = 0.6
#: From here on the guess is sure enough to write the corrected line.
SURE = 0.75
#: How much more alike the guess must be than any other known word.
LEAD = 0.05
#: What makes a word its own opposite.
OPPOSITES = ("un", "in", "im", "non", "non_", "not_", "dis", "de", "re", "is_")
#: Other names for the same thing, in names of fields.
SAME = {
    "mail": "email", "e_mail": "email", "telephone": "phone", "tel": "phone",
    "surname": "last_name", "lastname": "last_name", "family_name": "last_name",
    "firstname": "first_name", "given_name": "first_name", "forename": "first_name",
    "fullname": "full_name", "zip": "postcode", "zipcode": "postcode", "postal_code": "postcode",
    "birthday": "birth_date", "dob": "birth_date", "organisation": "organization",
}  # fmt: skip
#: Names for what may well be the same thing.
NEARLY_SAME = {
    "mobile": "phone", "cell": "phone", "identifier": "id", "organization": "company",
    "state": "status", "created": "created_at", "updated": "updated_at", "modified": "updated_at",
    "modified_at": "updated_at", "changed": "updated_at", "last_changed": "updated_at",
    "lawyer": "attorney", "subject": "title", "summary": "description", "notes": "note",
}  # fmt: skip
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
    return f"{otherwise}: {listed(names, MOST_NAMES)}."


def surely(word: str, near: str | None, known: Iterable[str] = ()) -> str:
    """Return ``near`` where ``word`` was surely meant to be it; else empty text.

    Another number (``email_2``) or the opposite (``unsubscribed``) is no slip of the hand, and
    neither is a word that two known ones are alike to.
    """
    if near is None:
        return ""
    one, other = _shape(word), _shape(near)
    if one == other or (sorted(one) == sorted(other) and len(one) > 2):
        return near  # two letters that changed places
    likeness, begun = _likeness(one, other), other.startswith(one)
    if likeness < SURE and not begun:
        return ""
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other) or _opposite(one, other):
        return ""
    for rival in (_shape(name) for name in known if name != near):
        if rival.startswith(one) if begun else _likeness(one, rival) > likeness - LEAD:
            return ""
    return near


def same_thing(name: str, known: Iterable[str]) -> tuple[str | None, bool]:
    """Return the one known field that another name for the same thing means, and how surely.

    ``surname`` is surely ``last_name``; ``email`` may well be ``email_address``, and ``number`` a
    ``display_number``.
    """
    wanted = _words(name, SAME)
    same = [other for other in known if _words(other, SAME) == wanted]
    if len(same) == 1:
        return same[0], True
    wanted = _words(name, SAME | NEARLY_SAME)
    words = {other: _words(other, SAME | NEARLY_SAME) for other in known}
    near = [other for other, its in words.items() if its == wanted]
    part = [other for other, its in words.items() if its < wanted or wanted < its]
    found = near or part
    return (found[0] if len(found) == 1 else None), False


def _words(name: str, same: Mapping[str, str]) -> frozenset[str]:
    """Return the words of a field's name, each by the one that stands for all like it."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").split("_")
    joined = same.get("_".join(apart), "_".join(apart)).split("_")
    return frozenset(same.get(word, word) for word in joined if word)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _opposite(one: str, other: str) -> bool:
    return any(
        longer == start + shorter
        for longer, shorter in ((one, other), (other, one))
        for start in OPPOSITES
    )


def _shape(word: str) -> str:
    """Return the word as mistakes of capitals, hyphens and spaces leave it."""
    return word.lower().replace("-", "_").replace(" ", "_")
