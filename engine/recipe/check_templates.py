"""Checking templates: names, fields, filters and tests, each against what is known of it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.environment import RecipeEnvironment
from engine.recipe.filters import FILTERS, TESTS, FilterError
from engine.recipe.filters.dates import check_order, find_zone
from engine.recipe.filters.money import check_currency
from engine.recipe.filters.phones import check_country
from engine.recipe.findings import Findings
from engine.recipe.model import Text
from engine.recipe.scopes import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    NoSuchField,
    choices,
    field_of,
    items_of,
    kinds,
)
from engine.recipe.suggest import did_you_mean, nearest
from engine.recipe.syntax import Mistake, has_braces, parse_expression, parse_template

Names = Mapping[str, Schema]

#: What people who know other template languages write, by what it is called here.
OTHER_WORDS = {
    "d": "default", "strip": "trim", "tojson": "json", "to_json": "json", "count": "length",
    "striptags": "text_of_html", "selectattr": "where", "lowercase": "lower", "uppercase": "upper",
    "downcase": "lower", "upcase": "upper", "as_datetime": "datetime", "strftime": "date",
    "currency": "money", "number": "float", "integer": "int", "sha256": "hash", "md5": "hash",
    "slugify": "slug", "first_name": "given_name", "last_name": "family_name", "size": "length",
    "concat": "join", "contains": "containing", "startswith": "starting_with",
    "endswith": "ending_with", "in": "one_of", "null": "none", "empty": "blank", "string": "text",
    "mapping": "record", "sequence": "list", "iterable": "list",
}  # fmt: skip

#: What filters return, whatever they are given.
RESULTS: Mapping[str, Schema] = {
    **dict.fromkeys(
        ("lower upper title capitalize trim replace truncate left right before after digits "
         "given_name family_name email phone slug text_of_html json hash translate date datetime "
         "time_zone money join").split(),
        TEXT,
    ),
    **dict.fromkeys(("int", "length", "cents"), INTEGER),
    **dict.fromkeys(("float", "round", "abs", "sum"), NUMBER),
    "first_of": TEXT,
    "split": {"type": "array", "items": TEXT},
}  # fmt: skip

#: Arguments that can be checked before any record is there.
ARGUMENTS: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("phone", "country"): check_country,
    ("time_zone", "zone"): find_zone,
    ("datetime", "zone"): find_zone,
    ("date", "order"): check_order,
    ("datetime", "order"): check_order,
    ("money", "currency"): check_currency,
    ("cents", "currency"): check_currency,
}

#: A guessed schema knows only some fields, so only a near miss of one of them is a mistake.
NEAR_MISS = 0.85


class TemplateChecker:
    """Checks one recipe's templates and expressions, and tells what they evaluate to."""

    def __init__(
        self,
        environment: RecipeEnvironment,
        findings: Findings,
        tables: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.environment = environment
        self.findings = findings
        self.tables = tables
        #: Names that mean something elsewhere, with why they don't here.
        self.absent: dict[str, str] = {}
        self.used: set[str] = set()
        self.step = ""

    def template(self, text: Text, names: Names) -> Schema | None:
        """Check a template; return the schema of its value, or None for plain text."""
        return self._checked(text, names, lambda walk: walk.template())

    def expression(self, text: Text, names: Names, *, hints: bool = False) -> Schema | None:
        """Check a bare expression; return the schema of its value.

        :param hints: add one where braces could be left out.
        """
        if hints and has_braces(text.value):
            self.findings.add(
                text.position,
                "needless-braces",
                "An expression needs no {{ }} here.",
                corrected=self.findings.with_word(
                    text.position, text.value, text.value.strip()[2:-2].strip()
                )
                if not text.quoted
                else "",
                step=self.step,
                level="hint",
            )
        return self._checked(text, names, lambda walk: walk.expression())

    def condition(self, text: Text, names: Names, *, hints: bool = False) -> None:
        """Check a bare expression that must be true or false."""
        schema = self.expression(text, names, hints=hints)
        possible = kinds(schema or ANYTHING)
        if schema is None or not possible or "boolean" in possible:
            return
        bare = text.value.strip()
        self.findings.add(
            text.position,
            "not-a-condition",
            f"A condition is true or false, and '{bare}' is neither.",
            hint=f"Compare it, e.g. `{bare} == '…'`, or ask whether it is there: "
            f"`{bare} is not blank`.",
            step=self.step,
        )

    def _checked(
        self, text: Text, names: Names, check: Callable[["_Walk"], Schema | None]
    ) -> Schema | None:
        walk = _Walk(self, text, names)
        try:
            return check(walk)
        except Mistake as mistake:
            walk.wrong(
                mistake.offset, "template-syntax", mistake.message, mistake.hint, mistake.corrected
            )
            return ANYTHING


class _Walk:
    """One template's syntax tree, walked with the schemas of what it reads."""

    def __init__(self, checker: TemplateChecker, text: Text, names: Names) -> None:
        self.checker = checker
        self.text = text
        self.names = names

    def template(self) -> Schema | None:
        parts = parse_template(self.checker.environment, self.text.value)
        schemas = [self.schema(part) for part in parts if not isinstance(part, nodes.TemplateData)]
        if not schemas:
            return None
        around = "".join(part.data for part in parts if isinstance(part, nodes.TemplateData))
        if len(schemas) == 1 and not around.strip():
            return schemas[0]
        expressions = (part for part in parts if not isinstance(part, nodes.TemplateData))
        for schema, part in zip(schemas, expressions, strict=True):
            if kinds(schema) and kinds(schema) <= {"object", "array"}:
                self._no_text(part, schema)
        return TEXT

    def expression(self) -> Schema:
        return self.schema(parse_expression(self.checker.environment, self.text.value))

    def wrong(
        self, offset: int, code: str, message: str, hint: str = "", corrected: str = ""
    ) -> None:
        """Add a finding at an offset of the text; ``corrected`` is the whole text."""
        findings, text = self.checker.findings, self.text
        line = ""
        if corrected and len(text.lines) == 1:
            line = findings.with_word(text.position, text.value, corrected)
        findings.add(
            text.at(offset), code, message, hint=hint, corrected=line, step=self.checker.step
        )

    def word(self, offset: int, code: str, message: str, word: str, near: str | None, hint: str) -> None:
        """Add a finding about one word, corrected where a nearer one is known."""
        offset = max(self.text.value.find(word, offset), offset)
        source = self.text.value
        corrected = source[:offset] + near + source[offset + len(word) :] if near else ""
        self.wrong(offset, code, message, hint, corrected)

    # -- what an expression evaluates to -------------------------------------------------------

    def schema(self, node: nodes.Node) -> Schema:
        """Check a node and everything below it; return the schema of its value."""
        match node:
            case nodes.Name():
                return self._name(node)
            case nodes.Getattr():
                return self._field(node, node.attr)
            case nodes.Getitem(arg=nodes.Const(value=str() as name)):
                return self._field(node, name)
            case nodes.Getitem(arg=nodes.Const(value=int())):
                return items_of(self.schema(node.node))
            case nodes.Filter():
                return self._filter(node)
            case nodes.Test():
                return self._test(node)
            case nodes.Call():
                return self._call(node)
            case nodes.Compare():
                return self._compare(node)
            case nodes.Const():
                return _schema_of(node.value)
        below = [self.schema(child) for child in node.iter_child_nodes()]
        match node:
            case nodes.Not():
                return BOOLEAN
            case nodes.Concat() | nodes.TemplateData():
                return TEXT
            case nodes.List() | nodes.Tuple():
                return {"type": "array"}
            case nodes.Dict():
                return {"type": "object"}
            case nodes.And() | nodes.Or():
                return BOOLEAN if all(kinds(part) == {"boolean"} for part in below) else ANYTHING
        return ANYTHING

    def _name(self, node: nodes.Name) -> Schema:
        self.checker.used.add(node.name)
        if node.name in self.names:
            return self.names[node.name]
        why = self.checker.absent.get(node.name)
        if why is not None:
            self.word(node.lineno, "too-early", why, node.name, None, self._in_scope())
            return ANYTHING
        near = nearest(node.name, self.names)
        guess = f"Did you mean '{near}'? " if near else ""
        self.word(
            node.lineno,
            "unknown-name",
            f"There is no '{node.name}' here.",
            node.name,
            near,
            guess + self._in_scope(),
        )
        return ANYTHING

    def _in_scope(self) -> str:
        if not self.names:
            return "No record is there yet."
        return f"In scope: {', '.join(self.names)}."

    def _field(self, node: nodes.Getattr | nodes.Getitem, name: str) -> Schema:
        above = self.schema(node.node)
        try:
            return field_of(above, name)
        except NoSuchField as missing:
            self._no_such_field(node, name, missing)
            return ANYTHING

    def _no_such_field(
        self, node: nodes.Getattr | nodes.Getitem, name: str, missing: NoSuchField
    ) -> None:
        path = _path(node.node) or "This value"
        what = f"'{path}'" if path != "This value" else path
        if missing.why == "list":
            self.word(
                node.lineno,
                "field-of-list",
                f"{what} is a list, and a list has no '{name}'.",
                name,
                None,
                f"Take one of its entries, e.g. `({path} | first).{name}`.",
            )
            return
        if missing.why == "scalar":
            self.word(
                node.lineno,
                "unknown-field",
                f"{what} is {missing.kind} and has no fields.",
                name,
                None,
                "",
            )
            return
        near = nearest(name, missing.known, NEAR_MISS if missing.guessed else None)
        if missing.guessed and near is None:
            return
        self.word(
            node.lineno,
            "unknown-field",
            f"{what} has no field '{name}'.",
            name,
            near,
            did_you_mean(name, [near] if near else missing.known, "It has"),
        )

    def _compare(self, node: nodes.Compare) -> Schema:
        left = self.schema(node.expr)
        for operand in node.ops:
            right = self.schema(operand.expr)
            if operand.op not in {"eq", "ne"}:
                continue
            for side, other in ((left, operand.expr), (right, node.expr)):
                known = choices(side)
                if known and isinstance(other, nodes.Const) and isinstance(other.value, str):
                    self._possible(other, known)
        return BOOLEAN

    def _possible(self, constant: nodes.Const, known: Sequence[Any]) -> None:
        if constant.value in known:
            return
        words = [str(choice) for choice in known]
        near = nearest(constant.value, words)
        self.word(
            constant.lineno,
            "never-equal",
            f"It is never '{constant.value}'.",
            constant.value,
            near,
            did_you_mean(constant.value, words, "It is one of"),
        )

    def _call(self, node: nodes.Call) -> Schema:
        for child in (*node.args, *node.kwargs):
            self.schema(child)
        callee = node.node
        if isinstance(callee, nodes.Getattr):
            owner = self.schema(callee.node)
            if kinds(owner) == {"string"} or isinstance(callee.node, nodes.Const):
                return ANYTHING  # text's own methods are harmless
            place, name = callee.lineno, callee.attr
        elif isinstance(callee, nodes.Name):
            place, name = callee.lineno, callee.name
        else:
            self.schema(callee)
            return ANYTHING
        known = OTHER_WORDS.get(name, name)
        hint = f"Write `… | {known}`." if known in FILTERS else "Filters do such things: `… | lower`."
        self.word(
            place, "function-call", f"There is no function '{name}' in templates.", name, None, hint
        )
        return ANYTHING

    # -- filters and tests ---------------------------------------------------------------------

    def _filter(self, node: nodes.Filter) -> Schema:
        given = self.schema(node.node) if node.node is not None else ANYTHING
        for argument in (*node.args, *node.kwargs):
            self.schema(argument)
        function = FILTERS.get(node.name)
        if function is None:
            self._unknown(node, "filter", FILTERS)
            return ANYTHING
        arguments = self._arguments(node, function, "filter")
        if arguments is None:
            return ANYTHING
        return self._result(node, given, arguments)

    def _result(self, node: nodes.Filter, given: Schema, arguments: Mapping[str, Any]) -> Schema:
        match node.name:
            case "first" | "last":
                return items_of(given)
            case "sort" | "unique" | "where":
                self._list_field(node, given, arguments.get("field"))
                return given if kinds(given) == {"array"} else {"type": "array"}
            case "map":
                return {"type": "array", "items": self._list_field(node, given, arguments["field"])}
            case "sum":
                self._list_field(node, given, arguments.get("field"))
            case "default":
                instead = _schema_of(arguments.get("instead"))
                return given if kinds(given) and kinds(given) == kinds(instead) else ANYTHING
            case "round":
                return NUMBER if arguments.get("places") else INTEGER
        return RESULTS.get(node.name, ANYTHING)

    def _list_field(self, node: nodes.Filter, given: Schema, field: Any) -> Schema:
        """Check the field that a filter of lists reads of every entry; return its schema."""
        schema = items_of(given)
        for name in field.split(".") if isinstance(field, str) else ():
            try:
                schema = field_of(schema, name)
            except NoSuchField as missing:
                near = nearest(name, missing.known, NEAR_MISS if missing.guessed else None)
                if missing.guessed and near is None:
                    return ANYTHING
                self.word(
                    node.lineno,
                    "unknown-field",
                    f"The entries of '{_path(node.node) or 'this list'}' have no field '{name}'.",
                    name,
                    near,
                    did_you_mean(name, [near] if near else missing.known, "They have"),
                )
                return ANYTHING
        return schema

    def _test(self, node: nodes.Test) -> Schema:
        for child in (node.node, *node.args, *node.kwargs):
            self.schema(child)
        function = TESTS.get(node.name)
        if function is None:
            self._unknown(node, "test", TESTS)
        else:
            self._arguments(node, function, "test")
        return BOOLEAN

    def _unknown(self, node: nodes.Filter | nodes.Test, what: str, known: Mapping[str, Any]) -> None:
        other = OTHER_WORDS.get(node.name)
        near = other if other in known else nearest(node.name, known)
        self.word(
            node.lineno,
            f"unknown-{what}",
            f"There is no {what} '{node.name}'.",
            node.name,
            near,
            did_you_mean(node.name, [near] if near else known),
        )

    def _arguments(
        self, node: nodes.Filter | nodes.Test, function: Callable[..., Any], what: str
    ) -> Mapping[str, Any] | None:
        """Check a filter's arguments; return the constant ones by name, or None if they don't fit."""
        signature = inspect.signature(function)
        called = f"The {what} '{node.name}'"
        try:
            bound = signature.bind(
                None, *node.args, **{pair.key: pair.value for pair in node.kwargs}
            )
        except TypeError:
            usage = _usage(node.name, signature)
            self.word(
                node.lineno,
                "filter-arguments",
                f"{called} is not given what it needs.",
                node.name,
                None,
                f"It is written `{usage}`.",
            )
            return None
        constants: dict[str, Any] = {}
        for name, argument in list(bound.arguments.items())[1:]:
            kind = signature.parameters[name].annotation
            for one in argument if isinstance(argument, tuple) else (argument,):
                if not isinstance(one, nodes.Const):
                    continue
                constants[name] = one.value
                if kind is not Any and not isinstance(one.value, kind):
                    self._wrong_argument(node, one, called, kind)
                    return None
                self._known_argument(node, name, one)
        return constants

    def _wrong_argument(
        self, node: nodes.Filter | nodes.Test, argument: nodes.Const, called: str, kind: Any
    ) -> None:
        wanted = "a number" if kind is int else "text in quotes"
        self.wrong(
            max(argument.lineno, node.lineno),
            "filter-arguments",
            f"{called} takes {wanted} here, not {argument.value!r}.",
        )

    def _known_argument(
        self, node: nodes.Filter | nodes.Test, name: str, argument: nodes.Const
    ) -> None:
        if node.name == "translate" and name == "table":
            table = str(argument.value)
            if table not in self.checker.tables:
                near = nearest(table, self.checker.tables)
                self.word(
                    argument.lineno,
                    "unknown-table",
                    f"The recipe has no table '{table}'.",
                    table,
                    near,
                    did_you_mean(table, self.checker.tables)
                    or "Write it under `translate:` at the end of the recipe.",
                )
            return
        check = ARGUMENTS.get((node.name, name))
        if check is None or argument.value is None:
            return
        try:
            check(argument.value)
        except FilterError as error:
            self.wrong(argument.lineno, "filter-arguments", error.message, error.hint)

    def _no_text(self, node: nodes.Expr, schema: Schema) -> None:
        what = "a record" if "object" in kinds(schema) else "a list"
        path = _path(node)
        self.wrong(
            max(node.lineno - len(path), 0) if path else node.lineno,
            "not-text",
            f"{f'{path!r}' if path else 'This'} is {what} and can't be put into text.",
            "Name the field of it that is meant."
            if what == "a record"
            else "Join it, e.g. `| join(', ')`, or take one of it with `| first`.",
        )


def _path(node: nodes.Node | None) -> str:
    """Return a chain of fields as written, e.g. ``matter.client``; empty for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = _path(node.node)
        return f"{above}.{node.attr}" if above else ""
    return ""


def _schema_of(value: Any) -> Schema:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return TEXT
    return ANYTHING


def _usage(name: str, signature: inspect.Signature) -> str:
    """Return how a filter is written, e.g. ``truncate(length)``."""
    parts = []
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            parts.append("…")
        elif parameter.default is inspect.Parameter.empty:
            parts.append(parameter.name)
        else:
            parts.append(f"{parameter.name}=…")
    return f"{name}({', '.join(parts)})" if parts else name
