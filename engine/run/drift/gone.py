"""A field that can't be had, in words: why records wait for it, what is paused, and what to do."""

import re
from dataclasses import dataclass
from typing import Literal

from engine.drift.readings import Reading

#: The code of a record that needs a field that no longer comes.
FIELD_VANISHED = "field_vanished"
#: The code of one that needs a column or field that its file or account doesn't have.
NO_SUCH_FIELD = "no_such_field"
_PLAIN = re.compile(r"[\w.]+")


@dataclass(frozen=True)
class Gone:
    """A field that can't be had any more.

    :param app: whose it is, as people call it.
    :param reason: a sentence on how that is known; empty where records just lack it.
    :param instead: what may be read in its place, as recipes write it; empty where nothing may.
    :param lacks: what has no such field, in words: "The file 'a.csv' has no column 'phone'"; empty
        where it came once, and no longer comes.
    """

    path: str
    app: str
    reason: str = ""
    instead: str = ""
    lacks: str = ""

    @property
    def sentence(self) -> str:
        return self.lacks or f"Field '{self.path}' no longer comes from {self.app}"

    def needed_for(self, needs: str, step: str) -> str:
        """Return why a record is held that needs it for settings of a step, each in quotes."""
        if not self.lacks:
            return f"{self.sentence}, and the recipe needs it for {needs}. {self.reason}".strip()
        if step == "skip":
            return f"{self.lacks}, which the rules under `skip` read."
        return f"{self.lacks}, which the step '{step}' reads for {needs}."

    def remedy(self, words: str) -> str:
        """Return what to do about it.

        :param words: what reads it, as the recipe writes it.
        """
        if not self.lacks:
            other = f", e.g. '{self.instead}'" if self.instead else ""
            return (
                f"Let the recipe read another field than '{words}'{other}. "
                "What is held goes over by itself then, or when the field comes again."
            )
        meant = f"Did you mean '{self.instead}'? " if self.instead else ""
        # A name of several words is written in brackets, in a way of the recipe's own.
        ask = f"{words} is defined" if _PLAIN.fullmatch(words) else "… is defined"
        return (
            f"{meant}Add it at the source, or let the recipe read another. Where it may be missing, "
            f"let the recipe ask: `{ask}`."
        )

    def is_told_by(self, said: str) -> bool:
        """Return whether a sentence of :attr:`Amendments.sentences` is about it."""
        return said.startswith((f"{self.sentence}:", f"{self.sentence},"))


class Places:
    """Places that read fields that are gone, and a sentence on each for people.

    Of what a file or account lacks, there is one for each step; what to do stands behind the first.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[Gone, str, Literal["paused", "held"]], dict[str, str]] = {}

    def add(
        self, gone: Gone, reading: Reading, words: str, effect: Literal["paused", "held"]
    ) -> None:
        """Take note of a place that reads a field.

        :param words: what reads it there, as the recipe writes it.
        """
        self._places.setdefault((gone, reading.step, effect), {})[reading.field] = words

    @property
    def sentences(self) -> tuple[str, ...]:
        said: dict[str, None] = {}
        remedied: set[Gone] = set()
        for (gone, step, effect), fields in self._places.items():
            if not gone.lacks:
                said |= dict.fromkeys(_one(gone, step, field, effect) for field in fields)
                continue
            why = gone.needed_for(" and ".join(f"'{field}'" for field in fields), step)[:-1]
            then = f"{why}: its records are held."
            if effect == "paused":
                they = "that field is" if len(fields) == 1 else "those fields are"
                then = f"{why}: {they} paused, and the target keeps what it has."
            if gone not in remedied:
                then = f"{then} {gone.remedy(next(iter(fields.values())))}"
            remedied.add(gone)
            said[then] = None
        return tuple(said)


def _one(gone: Gone, step: str, field: str, effect: Literal["paused", "held"]) -> str:
    """Return what people are told of a field that came once, and a place that reads it."""
    if step == "skip":
        return f"{gone.sentence}, which `skip` reads: records are held."
    if effect == "paused":
        return f"{gone.sentence}: step '{step}', field '{field}' is paused."
    return f"{gone.sentence}, and step '{step}' needs it for '{field}': its records are held."
