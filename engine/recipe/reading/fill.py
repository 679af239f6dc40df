"""Filling a blueprint in: its ``{{ inputs.x }}`` become what a recipe gives for them.

What comes out is an ordinary recipe, so that nothing that reads or runs one knows of inputs. Values
are written into templates as quoted constants: nobody's text can become a template.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

#: Keys whose text is a bare expression.
EXPRESSIONS = frozenset({"if", "key", "for_each", "until", "left", "right"})
#: Keys of fields; whatever stands below them is a template, also below a field called `key`.
FIELDS = frozenset({"with", "set", "details", "outputs", "collect", "translate"})
#: Keys whose text takes no templates of a record.
PLAIN = frozenset(
    {
        "name", "description", "connection", "schedule", "cron", "timezone", "missed", "jitter",
        "first_run", "overlap", "send_to", "when", "tell_if_rejected_over", "within", "file",
        "hold_if_more_than", "stop_if_rejected_over",
    }
)  # fmt: skip

_READ = re.compile(r"\{\{\s*inputs\.(\w+)\s*\}\}")
_LEXER = Environment(autoescape=False)  # noqa: S701 - it only takes templates apart
_TEMPLATE = "template"
_EXPRESSION = "expression"
_PLAIN = "plain"


def fill(node: Node, values: Mapping[str, Any], *, plain_only: bool = False) -> Node:
    """Return a blueprint's root with the inputs' values in it.

    :param values: by input; None: it isn't given, and a line that only reads it is left out.
    :param plain_only: only where templates aren't available anyway.
    """
    return _Filler(values, plain_only).node(node, _PLAIN, within_fields=False)


class _Filler:
    def __init__(self, values: Mapping[str, Any], plain_only: bool) -> None:
        self.values = values
        self.plain_only = plain_only

    def node(self, node: Node, kind: str, *, within_fields: bool) -> Node:
        if isinstance(node, Scalar):
            return self.scalar(node, kind)
        if isinstance(node, ListNode):
            items = tuple(
                self.node(item, kind, within_fields=within_fields)
                for item in node.items
                if not self.is_empty(item)
            )
            return ListNode(items, node.position)
        pairs = []
        for key, value in node.pairs:
            if self.is_empty(value):
                continue
            inner, below = kind, within_fields
            if not within_fields and isinstance(key, Scalar):
                word = key.text.value
                below = word in FIELDS
                inner = (
                    _EXPRESSION if word in EXPRESSIONS else _PLAIN if word in PLAIN else _TEMPLATE
                )
            pairs.append((key, self.node(value, inner, within_fields=below)))
        return MapNode(tuple(pairs), node.position)

    def is_empty(self, node: Node) -> bool:
        """Return whether a node only reads an input that isn't given."""
        found = _READ.fullmatch(node.text.value.strip()) if isinstance(node, Scalar) else None
        return (
            found is not None
            and found[1] in self.values
            and self.values[found[1]] is None
            and not self.plain_only
        )

    def scalar(self, node: Scalar, kind: str) -> Node:
        text = node.text
        if "inputs" not in text.value or (self.plain_only and kind != _PLAIN):
            return node
        if kind == _PLAIN:
            return _written(text, _READ.sub(self._as_text, text.value))
        if kind == _EXPRESSION:
            bare = text.value.strip()
            braces = bare.startswith("{{") and bare.endswith("}}")
            filled = self.template(bare if braces else "{{" + bare + "}}")
            return _written(text, filled if braces else filled[2:-2])
        alone = _READ.fullmatch(text.value.strip())
        if alone is not None and alone[1] in self.values:
            value = self.values[alone[1]]
            if isinstance(value, str) and "{" not in value:
                return _written(text, value)
            if isinstance(value, list):
                items = tuple(_written(text, "{{ " + literal(one) + " }}") for one in value)
                return ListNode(items, text.position)
        return _written(text, self.template(text.value))

    def _as_text(self, found: re.Match[str]) -> str:
        if found[1] not in self.values:
            return found[0]
        value = self.values[found[1]]
        return "" if value is None else value if isinstance(value, str) else literal(value)

    def template(self, source: str) -> str:
        """Return a template in which ``inputs.x`` is the value as a constant."""
        try:
            tokens = [(kind, raw) for _, kind, raw in _LEXER.lex(source)]
        except TemplateSyntaxError:
            return source  # the reader says what is wrong with it
        out: list[str] = []
        place = 0
        while place < len(tokens):
            kind, raw = tokens[place]
            name = self._input_at(tokens, place) if (kind, raw) == ("name", "inputs") else None
            if name is not None and not (out and out[-1] == "."):
                out.append(literal(self.values[name]))
                place += 3
            else:
                out.append(raw)
                place += 1
        return "".join(out)

    def _input_at(self, tokens: list[tuple[str, str]], place: int) -> str | None:
        following = tokens[place + 1 : place + 3]
        if len(following) == 2 and following[0] == ("operator", "."):
            kind, name = following[1]
            if kind == "name" and name in self.values:
                return name
        return None


def literal(value: Any) -> str:
    """Return a value as a constant of a template."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(int(value) if value == int(value) else value)
        case list() | tuple():
            return "[" + ", ".join(literal(one) for one in value) + "]"
        case dict():
            pairs = (f"{literal(str(key))}: {literal(one)}" for key, one in value.items())
            return "{" + ", ".join(pairs) + "}"
    return ascii(str(value)).replace("{", "\\x7b").replace("}", "\\x7d")


def _written(text: Text, value: str) -> Scalar:
    return Scalar(replace(text, value=value, quoted=True, lines=()))
