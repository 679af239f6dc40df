"""Where in a recipe someone is writing, also while its text is in pieces.

What is being written is replaced by a mark and closed as far as it is open; then the mark is looked
for in what the text is now.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.recipe.findings import Findings
from engine.recipe.yaml.lines import closing_quote
from engine.recipe.yaml.nodes import (
    ListNode,
    MapNode,
    Node,
    Scalar,
    YamlMistake,
    compose,
    split_lines,
)
from engine.recipe.yaml.repair import compose_repaired

#: Stands where something is being written; no recipe holds it.
MARK = "cursor_mark_"

#: A line up to the cursor: what stands before the value, and the value as far as it is written.
BLOCK = re.compile(
    r"(?P<head>\s*(?:- +)*(?:(?P<key>[\w.-]+|\"[^\"]*\"|'[^']*')\s*:\s+)?)(?P<word>.*)"
)
#: The same of one place in a flow map or list, such as ``{status: open}``.
FLOW = re.compile(r"(?P<head>\s*(?:(?P<key>[\w.-]+)\s*:\s+)?)(?P<word>.*)")
WORD = re.compile(r"[\w.]*")


@dataclass(frozen=True)
class Spot:
    """What is being written, and where it belongs.

    :param path: of the map or list it belongs to: names and places in lists.
    :param recipe: the whole recipe as plain maps, lists and texts, without what is being written.
    :param key: whose value it is; None where a key itself may be written.
    :param word: what is written of it so far.
    :param start: column of the word's first character.
    :param end: column after the word's last character, beyond the cursor.
    :param template: the expression so far, inside of ``{{ }}``; None outside of them.
    :param text: the recipe with the mark in the place of the word.
    """

    path: tuple[str | int, ...]
    recipe: Any
    key: str | None
    word: str
    start: int
    end: int
    template: str | None
    text: str


def find_spot(text: str, path: Path, line: int, column: int) -> Spot | None:
    """Return where a place in a recipe is; None where no sense can be made of what is around it.

    :param path: of the recipe's file; names it, nothing is read.
    :param line: counts from 1; so does ``column``, before whose character the cursor stands.
    """
    lines = split_lines(text.removeprefix("\ufeff"))
    if not 0 < line <= len(lines):
        return None
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    if before.lstrip().startswith("#"):
        return None
    opened = before.rfind("{{")
    if opened >= 0 and "}}" not in before[opened:]:
        template = before[opened + 2 :]
        word = re.search(r"\w*$", template)
        assert word is not None
        written = word[0]
        key, marked = None, _with_template(before[:opened])
        after_word = re.match(r"\w*", after)
    else:
        template = None
        key, written, marked = _with_mark(before)
        after_word = WORD.match(after)
    assert after_word is not None
    lines[line - 1] = marked
    root = _composed(lines, path, line)
    place = None if root is None else _find(root)
    if root is None or place is None:
        return None
    return Spot(
        path=place,
        recipe=_plain(root),
        key=key,
        word=written,
        start=column - len(written),
        end=column + len(after_word[0]),
        template=template,
        text="\n".join(lines),
    )


def _with_mark(before: str) -> tuple[str | None, str, str]:
    """Return the key whose value is being written, the word so far, and the line with the mark."""
    found = BLOCK.fullmatch(before)
    assert found is not None  # it takes any line
    head, key, word = found["head"], found["key"], found["word"]
    flow = _last_open(word)
    if flow is None:
        bare = word.lstrip("\"'")
        return (None, bare, f"{head}{MARK}:") if key is None else (key, bare, f"{head}{MARK}")
    bracket, start = flow
    cell = FLOW.fullmatch(word[start:])
    assert cell is not None
    head += word[:start] + cell["head"]
    closing = _closing(head)
    written = cell["word"].lstrip("\"'")
    if cell["key"] is None and bracket == "{":
        return None, written, f"{head}{MARK}: x{closing}"
    return cell["key"] or key, written, f"{head}{MARK}{closing}"


def _with_template(before: str) -> str:
    """Return the line with the mark as the template that begins after ``before``."""
    found = BLOCK.fullmatch(before)
    assert found is not None
    head, value = found["head"], found["word"]
    mark = f"{{{{ {MARK} }}}}"
    if value[:1] in {'"', "'"} and closing_quote(value, value[0]) is None:
        return f"{before}{mark}{value[0]}"
    flow = _last_open(value)
    if flow is None:
        return f'{head}"{mark}"'
    cell = FLOW.fullmatch(value[flow[1] :])
    assert cell is not None
    head += value[: flow[1]] + cell["head"]
    return f'{head}"{mark}"{_closing(head)}'


def _last_open(value: str) -> tuple[str, int] | None:
    """Return the innermost open bracket of a flow map or list, and where the cursor's part begins."""
    stack: list[str] = []
    start, mark = 0, ""
    for place, letter in enumerate(value):
        if mark:
            mark = "" if letter == mark else mark
        elif letter in "\"'" and (place == 0 or value[place - 1] in " {[,:"):
            mark = letter
        elif letter in "{[":
            stack.append(letter)
            start = place + 1
        elif letter in "}]" and stack:
            stack.pop()
            start = place + 1
        elif letter == ",":
            start = place + 1
    return (stack[-1], start) if stack else None


def _closing(head: str) -> str:
    """Return the brackets that close what is open in ``head``."""
    found = BLOCK.fullmatch(head)
    value, closing, mark = (found["word"] if found else head), "", ""
    for letter in value:
        if mark:
            mark = "" if letter == mark else mark
        elif letter in "\"'":
            mark = letter
        elif letter in "{[":
            closing = ("}" if letter == "{" else "]") + closing
        elif letter in "}]":
            closing = closing[1:]
    return closing


def _composed(lines: Sequence[str], path: Path, line: int) -> Node | None:
    """Return what the lines are; where the rest is beyond repair, what those up to ``line`` are."""
    for some in (lines, lines[:line]):
        try:
            return compose("\n".join(some))
        except YamlMistake:
            root, _ = compose_repaired(Findings(path, some))
            if root is not None:
                return root
    return None


def _find(node: Node) -> tuple[str | int, ...] | None:
    """Return the path of the map or list in which the mark stands."""
    if isinstance(node, MapNode):
        for key, value in node.pairs:
            if _marked(key) or _marked(value):
                return ()
            found = _find(value)
            if found is not None and isinstance(key, Scalar):
                return (key.text.value, *found)
    if isinstance(node, ListNode):
        for place, item in enumerate(node.items):
            if _marked(item):
                return ()
            found = _find(item)
            if found is not None:
                return (place, *found)
    return None


def _marked(node: Node) -> bool:
    return isinstance(node, Scalar) and MARK in node.text.value


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text.value
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    return {
        key.text.value: _plain(value)
        for key, value in node.pairs
        if isinstance(key, Scalar) and not _marked(key) and not _marked(value)
    }
