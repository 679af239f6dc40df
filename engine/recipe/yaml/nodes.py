"""From YAML text to nodes that keep every scalar's text and place; nothing is given a type here.

Built from ruamel's parse events, not from its constructors: those would turn ``00042`` into a
number and ``NO`` into false. Anchors, aliases and tags are refused, so that a small file can't
unfold into a large one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from engine.recipe.texts import Position, Text, half_character

DEEPEST = 20
#: Names, values, lists and maps of a recipe: reading so many takes a third of a second.
MOST_NODES = 10_000
#: The same of a file of tables beside it.
MOST_NODES_BESIDE = 50_000
#: What ends a line for YAML 1.2.
DIRECTIVES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n){0,100}%")
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Scalar:
    """One text.

    :param missing: nothing at all was written where a value should be.
    """

    text: Text
    missing: bool = False

    @property
    def position(self) -> Position:
        return self.text.position


@dataclass(frozen=True)
class ListNode:
    """Several values in order."""

    items: tuple["Node", ...]
    position: Position


@dataclass(frozen=True)
class MapNode:
    """Names with values, in the file's order; a name may still be there twice."""

    pairs: tuple[tuple["Node", "Node"], ...]
    position: Position


Node = Scalar | ListNode | MapNode


class YamlMistake(Exception):
    """The text isn't YAML, or more of it than a recipe may use.

    :param problem: the parser's own words, or ours for what only recipes refuse.
    :param position: where the parser stopped.
    :param opened: where what it was reading began.
    """

    def __init__(self, problem: str, position: Position, opened: Position | None = None) -> None:
        self.problem = problem
        self.position = position
        self.opened = opened
        super().__init__(problem)


# What only recipes refuse, in the place of a parser's words.
BRACES = "unquoted braces"
ANCHOR = "anchor"
TAG = "tag"
DEEP = "too deep"
DOCUMENTS = "several documents"
MANY = "too many"
DIRECTIVE = "directive"
ESCAPE = "escape"


def split_lines(text: str) -> list[str]:
    """Return the lines as YAML counts them, without their ends."""
    return LINE_END.split(text)


@lru_cache(maxsize=4)  # a recipe is read for the files it names, and then for itself
def compose(text: str, most: int = MOST_NODES) -> Node | None:
    """Return the one document's root; None when there is nothing in it.

    :param most: how many nodes it may have.
    :raises YamlMistake: the first mistake.
    """
    directive = DIRECTIVES.match(text)
    if directive is not None:  # the parser would read thousands of them
        raise YamlMistake(DIRECTIVE, Position(text.count("\n", 0, directive.end()) + 1, 1))
    try:
        return _Composer(text, most).document()
    except ReaderError as error:
        before = split_lines(text[: error.position])
        raise YamlMistake(
            f"the character U+{ord(text[error.position]):04X}",
            Position(len(before), len(before[-1]) + 1),
        ) from error
    except MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        raise YamlMistake(
            str(error.problem or error.context),
            _position(place) if place is not None else Position(1, 1),
            _position(error.context_mark) if error.context_mark is not None else None,
        ) from error
    except (YAMLError, ValueError, OverflowError) as error:  # "\\Uffffffff" names no character
        before = split_lines(text[: max(text.find("\\U"), 0)])
        raise YamlMistake(ESCAPE, Position(len(before), len(before[-1]) + 1)) from error


class _Composer:
    def __init__(self, text: str, most: int) -> None:
        self.left = most
        self.lines = split_lines(text)
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise YamlMistake(DOCUMENTS, _position(event.start_mark))
                if event.version is not None or event.tags:
                    raise YamlMistake(DIRECTIVE, _position(event.start_mark))
            elif isinstance(
                event, ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent
            ):
                root = self._node(event, 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        position = _position(event.start_mark)
        self.left -= 1
        if depth > DEEPEST:
            raise YamlMistake(DEEP, position)
        if self.left < 0:
            raise YamlMistake(MANY, position)
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise YamlMistake(ANCHOR, position)
        if event.tag is not None:
            raise YamlMistake(TAG, position)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(item := next(self.events), SequenceEndEvent):
                items.append(self._node(item, depth + 1))
            return ListNode(tuple(items), position)
        pairs = []
        while not isinstance(key := next(self.events), MappingEndEvent):
            if isinstance(key, MappingStartEvent) and key.flow_style and event.flow_style:
                raise YamlMistake(BRACES, position)  # {{ x }} read as a map within a map
            name, value = self._node(key, depth + 1), self._node(next(self.events), depth + 1)
            if isinstance(value, Scalar) and value.missing:
                # The parser places it where the next thing starts, lines below.
                value = Scalar(Text("", _position(key.end_mark)), missing=True)
            pairs.append((name, value))
        return MapNode(tuple(pairs), position)

    def _scalar(self, event: Any) -> Scalar:
        start, end, value = event.start_mark, event.end_mark, str(event.value)
        position = _position(start)
        if (half := half_character(value)) is not None:  # written as "\\ud800"
            raise YamlMistake(f"the character U+{ord(half):04X}", position)
        if event.style in {"|", ">"}:
            lines = self._block_lines(start.line + 1, value) if event.style == "|" else ()
            return Scalar(Text(value, self._block_start(start), True, lines))
        if event.style in {"'", '"'}:
            position = Position(position.line, position.column + 1)
            plain = start.line == end.line and end.column - start.column - 2 == len(value)
            return Scalar(Text(value, position, True, (position,) if plain else ()))
        missing = start.line == end.line and start.column == end.column
        one_line = start.line == end.line
        return Scalar(Text(value, position, False, (position,) if one_line else ()), missing)

    def _block_start(self, mark: Any) -> Position:
        """Return where the text of a block scalar begins, below its ``|`` or ``>``."""
        below = self.lines[mark.line + 1] if mark.line + 1 < len(self.lines) else ""
        if not below.strip():
            return _position(mark)
        return Position(mark.line + 2, len(below) - len(below.lstrip()) + 1)

    def _block_lines(self, first: int, value: str) -> tuple[Position, ...]:
        """Return where the lines of a block scalar start; empty when they can't be matched."""
        found: list[Position] = []
        for number, line in enumerate(value.rstrip("\n").split("\n"), first):
            if number >= len(self.lines) or not self.lines[number].endswith(line):
                return ()
            found.append(Position(number + 1, len(self.lines[number]) - len(line) + 1))
        return tuple(found)


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)
