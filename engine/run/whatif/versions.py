"""What an edit changed: the edge cases of two texts of a recipe, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import BridgeworkError
from engine.host import Host
from engine.recipe.model import Recipe
from engine.run.whatif.judge import MARKS, SILENT
from engine.run.whatif.model import Case, Line, WhatIf
from engine.run.whatif.whatif import whatif


@dataclass(frozen=True, kw_only=True)
class Change:
    """One case that ends otherwise than before the edit.

    :param sentence: what is so now, and what was before.
    :param worse: it ends worse than before.
    :param variants: ids of the variants of which that is true.
    :param line: of the recipe's file as it is now.
    """

    field: str
    variants: tuple[str, ...]
    sentence: str
    worse: bool
    line: int
    case: Case

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "variants": list(self.variants),
            "sentence": self.sentence,
            "worse": self.worse,
            "line": self.line,
        }


def whatif_since(
    recipe: Recipe, earlier: Recipe, host: Host
) -> tuple[WhatIf, tuple[Change, ...] | None]:
    """Try a recipe, and tell what ends otherwise than in an earlier text of it, the worse first.

    :returns: None in the place of the changes where the earlier text could not be tried.
    :raises RecipeError: the recipe has mistakes, which come first.
    """
    now = whatif(recipe, host, tables=earlier.tables)
    try:
        before = whatif(earlier, host)
    except BridgeworkError:  # e.g. it had mistakes, or its connector is gone
        return now, None
    return now, compare(before, now)


def compare(before: WhatIf, now: WhatIf) -> tuple[Change, ...]:
    """Return the cases that end otherwise in ``now``, the worse first; each change is told once."""
    earlier = {(line.place, case.id): case for line in before.lines for case in line.cases}
    changes = [change for line in now.lines for change in _changes(line, earlier)]
    return tuple(sorted(changes, key=lambda change: not change.worse))


def _changes(line: Line, earlier: dict[tuple[str, str], Case]) -> Iterator[Change]:
    found: dict[tuple[str, str], list[Case]] = {}
    read = any(place == line.place for place, _ in earlier)
    unread = "this could not happen." if read else "the recipe did not read this field."
    for case in line.cases:
        was = earlier.get((line.place, case.id))
        if was is None:
            # A field that the recipe didn't read before: new, where it can go wrong.
            if case.likely and _rank(case) <= _rank_of("rejected"):
                found.setdefault((_end(case), ""), []).append(case)
        elif _end(was) != _end(case) and not _rejected_anyway(was, case):
            found.setdefault((_end(case), was.consequence), []).append(case)
    for (_, was_so), cases in found.items():
        told = next((case for case in cases if case.likely), None)
        if told is None:
            continue
        before = earlier.get((line.place, told.id))
        yield Change(
            field=line.field,
            variants=tuple(case.id for case in cases),
            sentence=f"{told.sentence} Before: {was_so or unread}",
            worse=before is None or _rank(told) < _rank(before),
            line=line.line,
            case=told,
        )


def _rejected_anyway(was: Case, case: Case) -> bool:
    """Return whether a case is rejected at the same step as before, only with other words."""
    return was.mark == case.mark == "rejected" and was.step == case.step


def _end(case: Case) -> str:
    """Return how a case ends, its sentence included: another reason is another end."""
    return f"{case.mark} {case.consequence}" if case.mark not in ("same", "carried") else "fine"


def _rank(case: Case) -> int:
    return _rank_of(case.mark)


def _rank_of(mark: str) -> int:
    """Return how bad a mark is, 0 the worst; all that nobody is told of is equally bad."""
    order = list(MARKS)
    return order.index("lost") if mark in SILENT else [str(one) for one in order].index(mark)
