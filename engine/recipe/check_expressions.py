"""Checking expressions: what each name and field means, down the syntax tree."""

from collections.abc import Iterator, Mapping

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.check_filters import Tables, check_test, filter_for, filter_result, table_of
from engine.recipe.complaints import Complaint, misspelt, no_such_field, path_of
from engine.recipe.scopes import (
    ANYTHING,
    BOOLEAN,
    TEXT,
    NoSuchField,
    choices,
    field_of,
    items_of,
    kinds,
    schema_of_constant,
)
from engine.recipe.suggest import nearest, surely

Names = Mapping[str, Schema]

#: What people call the record when they don't recall the name they gave it.
RECORD_WORDS = frozenset({"record", "item", "trigger", "row"})

#: What has no text of its own.
NO_TEXT = frozenset({"object", "array"})


class Walk:
    """One template's syntax tree, walked with the schemas of what it reads.

    :param absent: names that mean something elsewhere, with why they don't here.
    """

    def __init__(self, names: Names, absent: Mapping[str, str], tables: Tables) -> None:
        self.names = names
        self.absent = absent
        self.tables = tables
        self.used: set[str] = set()
        #: Tables it looks something up in; None in it: some are only known when it runs.
        self.used_tables: set[str | None] = set()
        self.complaints: list[Complaint] = []

    def template(self, parts: list[nodes.Expr]) -> Schema | None:
        """Return the schema of a template's value; None for plain text."""
        spoken = [part for part in parts if not isinstance(part, nodes.TemplateData)]
        schemas = [self.schema(part) for part in spoken]
        if not schemas:
            return None
        around = "".join(part.data for part in parts if isinstance(part, nodes.TemplateData))
        if len(schemas) == 1 and not around.strip():
            return schemas[0]
        for part, schema in zip(spoken, schemas, strict=True):
            if kinds(schema) and kinds(schema) <= NO_TEXT:
                self.complaints.append(_no_text(part, schema))
        return TEXT

    def schema(self, node: nodes.Node) -> Schema:
        """Check a node and everything below it; return the schema of its value."""
        try:
            return self._schema(node)
        except Complaint as complaint:
            self.complaints.append(complaint)
            return ANYTHING

    def _schema(self, node: nodes.Node) -> Schema:
        match node:
            case nodes.Name():
                return self._name(node)
            case nodes.Getattr():
                return self._field(node, node.attr)
            case nodes.Getitem(arg=nodes.Const(value=str() as name)):
                return self._field(node, name)
            case nodes.Getitem(arg=nodes.Const(value=int())):
                return items_of(self.schema(node.node))
            case nodes.Call():
                return self._call(node)
            case nodes.Const():
                return schema_of_constant(node.value)
        below = [self.schema(child) for child in node.iter_child_nodes()]
        match node:
            case nodes.Filter():
                if node.name == "translate":
                    self.used_tables.add(table_of(node))
                return filter_result(node, below[0] if below else ANYTHING, self.tables)
            case nodes.Test():
                check_test(node, self.tables)
                return BOOLEAN
            case nodes.Compare():
                self._compare(node, below)
                return BOOLEAN
            case nodes.Not():
                return BOOLEAN
            case nodes.Concat() | nodes.TemplateData():
                return TEXT
            case nodes.List() | nodes.Tuple():
                return {"type": "array"}
            case nodes.Dict():
                return {"type": "object"}
            case nodes.Operand():
                return below[0]
            case nodes.And() | nodes.Or():
                return BOOLEAN if all(kinds(part) == {"boolean"} for part in below) else ANYTHING
        return ANYTHING

    def _name(self, node: nodes.Name) -> Schema:
        name = node.name
        self.used.add(name)
        if name in self.names:
            return self.names[name]
        in_scope = (
            f"In scope: {', '.join(self.names)}." if self.names else "No record is there yet."
        )
        if name in self.absent:
            raise Complaint(node.lineno, "too-early", self.absent[name], in_scope, name)
        near = nearest(name, self.names)
        better = surely(name, near)
        if near is None and name in RECORD_WORDS:
            near = better = next(iter(self.names), "")
        hint = f"Did you mean '{near}'? {in_scope}" if near else in_scope
        raise Complaint(
            node.lineno, "unknown-name", f"There is no '{name}' here.", hint, name, better
        )

    def _field(self, node: nodes.Getattr | nodes.Getitem, name: str) -> Schema:
        above = self.schema(node.node)
        try:
            return field_of(above, name)
        except NoSuchField as missing:
            complaint = no_such_field(node, name, missing)
            if complaint is None:
                return ANYTHING
            raise complaint from None

    def _compare(self, node: nodes.Compare, below: list[Schema]) -> None:
        """Complain about a comparison with a value that the field never has."""
        left, *right = below
        for operand, schema in zip(node.ops, right, strict=True):
            if operand.op not in {"eq", "ne"}:
                continue
            for side, other in ((left, operand.expr), (schema, node.expr)):
                known = [str(choice) for choice in choices(side)]
                if not known or not isinstance(other, nodes.Const):
                    continue
                if isinstance(other.value, str) and other.value not in known:
                    raise misspelt(
                        other.lineno,
                        "never-equal",
                        f"It is never '{other.value}'.",
                        other.value,
                        known,
                        listed="It is one of",
                    )

    def _call(self, node: nodes.Call) -> Schema:
        for child in (*node.args, *node.kwargs):
            self.schema(child)
        callee = node.node
        if isinstance(callee, nodes.Getattr):
            owner = self.schema(callee.node)
            if kinds(owner) == {"string"} or isinstance(callee.node, nodes.Const):
                return ANYTHING  # text's own methods are harmless
            name = callee.attr
        elif isinstance(callee, nodes.Name):
            name = callee.name
        else:
            return self.schema(callee)
        known = filter_for(name)
        raise Complaint(
            callee.lineno,
            "function-call",
            f"There is no function '{name}' in templates.",
            f"Write `… | {known}`." if known else "Filters do such things: `… | lower`.",
            name,
        )


def _no_text(node: nodes.Expr, schema: Schema) -> Complaint:
    record = "object" in kinds(schema)
    path = path_of(node)
    what = f"'{path}'" if path else "This"
    return Complaint(
        next(_starts(node)),
        "not-text",
        f"{what} is {'a record' if record else 'a list'} and can't be put into text.",
        "Name the field of it that is meant."
        if record
        else "Join it, e.g. `| join(', ')`, or take one of it with `| first`.",
    )


def _starts(node: nodes.Node) -> Iterator[int]:
    """Yield the offsets of an expression's parts, the outermost left one first."""
    for child in node.iter_child_nodes():
        yield from _starts(child)
    yield node.lineno
