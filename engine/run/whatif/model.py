"""What a look at a recipe's edge cases found: the grid, and the problems in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.run.whatif.judge import MARKS, Mark

#: ``lost``: data goes missing or wrong and no report says so; ``rejected``: the report says so, and
#: somebody must act; ``noted``: it comes over with a gap, as written; ``handled``: the recipe's own
#: rules see to it.
Level = Literal["lost", "rejected", "noted", "handled"]
LEVELS: Mapping[Level, str] = {
    "lost": "Lost or wrong, and nobody would be told",
    "rejected": "Would not come over",
    "noted": "Would come over with a gap",
    "handled": "Seen to by the recipe",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One variant of one field, and what became of it.

    :param id: of the variant, stable from version to version.
    :param column: of the grid.
    :param title: what is varied, as a sentence's first half: "If a matter's client has no e-mail".
    :param shown: the value that was tried, as text.
    :param outcome: as in a report, or ``stopped`` or ``crashed``.
    :param consequence: the sentence's second half.
    :param likely: sources do send it.
    """

    field: str
    id: str
    column: str
    title: str
    shown: str
    mark: Mark
    outcome: str
    code: str
    reason: str
    how_to_fix: str
    step: str
    consequence: str
    likely: bool = True

    @property
    def sentence(self) -> str:
        return f"{self.title}, {self.consequence}"

    @property
    def word(self) -> str:
        return MARKS[self.mark]

    def as_json(self) -> dict[str, Any]:
        return {
            "variant": self.id,
            "column": self.column,
            "case": self.title,
            "value": self.shown,
            "likely": self.likely,
            "mark": self.mark,
            "outcome": self.outcome,
            "code": self.code or None,
            "reason": self.reason or None,
            "how_to_fix": self.how_to_fix or None,
            "step": self.step or None,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the grid: one field, or one answer of another system.

    :param field: as a recipe writes it: ``matter.client.email``; with its trigger's id behind it
        where another trigger calls its records the same.
    :param place: the same from version to version, whatever the recipe calls its record.
    :param line: of the recipe's file, where it is read.
    """

    field: str
    place: str
    title: str
    line: int
    cases: tuple[Case, ...]

    def cells(self) -> dict[str, list[Case]]:
        """Return the cases by the grid's columns, the worst of those first that a source does send."""
        found: dict[str, list[Case]] = {}
        for case in self.cases:
            found.setdefault(case.column, []).append(case)
        order = list(MARKS)
        for cases in found.values():
            cases.sort(key=lambda case: (not case.likely, order.index(case.mark)))
        return found


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One sentence that a recipe writer should read.

    :param cases: ids of the variants it speaks of.
    :param fix: what to write or do; may be empty.
    :param line: of the recipe's file.
    """

    level: Level
    sentence: str
    field: str
    cases: tuple[str, ...]
    fix: str
    step: str
    line: int
    mark: Mark

    def as_json(self, file: str) -> dict[str, Any]:
        return {
            "level": self.level,
            "sentence": self.sentence,
            "field": self.field,
            "variants": list(self.cases),
            "fix": self.fix or None,
            "step": self.step or None,
            "file": file,
            "line": self.line,
        }


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """The edge cases of one text of a recipe.

    :param base: what becomes of the sample that is varied, as a sentence; one for each trigger.
    :param base_outcome: its outcome; the first trigger's.
    :param left_out: what was not tried, and why; sentences.
    :param tried: how many variants were tried.
    """

    recipe: str
    title: str
    file: str
    noun: str
    base: str
    base_outcome: str
    problems: tuple[Problem, ...]
    lines: tuple[Line, ...]
    left_out: tuple[str, ...] = ()
    tried: int = 0

    def at(self, level: Level) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == level]

    def as_json(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe,
            "file": self.file,
            "base": {"outcome": self.base_outcome, "sentence": self.base},
            "problems": [problem.as_json(self.file) for problem in self.problems],
            "grid": [
                {
                    "field": line.field,
                    "title": line.title,
                    "line": line.line,
                    "variants": [case.as_json() for case in line.cases],
                }
                for line in self.lines
            ],
            "left_out": list(self.left_out),
            "tried": self.tried,
        }
