"""The one way to write a recipe: what ``bridgework fmt`` makes of a text, comments and all.

Keys stand in the reference's order, two spaces further in than what they belong to; quotes are double;
small forms are written out. What a recipe means never changes: that is looked at before a text is given
back, and a text that is no recipe is given back as it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from engine.recipe.called import is_called
from engine.recipe.editing.layout import Block, Entry, Flow, Leaf, Part, read_layout
from engine.recipe.load import read_called, read_recipe
from engine.recipe.templates.syntax import has_braces
from engine.recipe.texts import Position, Text
from engine.recipe.yaml.lines import quote
from engine.recipe.yaml.nodes import LINE_END

#: The order of keys, by the kind of map they stand in; other maps keep theirs.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "recipe": (
        "name", "description", "blueprint", "mode", "inputs", "trigger", "triggers", "skip",
        "steps", "outputs", "translate", "two_way", "limits", "report",
    ),
    "trigger": (
        "id", "use", "connection", "with", "as", "schedule", "timezone", "missed", "jitter",
        "first_run", "overlap",
    ),
    "rule": ("if", "reason"),
    "step": (
        "id", "for_each", "as", "parallel", "until", "every", "at_most", "collect", "size", "call",
        "join", "use", "connection", "person", "key", "ask", "wait", "if", "choose", "set", "reject", "skip",
        "stop", "answer", "with", "details", "choices", "of", "within", "steps", "blank",
        "if_none", "if_never", "if_item_fails", "on_error", "on_no", "otherwise",
    ),
    "branch": ("if", "steps"),
    "on_error": (
        "rate_limited", "no_answer", "bad_answer", "not_found", "rejected", "otherwise",
    ),
    "limits": ("hold_if_more_than", "stop_if_rejected_over"),
    "report": ("send_to", "when", "tell_if_rejected_over"),
}  # fmt: skip
#: What stands below a key, by the kind of map the key is in.
BELOW: Mapping[tuple[str, str], str] = {
    ("recipe", "trigger"): "trigger",
    ("recipe", "triggers"): "trigger",
    ("recipe", "skip"): "rule",
    ("recipe", "steps"): "step",
    ("recipe", "limits"): "limits",
    ("recipe", "report"): "report",
    ("step", "steps"): "step",
    ("step", "otherwise"): "step",
    ("step", "if_none"): "step",
    ("step", "choose"): "branch",
    ("step", "parallel"): "step",
    ("step", "on_error"): "on_error",
    ("branch", "steps"): "step",
}
#: Keys whose value is a bare expression.
EXPRESSIONS = frozenset(
    [("rule", "if"), ("branch", "if")]
    + [("step", key) for key in ("if", "key", "for_each", "until")]
)
#: Keys that hold a list of which one entry may stand alone.
LISTS = frozenset({("report", "send_to"), ("step", "of")})
INDENT = 2


def canonical(text: str, path: Path) -> str | None:
    """Return a recipe's text in the one way to write it; None where the text is no recipe.

    :param path: where it stands; files it reads beside itself are looked for there.
    """
    meaning = _read(text, path)
    if meaning is None:
        return None
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    plain = LINE_END.sub("\n", text.removeprefix(mark))
    root = read_layout(plain)
    if not isinstance(root, Block):
        return None
    begun = [line for line in plain.split("\n", 1)[:1] if line.startswith("---")]
    lines = [*begun, *_Writer().root(root)]
    written = mark + end.join(lines).rstrip("\r\n ") + end
    if _read(written, path) != meaning:
        return text  # better as it is than another recipe
    return written


def _read(text: str, path: Path) -> Any:
    """Return what a recipe means, also one that others call; None where it has mistakes."""
    recipe, findings = read_called(text, path) if is_called(text) else read_recipe(text, path)
    return None if recipe is None or findings else _meaning(recipe)


class _Writer:
    def root(self, block: Block) -> list[str]:
        # What stands above the first key is about the file, whichever key comes first.
        header, block.entries[0].lead = block.entries[0].lead, []
        while header and not header[0]:
            header.pop(0)
        return [*header, *_without_double_blanks(self.block(block, "recipe", 0))]

    def block(self, block: Block, kind: str, indent: int) -> Iterator[str]:
        space = " " * indent
        for entry in _in_order(block, kind):
            for line in entry.lead:
                yield space + line if line else ""
            yield from self.entry(entry, block, kind, indent)
        for line in block.end:
            yield space + line if line else ""

    def entry(self, entry: Entry, block: Block, kind: str, indent: int) -> Iterator[str]:
        space = " " * indent
        if entry.key is None:
            yield from self.item(entry.value, kind, indent, block)
            return
        name = entry.key.value
        start = f"{space}{_requoted(entry.key)}:"
        below = BELOW.get((kind, name), "")
        shift = indent - block.column
        if isinstance(entry.value, Block):
            yield _with_tail(start, entry.key, shift)
            yield from self.block(entry.value, below, indent + INDENT)
            return
        yield from self.inline(start + " ", entry.value, (kind, name), indent, shift)

    def item(self, value: Part, kind: str, indent: int, block: Block) -> Iterator[str]:
        space = " " * indent
        shift = indent - block.column
        if not isinstance(value, Block):
            yield from self.inline(f"{space}- ", value, ("", ""), indent, shift)
            return
        begun = False
        for line in self.block(value, kind, indent + INDENT):
            bare = line.strip()
            if begun or (bare and not bare.startswith("#")):
                yield line if begun else f"{space}- {line[indent + INDENT :]}"
                begun = True
            else:
                yield space + bare if bare else ""

    def inline(
        self, start: str, value: Leaf | Flow, place: tuple[str, str], indent: int, shift: int
    ) -> Iterator[str]:
        if isinstance(value, Flow):
            raw = value.raw if _must_stay(value) else _flow(value, BELOW.get(place, ""))
        else:
            raw = _small_form(value, place)
        first, *rest = raw.split("\n")
        if not rest:
            yield _with_tail((start + first).rstrip(), value, shift)
            return
        yield (start + first).rstrip()
        lines = list(_moved(rest, value, indent))
        yield from lines[:-1]
        block_text = isinstance(value, Leaf) and value.style in {"|", ">"}
        yield lines[-1] if block_text else _with_tail(lines[-1], value, shift)


def _in_order(block: Block, kind: str) -> list[Entry]:
    order = ORDERS.get(kind, ())
    if not block.is_map or not order:
        return block.entries
    place = {name: number for number, name in enumerate(order)}
    first = block.entries[0]
    ordered = sorted(
        block.entries, key=lambda entry: place.get(entry.key.value if entry.key else "", len(order))
    )
    if ordered[0] is not first and ordered[0].lead and not ordered[0].lead[0]:
        ordered[0].lead = ordered[0].lead[1:]  # no blank line between a block's name and its first
    return ordered


def _with_tail(line: str, leaf: Leaf | Flow, shift: int) -> str:
    """Return the line with its comment, in the column that it had if there is room."""
    if not leaf.tail:
        return line
    return line.ljust(max(leaf.tail_column + shift, len(line) + 2)) + leaf.tail


def _moved(rest: list[str], value: Leaf | Flow, indent: int) -> Iterator[str]:
    """Yield the further lines of a value, in the column that they belong to."""
    written = [line for line in rest if line.strip()]
    least = min((len(line) - len(line.lstrip()) for line in written), default=0)
    keeps = isinstance(value, Leaf) and value.style in {"|", ">"}
    for line in rest:
        if not line.strip():
            yield line[least:].rstrip("\r") if keeps else ""
        elif isinstance(value, Leaf) and not keeps:
            yield " " * (indent + INDENT) + line.strip()
        else:
            wanted = indent + INDENT if keeps or line.strip()[:1] not in "]}" else indent
            text = line[least:] if keeps else line.strip()
            yield " " * wanted + text


def _must_stay(flow: Flow) -> bool:
    """Return whether a list or map in brackets is left as it is: it has lines or comments."""
    return "\n" in flow.raw


def _flow(flow: Flow, kind: str) -> str:
    parts = []
    entries = _in_order(Block(0, flow.is_map, flow.entries), kind) if flow.entries else []
    for entry in entries:
        name = entry.key.value if entry.key else ""
        value = entry.value
        if isinstance(value, Flow):
            raw = _flow(value, BELOW.get((kind, name), "") if entry.key else kind)
        else:
            assert isinstance(value, Leaf)
            raw = _small_form(value, (kind, name))
        parts.append(f"{_requoted(entry.key)}: {raw}".rstrip() if entry.key else raw)
    inside = ", ".join(parts)
    return f"{{{inside}}}" if flow.is_map else f"[{inside}]"


def _requoted(leaf: Leaf) -> str:
    """Return a text with double quotes in the place of single ones, where it can have them."""
    if leaf.style != "'" or "\n" in leaf.raw or '"' in leaf.value or "\\" in leaf.value:
        return leaf.raw
    return f'"{leaf.value}"'


def _small_form(leaf: Leaf, place: tuple[str, str]) -> str:
    """Return a value as it is written out."""
    raw = _requoted(leaf)
    if "\n" in raw:
        return raw
    if place in EXPRESSIONS and leaf.style in {"'", '"'} and has_braces(leaf.value):
        bare = leaf.value.strip()[2:-2].strip()
        return bare if re.fullmatch(r"\w[^:#,{}\[\]]*", bare) else quote(bare)
    if place in LISTS and raw:
        return f"[{raw}]"
    if place == ("trigger", "schedule") and leaf.value.startswith("cron: "):
        cron = leaf.value.removeprefix("cron: ").strip()
        return f"{{cron: {cron if cron[:1].isalnum() and ',' not in cron else quote(cron)}}}"
    return raw


def _without_double_blanks(lines: Iterator[str]) -> Iterator[str]:
    before = "x"
    for line in lines:
        if line or before:
            yield line
        before = line


def _meaning(value: Any) -> Any:
    """Return what tells two recipes apart, whatever they look like."""
    if isinstance(value, Text):
        bare = value.value.strip()
        return bare[2:-2].strip() if has_braces(value.value) else value.value
    if isinstance(value, Position):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(
            (field.name, _meaning(getattr(value, field.name)))
            for field in fields(value)
            if field.name not in {"text", "position", "positions"}
        )
    if isinstance(value, Mapping):
        return tuple((_meaning(key), _meaning(part)) for key, part in value.items())
    if isinstance(value, tuple | list):
        return tuple(_meaning(part) for part in value)
    return value
