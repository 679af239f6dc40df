"""Two texts of a recipe compared: line by line, and in sentences where that is easy."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.recipe.findings import Findings
from engine.recipe.yaml.nodes import ListNode, Node, Scalar, split_lines
from engine.recipe.yaml.repair import compose_repaired

#: Unchanged lines shown above and below a change.
AROUND = 3
#: A value longer than this is not quoted in a sentence.
QUOTED = 60


@dataclass(frozen=True)
class ChangedLine:
    """A line of a comparison.

    :param before: its number in the earlier text; None where it is new.
    :param after: its number in the later text; None where it is gone.
    """

    kind: Literal["same", "removed", "added"]
    text: str
    before: int | None
    after: int | None


def hunks(earlier: str, later: str, around: int = AROUND) -> list[list[ChangedLine]]:
    """Return the places where two texts differ, each with some unchanged lines around it."""
    old, new = _lines(earlier), _lines(later)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [list(_hunk(group, old, new)) for group in matcher.get_grouped_opcodes(around)]


def unified(
    earlier: str, later: str
) -> Iterator[tuple[Literal["place", "same", "removed", "added"], str]]:
    """Yield a comparison line by line in the form of ``diff -u``, without its two first lines."""
    marks = {"same": " ", "removed": "-", "added": "+"}
    for hunk in hunks(earlier, later):
        old = [line.before for line in hunk if line.before is not None]
        new = [line.after for line in hunk if line.after is not None]
        yield "place", f"@@ {_span('-', old)} {_span('+', new)} @@"
        for line in hunk:
            yield line.kind, marks[line.kind] + line.text


def _span(mark: str, numbers: Sequence[int]) -> str:
    return f"{mark}{numbers[0] if numbers else 0},{len(numbers)}"


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]
) -> Iterator[ChangedLine]:
    for kind, first, last, new_first, new_last in group:
        if kind == "equal":
            for step in range(last - first):
                yield ChangedLine("same", old[first + step], first + step + 1, new_first + step + 1)
            continue
        for number in range(first, last):
            yield ChangedLine("removed", old[number], number + 1, None)
        for number in range(new_first, new_last):
            yield ChangedLine("added", new[number], None, number + 1)


def _lines(text: str) -> list[str]:
    return split_lines(text.removeprefix("\ufeff").removesuffix("\n")) if text else []


def changes(earlier: str, later: str) -> list[str]:
    """Say what changed in a recipe's parts; empty where one of the texts can't be read."""
    old, new = _plain(earlier), _plain(later)
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    return [f"{sentence[:1].upper()}{sentence[1:]}." for sentence in _map("", old, new)]


def files_changed(earlier: Mapping[str, str], later: Mapping[str, str]) -> list[str]:
    """Return the names of files read beside a recipe that differ, are new or are gone."""
    return [
        name for name in dict.fromkeys([*earlier, *later]) if earlier.get(name) != later.get(name)
    ]


def _plain(text: str) -> Any:
    root, _ = compose_repaired(Findings(Path(), split_lines(text.removeprefix("\ufeff"))))
    return None if root is None else _value(root)


def _value(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text.value
    if isinstance(node, ListNode):
        return [_value(item) for item in node.items]
    return {key.text.value: _value(value) for key, value in node.pairs if isinstance(key, Scalar)}


def _map(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what changed between two maps.

    :param where: what stands before each sentence, e.g. ``step case: ``.
    """
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        called = f"field {name}" if where.endswith("with: ") else name
        place = where.removesuffix("with: ")
        if name not in new:
            yield f"{place}{called} was taken out"
        elif name not in old:
            yield f"{place}{called} was added"
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _map(f"{where}{name}: ", before, after)
        elif isinstance(before, list) and isinstance(after, list) and _are_steps(before + after):
            yield from _steps(before, after)
        elif isinstance(before, str) and isinstance(after, str) and _short(before, after):
            yield f"{place}{called} changed from “{before}” to “{after}”"
        else:
            yield f"{place}{called} changed"


def _are_steps(items: Sequence[Any]) -> bool:
    """Return whether each of the items is a map that goes by a name of its own."""
    return all(isinstance(item, Mapping) and _id(item) for item in items)


def _steps(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    before = {_id(step): step for step in old}
    after = {_id(step): step for step in new}
    for id in dict.fromkeys([*before, *after]):
        if id not in after:
            yield f"step {id} was taken out"
        elif id not in before:
            yield f"step {id} was added"
        else:
            yield from _map(f"step {id}: ", before[id], after[id])
    kept = [id for id in before if id in after]
    if kept != [id for id in after if id in before]:
        yield "the steps are in another order"


def _id(step: Mapping[str, Any]) -> str:
    """Return what a step goes by: its id, else its operation's name."""
    written, use = step.get("id"), step.get("use")
    if isinstance(written, str):
        return written
    return use.partition(".")[2] if isinstance(use, str) else ""


def _short(*values: str) -> bool:
    return all(len(value) <= QUOTED and "\n" not in value for value in values)
