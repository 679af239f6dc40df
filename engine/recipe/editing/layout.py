"""A recipe's text taken apart with its comments and blank lines, to be put together anew.

Everything stays as it was written: a value is the piece of the text that it is, so that ``00042`` and
``NO`` need no protection. A comment belongs to the entry below it, or to the end of the block it is
indented with; one behind a value belongs to the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)


@dataclass
class Leaf:
    """A single text as it is written, its quotes included.

    :param value: the text that it stands for.
    :param style: its quote, ``|`` or ``>``; empty for plain text.
    :param tail: the comment behind it.
    :param tail_column: where that stood, counted from 0.
    """

    raw: str
    value: str
    style: str
    column: int
    tail: str = ""
    tail_column: int = 0


@dataclass
class Flow:
    """A list or map in brackets; ``raw`` counts where it holds comments or several lines."""

    raw: str
    column: int
    is_map: bool
    entries: list["Entry"]
    tail: str = ""
    tail_column: int = 0


@dataclass
class Block:
    """A list or map whose entries stand on lines of their own.

    :param end: comments after the last entry.
    """

    column: int
    is_map: bool
    entries: list["Entry"] = field(default_factory=list)
    end: list[str] = field(default_factory=list)


Part = Leaf | Flow | Block


@dataclass
class Entry:
    """One entry of a list or map; ``key`` is None in a list.

    :param lead: comments and blank lines above it.
    """

    key: Leaf | None
    value: Part
    lead: list[str] = field(default_factory=list)


def read_layout(text: str) -> Part | None:
    """Return the parts of a text that is known to be a recipe; None of an empty one.

    :param text: lines end with a line feed each.
    """
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.last: Leaf | Flow | None = None
        #: Blocks that ended since the last leaf, the innermost first.
        self.closed: list[Block] = []
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)

    def document(self) -> Part | None:
        root: Part | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent) and event.explicit:
                self.at = event.end_mark.index
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
                root = self.part(event, [])
        rest = self.gap(len(self.text), -1)
        if isinstance(root, Block):
            root.end += rest
        return root

    def part(self, event: Any, lead: list[str]) -> Part:
        """Return the part that begins with an event; what stands above it is added to ``lead``."""
        if isinstance(event, ScalarEvent):
            return self.leaf(event, lead)
        is_map = isinstance(event, MappingStartEvent)
        if event.flow_style:
            lead += self.gap(event.start_mark.index, event.start_mark.column)
            return self.flow(event, is_map)
        block = Block(event.start_mark.column, is_map)
        ends = MappingEndEvent if is_map else SequenceEndEvent
        while not isinstance(event := next(self.events), ends):
            entry_lead = lead if not block.entries else []
            block.entries.append(self.entry(event, block, entry_lead))
        self.closed.append(block)
        return block

    def entry(self, event: Any, block: Block, lead: list[str]) -> Entry:
        mine: list[str] = []
        key = None
        if block.is_map:
            mine += self.gap(event.start_mark.index, block.column)
            key = self.leaf(event, mine)
            event = next(self.events)
        elif not isinstance(event, ScalarEvent) or event.value or event.style:
            mine += self.gap(event.start_mark.index, block.column)
        within: list[str] = []
        value = self.part(event, within)
        if isinstance(value, Block) and value.entries:
            value.entries[0].lead = within + value.entries[0].lead
        else:
            mine += within
        return Entry(key, value, mine)

    def leaf(self, event: Any, lead: list[str]) -> Leaf:
        start, end = event.start_mark.index, event.end_mark.index
        style = event.style or ""
        if start == end and not style:  # nothing is written; the parser places it lines below
            start = end = self.at
        else:
            lead += self.gap(start, event.start_mark.column)
        raw = self.text[start:end]
        if style in {"|", ">"} and "+" not in raw.split("\n", 1)[0]:
            raw = raw.rstrip("\n ")
        self.at = start + len(raw)
        leaf = Leaf(raw, str(event.value), style, event.start_mark.column)
        self.last = leaf
        return leaf

    def flow(self, event: Any, is_map: bool) -> Flow:
        flow = Flow("", event.start_mark.column, is_map, [])
        ends = MappingEndEvent if is_map else SequenceEndEvent
        while not isinstance(inner := next(self.events), ends):
            key = self.flow_leaf(inner) if is_map else None
            inner = next(self.events) if is_map else inner
            if isinstance(inner, ScalarEvent):
                value: Part = self.flow_leaf(inner)
            else:
                value = self.flow(inner, isinstance(inner, MappingStartEvent))
            flow.entries.append(Entry(key, value))
        flow.raw = self.text[event.start_mark.index : inner.end_mark.index]
        self.at = inner.end_mark.index
        self.last = flow
        return flow

    def flow_leaf(self, event: Any) -> Leaf:
        raw = self.text[event.start_mark.index : event.end_mark.index]
        return Leaf(raw, str(event.value), event.style or "", event.start_mark.column)

    def gap(self, until: int, column: int) -> list[str]:
        """Return the comments and blank lines up to a place, for the entry in this column.

        A comment on the line of the last leaf becomes its tail; one that is indented further than
        the entry belongs to the end of a block above.
        """
        behind, *lines = self.text[self.at : until].split("\n")
        if self.at == 0:
            behind, lines = "", [behind, *lines]  # nothing stands before the first line
        mark = behind.find("#")
        if mark >= 0 and self.last is not None:
            line_start = self.text.rfind("\n", 0, self.at) + 1
            self.last.tail = behind[mark:].rstrip()
            self.last.tail_column = self.at - line_start + mark
        closed, self.closed = self.closed, []
        self.at = until
        if until < len(self.text):
            lines = lines[:-1]  # the last is the entry's own
        found: list[str] = []
        for line in lines:
            bare = line.strip()
            if bare.startswith("#"):
                indent = len(line) - len(line.lstrip())
                home = next((block for block in closed if block.column <= indent), None)
                if home is not None and indent > column and not any(found):
                    home.end += [*found, bare]
                    found = []
                    continue
                found.append(bare)
            elif not bare:
                found.append("")
        return found
