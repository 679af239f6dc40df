"""Templates and conditions as a person would say them: "the matter's client's name in capitals"."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from engine.recipe.explain.filter_words import FILTER_WORDS, SAID, TEST_WORDS, bare, spaced
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.syntax import Mistake, parse_expression, parse_template

COMPARISONS: Mapping[str, str] = {
    "eq": "is",
    "ne": "is not",
    "gt": "is more than",
    "gteq": "is at least",
    "lt": "is less than",
    "lteq": "is at most",
    "in": "is in",
    "notin": "is not in",
}
#: Calculations.
SIGNS: Mapping[type, str] = {
    nodes.Add: "plus",
    nodes.Sub: "minus",
    nodes.Mul: "times",
    nodes.Div: "divided by",
    nodes.FloorDiv: "divided, without the rest, by",
    nodes.Mod: "the rest of dividing by",
    nodes.Pow: "to the power of",
}


class Phrases:
    """Says what templates of one recipe mean.

    :param called: what a name stands for, e.g. ``the matter``; other names are said as they are.
    """

    def __init__(self, environment: RecipeEnvironment, called: Mapping[str, str]) -> None:
        self._environment = environment
        self.called = dict(called)

    def condition(self, source: str) -> str:
        """Return a condition as a clause: ``the matter has no client``."""
        return self._parsed(source, parse_expression, self._clause)

    def expression(self, source: str) -> str:
        """Return an expression's value as a noun phrase."""
        return self._parsed(source, parse_expression, self._value)

    def template(self, source: str) -> str:
        """Return a template's value: its text in quotes, with what varies in ‹ ›."""
        return self._parsed(source, parse_template, self._text)

    def _parsed(self, source: str, parse: Callable[..., Any], say: Callable[[Any], str]) -> str:
        try:
            return say(parse(self._environment, source))
        except Mistake:  # `check` says what is wrong with it
            return f"“{source.strip()}”"

    def _text(self, parts: list[nodes.Expr]) -> str:
        spoken = [p for p in parts if not isinstance(p, nodes.TemplateData) or p.data.strip()]
        if len(spoken) == 1 and not isinstance(spoken[0], nodes.TemplateData):
            return self._value(spoken[0])
        said = (
            part.data if isinstance(part, nodes.TemplateData) else f"‹{self._value(part)}›"
            for part in parts
        )
        return f"“{' '.join(''.join(said).split())}”"

    # -- conditions ----------------------------------------------------------------------------

    def _clause(self, node: nodes.Node, holds: bool = True) -> str:
        match node:
            case nodes.Not():
                return self._clause(node.node, not holds)
            case nodes.And() | nodes.Or():
                word = "and" if isinstance(node, nodes.And) == holds else "or"
                sides = (self._clause(node.left, holds), self._clause(node.right, holds))
                return f" {word} ".join(sides)
            case nodes.Compare():
                if holds or len(node.ops) != 1:
                    said = self._compared(node)
                    return said if holds else f"it isn't so that {said}"
                return self._compared(node, denied=True)
            case nodes.Test():
                return self._tested(node, holds)
            case nodes.Getattr():
                return f"{self._value(node.node)} {_has(node.attr, holds)}"
            case nodes.Name():
                return f"there is {'a' if holds else 'no'} {self._value(node).removeprefix('the ')}"
        return self._value(node) if holds else f"not {self._value(node)}"

    def _compared(self, node: nodes.Compare, denied: bool = False) -> str:
        opposite = {"eq": "ne", "ne": "eq", "in": "notin", "notin": "in", "gt": "lteq"}
        opposite |= {"lteq": "gt", "lt": "gteq", "gteq": "lt"}
        said = self._value(node.expr)
        for operand in node.ops:
            operator = opposite[operand.op] if denied else operand.op
            word = COMPARISONS[operator]
            if isinstance(operand.expr, nodes.List | nodes.Tuple):
                word = {"in": "is one of", "notin": "is none of"}.get(operator, word)
            said += f" {word} {self._value(operand.expr)}"
        return said

    def _tested(self, node: nodes.Test, holds: bool) -> str:
        words = TEST_WORDS.get(node.name)
        yes, no = words or (f"is {spaced(node.name)}", f"is not {spaced(node.name)}")
        given = ", ".join(self._value(argument) for argument in node.args)
        return f"{self._value(node.node)} {yes if holds else no} {given}".rstrip()

    # -- values --------------------------------------------------------------------------------

    def _value(self, node: nodes.Node) -> str:
        match node:
            case nodes.Const():
                return _constant(node.value)
            case nodes.TemplateData():
                return f"“{node.data}”"
            case nodes.Name():
                return self.called.get(node.name, node.name)
            case nodes.Getattr():
                return f"{_owner(self._value(node.node))} {spaced(node.attr)}"
            case nodes.Getitem(arg=nodes.Const(value=str() as name)):
                return f"{_owner(self._value(node.node))} {spaced(name)}"
            case nodes.Getitem(arg=nodes.Const(value=int() as place)):
                words = {0: "the first of", -1: "the last of"}
                which = words.get(place, f"number {place + 1} of")
                return f"{which} {self._value(node.node)}"
            case nodes.Filter():
                return self._filtered(node)
            case nodes.Or():
                return f"{self._value(node.left)}, or else {self._value(node.right)}"
            case nodes.CondExpr():
                other = self._value(node.expr2) if node.expr2 is not None else "nothing"
                return f"{self._value(node.expr1)} if {self._clause(node.test)}, else {other}"
            case nodes.Concat():
                return " and ".join(self._value(part) for part in node.nodes)
            case nodes.List() | nodes.Tuple():
                return ", ".join(self._value(item) for item in node.items) or "an empty list"
            case nodes.Neg():
                return f"minus {self._value(node.node)}"
            case nodes.Compare() | nodes.Test() | nodes.Not() | nodes.And():
                return f"whether {self._clause(node)}"
            case nodes.BinExpr() if type(node) in SIGNS:
                return f"{self._value(node.left)} {SIGNS[type(node)]} {self._value(node.right)}"
        return "a value"

    def _filtered(self, node: nodes.Filter) -> str:
        inner = self._value(node.node) if node.node is not None else "it"
        given = [self._value(argument) for argument in node.args]
        named = {str(pair.key): self._value(pair.value) for pair in node.kwargs}
        if node.name in SAID:
            return SAID[node.name](inner, given, named)
        words = FILTER_WORDS.get(node.name, "")
        if not words or words.count("{1}") + words.count("{bare}") > len(given):
            return f"{inner} ({spaced(node.name)})"
        return words.format(inner, *given, bare=bare(given[0]) if given else "")


def _constant(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if isinstance(value, str) else str(value)


def _has(field: str, holds: bool) -> str:
    """Say that a record has a field, or is what a yes-or-no field is called: ``is enabled``."""
    told = spaced(field)
    if field.startswith("is_") or field.endswith("ed"):
        return f"is {'' if holds else 'not '}{told.removeprefix('is ')}"
    return f"has {'a' if holds else 'no'} {told.removeprefix('has ')}"


def _owner(words: str) -> str:
    return words + ("'" if words.endswith("s") else "'s")
