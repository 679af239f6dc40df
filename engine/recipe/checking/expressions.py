"""Checking expressions: what each name and field means, down the syntax tree."""

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.checking.complaints import Complaint, no_such_field, path_of
from engine.recipe.checking.filter_results import list_of
from engine.recipe.checking.filters import Tables, check_test, filter_for, filter_result, table_of
from engine.recipe.checking.foreign import CONSTANTS, FUNCTIONS, METHODS
from engine.recipe.checking.operators import check_compare, check_one_of, check_sum
from engine.recipe.checking.scopes import (
    ANYTHING,
    BOOLEAN,
    TEXT,
    NoSuchField,
    field_of,
    items_of,
    kinds,
    schema_of_constant,
)
from engine.recipe.run_names import RUN_NAMES
from engine.recipe.suggest import nearest, surely
from engine.recipe.templates.places import Place, place_of, places_asked_for

Names = Mapping[str, Schema]

#: What people call the record when they don't recall the name they gave it.
RECORD_WORDS = frozenset(
    {
        "record", "trigger", "row", "json", "data", "payload", "body", "event", "input", "this",
        "source", "step", "bundle",
    }
)  # fmt: skip

#: What has no text of its own.
NO_TEXT = frozenset({"object", "array"})


class Walk:
    """One template's syntax tree, walked with the schemas of what it reads.

    :param absent: names that mean something elsewhere, with why they don't here.
    :param may_be_missing: fields of which the recipe asks around it whether they are there.
    """

    def __init__(
        self,
        names: Names,
        absent: Mapping[str, str],
        tables: Tables,
        may_be_missing: Iterable[Place] = (),
    ) -> None:
        self.names = names
        self.may_be_missing = set(may_be_missing)
        self.absent = absent
        self.tables = tables
        self.used: set[str] = set()
        #: Whether it reads the day or the time of the run.
        self.reads_the_run = False
        #: Tables it looks something up in; None in it: some are only known when it runs.
        self.used_tables: set[str | None] = set()
        self.complaints: list[Complaint] = []
        #: Names that stand where texts often do, with the text they surely are, else empty.
        self._texts: dict[int, str] = {}

    def template(self, parts: list[nodes.Expr]) -> Schema | None:
        """Return the schema of a template's value; None for plain text."""
        spoken = [part for part in parts if not isinstance(part, nodes.TemplateData)]
        for part in spoken:
            self.may_be_missing.update(places_asked_for(part))
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

    def expression(self, parts: list[nodes.Expr]) -> Schema:
        """Return the schema of the value of a bare expression, the only part."""
        self.may_be_missing.update(places_asked_for(parts[0]))
        return self.schema(parts[0])

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
        self._note_texts(node)
        below = [self.schema(child) for child in node.iter_child_nodes()]
        match node:
            case nodes.Filter():
                if node.name == "translate":
                    self.used_tables.add(table_of(node))
                return filter_result(node, below[0] if below else ANYTHING, self.tables)
            case nodes.Test():
                check_test(node, self.tables)
                if node.name == "one_of":
                    check_one_of(node, below[0])
                return BOOLEAN
            case nodes.Compare():
                check_compare(node, below)
                return BOOLEAN
            case nodes.BinExpr() if not isinstance(node, nodes.And | nodes.Or):
                return check_sum(node, below[0], below[1])
            case nodes.Not():
                return BOOLEAN
            case nodes.Concat():
                for part, schema in zip(node.nodes, below, strict=True):
                    if kinds(schema) and kinds(schema) <= NO_TEXT:
                        raise _no_text(part, schema)
                return TEXT
            case nodes.TemplateData():
                return TEXT
            case nodes.List() | nodes.Tuple():
                return list_of(below[0] if below and all(e == below[0] for e in below) else {})
            case nodes.Dict():
                return {"type": "object"}
            case nodes.Operand():
                return below[0]
            case nodes.And() | nodes.Or():
                return BOOLEAN if all(kinds(part) == {"boolean"} for part in below) else ANYTHING
        return ANYTHING

    def _note_texts(self, node: nodes.Node) -> None:
        """Note the names that may be texts whose quotes were forgotten."""
        match node:
            case nodes.Filter() | nodes.Test():
                given = [one for one in node.args if isinstance(one, nodes.Name)]
                self._texts |= {id(one): f"'{one.name}'" for one in given}
            case nodes.Compare():
                sides = [node.expr, *(operand.expr for operand in node.ops)]
                self._texts |= {id(one): "" for one in sides if isinstance(one, nodes.Name)}

    def _name(self, node: nodes.Name) -> Schema:
        name = node.name
        if name in RUN_NAMES and name not in self.names:
            self.reads_the_run = True
            return RUN_NAMES[name]
        self.used.add(name)
        if name in self.names:
            return self.names[name]
        known = [name for name in self.names if name.isidentifier()]  # steps may have no id
        in_scope = f"Known here: {', '.join(known)}." if known else "No record is there yet."
        if name in self.absent:
            raise Complaint(node.lineno, "too-early", self.absent[name], in_scope, name)
        if name in CONSTANTS and nearest(name, self.names, 0.9) is None:
            meant = CONSTANTS[name]
            hint = "Whether something is there is asked with `is blank`." if meant == "none" else ""
            raise Complaint(
                node.lineno,
                "unknown-name",
                f"There is no '{name}' here; it is written `{meant}`.",
                hint,
                name,
                meant,
            )
        near = nearest(name, known)
        better = surely(name, near, known)
        if near is None and name in RECORD_WORDS:
            near = better = next(iter(known), "")
        if near is None and id(node) in self._texts:
            better, in_scope = self._texts[id(node)], f"If it is text, write `'{name}'`."
        hint = f"Did you mean '{near}'? {in_scope}" if near else in_scope
        raise Complaint(
            node.lineno, "unknown-name", f"There is no '{name}' here.", hint, name, better
        )

    def _trigger_without_id(self, node: nodes.Name) -> None:
        """Raise a complaint for ``trigger.id``, which the record's id would be no remedy for."""
        if node.name == "trigger" and not {"trigger"} & (self.names.keys() | self.absent.keys()):
            record = next(iter(self.names), "record")
            raise Complaint(
                node.lineno,
                "unknown-name",
                "`trigger.id` can be read only where the trigger has an `id`.",
                f"Write the `id` under the trigger. The record's own is `{record}.id`.",
                "trigger",
            )

    def _field(self, node: nodes.Getattr | nodes.Getitem, name: str) -> Schema:
        if name == "id" and isinstance(node.node, nodes.Name):
            self._trigger_without_id(node.node)
        above = self.schema(node.node)
        try:
            return field_of(above, name)
        except NoSuchField as missing:
            if missing.varies is not None and self._may_be_missing(node):
                return ANYTHING
            complaint = no_such_field(node, name, missing)
            if complaint is None:
                return ANYTHING
            raise complaint from None

    def _may_be_missing(self, node: nodes.Node) -> bool:
        """Return whether the recipe asks somewhere here whether a field is there."""
        place = place_of(node, {})
        return place is not None and any(place[: len(p)] == p for p in self.may_be_missing)

    def _call(self, node: nodes.Call) -> Schema:
        for child in (*node.args, *node.kwargs):
            self.schema(child)
        callee = node.node
        if isinstance(callee, nodes.Getattr):
            self.schema(callee.node)
            raise _method(node, callee)
        if not isinstance(callee, nodes.Name):
            return self.schema(callee)
        name = callee.name
        if name in RUN_NAMES and not node.args and not node.kwargs:
            raise Complaint(
                callee.lineno,
                "function-call",
                f"'{name}' is written without brackets.",
                "",
                f"{name}()",
                name,
            )
        known = filter_for(name)
        instead = f"Write `… | {known}`." if known else FUNCTIONS.get(name.lower())
        raise Complaint(
            callee.lineno,
            "function-call",
            f"There is no function '{name}' in templates.",
            instead or "Filters do such things: `… | lower`.",
            name,
        )


def _method(node: nodes.Call, callee: nodes.Getattr) -> Complaint:
    """Return the complaint about what is a function of a value in other languages."""
    name = callee.attr
    known = filter_for(name)
    instead = METHODS.get(name) or (f"| {known}" if known else "")
    message = f"A value has no '{name}()' in templates."
    if not instead:
        hint = "Filters do such things: `… | lower`."
        return Complaint(callee.lineno, "function-call", message, hint, name)
    filled = node.args or node.kwargs
    word = f".{name}(" if filled else f".{name}()"
    return Complaint(
        callee.lineno,
        "function-call",
        message,
        f"It is written `… {instead}{'(…)' if filled else ''}`.",
        word,
        f" {instead}{'(' if filled else ''}",
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
