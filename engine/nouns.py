"""What people call things: one matter, many matters, and the first few of very many."""

from collections.abc import Sequence
from dataclasses import dataclass


def plural(one: str) -> str:
    """Return what several of a thing are called, e.g. ``activities``; English, and only roughly."""
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return one[:-1] + "ies"
    return one + ("es" if one.endswith(("s", "x", "ch", "sh")) else "s")


def listed(names: Sequence[str], most: int) -> str:
    """Return names with commas between; of more than ``most`` the first, and how many more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True)
class Noun:
    """What people call the things an operation handles, e.g. matter and matters."""

    one: str = "record"
    many: str = "records"

    @classmethod
    def of(cls, words: str | tuple[str, str]) -> "Noun":
        return cls(words, plural(words)) if isinstance(words, str) else cls(*words)

    def count(self, number: int) -> str:
        return f"{number:,} {self.one if number == 1 else self.many}"
