"""Checking what stands between two values: comparisons that are never true, sums of texts."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.checking.complaints import Complaint, misspelt, path_of
from engine.recipe.checking.scopes import (
    ANYTHING,
    KIND_WORDS,
    NUMBER,
    TEXT,
    choices,
    kind_words,
    kinds,
)

#: Kinds of values that can be equal to each other; numbers of all sorts can.
ALIKE = {"integer": "number"}
SIZES = frozenset({"lt", "lteq", "gt", "gteq"})
NUMBERS = frozenset({"integer", "number"})
SIGNS: Mapping[type[nodes.BinExpr], str] = {
    nodes.Add: "added",
    nodes.Sub: "subtracted",
    nodes.Mul: "multiplied",
    nodes.Div: "divided",
    nodes.FloorDiv: "divided",
    nodes.Mod: "divided",
}
#: A day as people write it, e.g. 31/01/2026.
LOCAL_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
#: What can be worked out of constants alone.
CONSTANT_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
}


def check_compare(node: nodes.Compare, below: list[Schema]) -> None:
    """Complain about a comparison whose answer is always the same, or that can't be made.

    :param below: the schemas of the values compared, in their order.
    :raises Complaint: for the first of them.
    """
    left_node, left = node.expr, below[0]
    for operand, right in zip(node.ops, below[1:], strict=True):
        match operand.op:
            case "eq" | "ne":
                _among_choices(left_node, left, operand.expr)
                _among_choices(operand.expr, right, left_node)
                _same_kind(left_node, left, operand.expr, right, "are never equal")
            case "in" | "notin":
                _contained(left_node, left, operand.expr, right)
            case sign if sign in SIZES:
                _no_day(left_node, sign, operand.expr)
                _same_kind(left_node, left, operand.expr, right, "can't be compared by size")
        left_node, left = operand.expr, right


def check_sum(node: nodes.BinExpr, left: Schema, right: Schema) -> Schema:
    """Return the schema of a sum, difference and so on.

    :raises Complaint: text or a record is in it.
    """
    one, other = kinds(left), kinds(right)
    done = SIGNS.get(type(node))
    if done is None or not one or not other:
        return ANYTHING
    if one <= NUMBERS and other <= NUMBERS:
        return NUMBER
    if isinstance(node, nodes.Add) and one == other and one <= {"string", "array"}:
        return left if one == {"string"} else {"type": "array"}
    for side, schema, others in ((node.left, left, other), (node.right, right, one)):
        if not kinds(schema) & NUMBERS:
            texts = isinstance(node, nodes.Add) and kinds(schema) == {"string"}
            to = f" to {KIND_WORDS[min(others)]}" if texts else ""
            raise Complaint(
                side.lineno,
                "wrong-type",
                f"{what(side)} is {kind_words(schema)}, which can't be {done}{to}.",
                "Texts are joined with `~`, e.g. `a ~ ' ' ~ b`; `| int` makes a number of digits."
                if texts
                else "`| int` or `| float` makes a number of digits."
                if kinds(schema) == {"string"}
                else "Name the field of it that is meant.",
            )
    return ANYTHING


def check_one_of(node: nodes.Test, given: Schema) -> None:
    """Complain about a value after ``is one_of`` that a field never has."""
    for argument in node.args:
        _among_choices(node.node, given, argument)
        if isinstance(argument, nodes.Const):
            _same_kind(node.node, given, argument, _of(argument), "are never equal")


def constant(node: nodes.Node) -> bool | None:
    """Return what an expression is for every record alike; None where records matter."""
    match node:
        case nodes.Const(value=bool() as value):
            return value
        case nodes.Not():
            inner = constant(node.node)
            return None if inner is None else not inner
        case nodes.And() | nodes.Or():
            sides = (constant(node.left), constant(node.right))
            ends = isinstance(
                node, nodes.Or
            )  # one true side makes `or` true, one false `and` false
            if ends in sides:
                return ends
            return None if None in sides else not ends
        case nodes.Compare(
            expr=nodes.Const(value=one),
            ops=[nodes.Operand(op=op, expr=nodes.Const(value=other))],
        ) if op in CONSTANT_SIGNS:
            return CONSTANT_SIGNS[op](one, other)
    return None


def what(node: nodes.Node) -> str:
    """Return what messages call a value: its path, or the constant as it is written."""
    if isinstance(node, nodes.Const):
        return f"'{node.value}'" if isinstance(node.value, str) else f"{_written(node.value)}"
    path = path_of(node)
    return f"'{path}'" if path else "This"


def _no_day(value: nodes.Node, sign: str, other: nodes.Node) -> None:
    """Complain about a date that is compared letter by letter: so 02/01/2025 is after 01/12/2026."""
    day = (
        other.value.strip()
        if isinstance(other, nodes.Const) and isinstance(other.value, str)
        else ""
    )
    if LOCAL_DAY.fullmatch(day):
        test = "later_than" if sign.startswith("gt") else "earlier_than"
        raise Complaint(
            other.lineno,
            "wrong-type",
            f"'{day}' is compared letter by letter here, which isn't the order of days.",
            f"Write `{path_of(value) or '…'} is {test}('2026-01-31')`, the year first.",
        )


def _among_choices(node: nodes.Node, schema: Schema, other: nodes.Node) -> None:
    """Complain about a constant that is none of the values a field may have."""
    known = [str(choice) for choice in choices(schema)]
    if not known or not isinstance(other, nodes.Const) or not isinstance(other.value, str):
        return
    if other.value not in known:
        raise misspelt(
            other.lineno,
            "never-equal",
            f"{what(node)} is never '{other.value}'.",
            other.value,
            known,
            listed="It is one of",
        )


def _same_kind(
    left_node: nodes.Node, left: Schema, right_node: nodes.Node, right: Schema, never: str
) -> None:
    one, other = _alike(left), _alike(right)
    if not one or not other or one & other:
        return
    if {*one, *other} <= {"number", "boolean"}:
        return  # 1 and true are the same to templates
    fixed, field = (right_node, left) if isinstance(right_node, nodes.Const) else (left_node, right)
    word, better = _of_kind(fixed, _alike(field))
    if "size" in never and isinstance(fixed, nodes.Const) and not isinstance(fixed.value, str):
        better = ""  # as texts, 10 comes before 9
    raise Complaint(
        fixed.lineno,
        "never-equal" if "equal" in never else "wrong-type",
        f"{what(left_node)} is {kind_words(left)} and {what(right_node)} is {kind_words(right)}: "
        f"they {never}.",
        ""
        if better
        else "Name the field of it that is meant."
        if _alike(field) & {"object", "array"}
        else "A number is made of digits by `| int`."
        if "size" in never
        else f"Compare it with {kind_words(field)}.",
        word,
        better,
    )


def _of_kind(node: nodes.Node, wanted: frozenset[str]) -> tuple[str, str]:
    """Return a constant as it is written, and as it would be as another kind of value."""
    if not isinstance(node, nodes.Const):
        return "", ""
    value = node.value
    if isinstance(value, str):
        word = f"'{value}'"
        if wanted == {"number"} and value.strip().isdecimal():
            return word, str(int(value))
        if wanted == {"boolean"} and value.lower() in {"true", "false", "yes", "no"}:
            return word, "true" if value.lower() in {"true", "yes"} else "false"
        return word, ""
    if isinstance(value, int) and wanted == {"string"}:
        return _written(value), f"'{_written(value)}'"
    return _written(value), ""


def _contained(left_node: nodes.Node, left: Schema, right_node: nodes.Node, right: Schema) -> None:
    if isinstance(right_node, nodes.List | nodes.Tuple):
        for item in right_node.items:
            _among_choices(left_node, left, item)
            if isinstance(item, nodes.Const):
                _same_kind(left_node, left, item, _of(item), "are never equal")
        return
    within = kinds(right)
    if within and within <= {"integer", "number", "boolean"}:
        raise Complaint(
            right_node.lineno,
            "wrong-type",
            f"{what(right_node)} is {kind_words(right)}, and nothing is in it.",
            "Behind `in` stands a list or text.",
        )
    if within == {"string"} and _alike(left) and not _alike(left) & {"string"}:
        raise Complaint(
            left_node.lineno,
            "wrong-type",
            f"{what(right_node)} is text, and only text can be in it; {what(left_node)} is "
            f"{kind_words(left)}.",
            "Put it in quotes, or make text of it with `~ ''`.",
        )


def _of(node: nodes.Const) -> Schema:
    match node.value:
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return NUMBER
        case str():
            return TEXT
    return ANYTHING


def _alike(schema: Schema) -> frozenset[str]:
    return frozenset(ALIKE.get(kind, kind) for kind in kinds(schema))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
