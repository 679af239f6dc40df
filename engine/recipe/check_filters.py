"""Checking filters and tests: that they exist, that their arguments fit, and what they return."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.complaints import Complaint, misspelt, no_such_field, path_of
from engine.recipe.filters import FILTERS, TESTS, FilterError
from engine.recipe.filters.dates import check_order, find_zone
from engine.recipe.filters.money import check_currency
from engine.recipe.filters.phones import check_country
from engine.recipe.scopes import (
    ANYTHING,
    INTEGER,
    NUMBER,
    TEXT,
    NoSuchField,
    field_of,
    items_of,
    kind_words,
    kinds,
    options,
    schema_of_constant,
)

Tables = Mapping[str, Mapping[str, str]]

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

#: What filters return, whatever they are given; text where neither this nor ``_result`` says.
RESULTS: Mapping[str, Schema] = {
    **dict.fromkeys(("int", "length", "cents"), INTEGER),
    **dict.fromkeys(("float", "abs"), NUMBER),
    "split": {"type": "array", "items": TEXT},
}

#: What filters can do nothing with, by kind of value; every record fails at them.
NO_TEXT = frozenset({"array", "object"})
NO_LIST = frozenset({"string", "integer", "number", "boolean"})
NO_DATE = frozenset({"array", "object", "integer", "number", "boolean"})
NO_LENGTH = frozenset({"integer", "number", "boolean"})
TAKES = {NO_TEXT: "text", NO_LIST: "a list", NO_DATE: "a date", NO_LENGTH: "a list or text"}
LIST_FILTERS = ("first", "last", "join", "sort", "unique", "map", "where", "sum", "first_of")
REFUSES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(LIST_FILTERS, NO_LIST),
    **dict.fromkeys(("date", "datetime", "time_zone"), NO_DATE),
    **dict.fromkeys(("int", "float", "round", "abs", "cents", "money", "translate"), NO_TEXT),
    "length": NO_LENGTH,
}

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

#: Marks the schema of what a table leads to, with the table's name.
ROWS_OF = "x-rows-of"
#: Values of a table that are compared one by one with what a field may be.
MOST_VALUES = 1000

NO_TABLES = "Write it under `translate:` at the end of the recipe."


def filter_result(node: nodes.Filter, given: Schema, tables: Tables) -> Schema:
    """Return the schema of what a filter makes of a value of schema ``given``.

    :raises Complaint: there is no such filter, or it can't do that.
    """
    function = FILTERS.get(node.name)
    if function is None:
        raise _unknown(node, "filter", FILTERS)
    arguments = _arguments(node, function, "filter", tables)
    _fits(node, function, given)
    match node.name:
        case "first" | "last":
            return items_of(given)
        case "sort" | "unique" | "where":
            _field_of_entries(node, given, arguments.get("field"))
            return given if kinds(given) == {"array"} else {"type": "array"}
        case "map":
            items = _field_of_entries(node, given, arguments.get("field"))
            return {"type": "array", "items": items}
        case "join" if kinds(items_of(given)) == {"object"}:
            raise Complaint(
                node.lineno,
                "not-text",
                "The entries of this list are records, which can't be joined.",
                "Take one field of each first, e.g. `| map('name') | join(', ')`.",
            )
        case "sum":
            _field_of_entries(node, given, arguments.get("field"))
            return NUMBER
        case "default":
            instead = schema_of_constant(arguments.get("instead"))
            return given if kinds(given) and kinds(given) == kinds(instead) else ANYTHING
        case "translate":
            return _translated(node, tables)
        case "round":
            return NUMBER if arguments.get("places") else INTEGER
    return RESULTS.get(node.name, TEXT)


def table_of(node: nodes.Filter) -> str | None:
    """Return the table that a ``translate`` looks in; None where a record decides that."""
    table = _argument(node, 0, "table")
    return str(table.value) if isinstance(table, nodes.Const) else None


def _translated(node: nodes.Filter, tables: Tables) -> Schema:
    """Return the schema of what a table leads to: the values it has, and the default."""
    name = table_of(node)
    default = _argument(node, 1, "default")
    values = dict.fromkeys(tables.get(name, {}).values()) if name is not None else {}
    if default is not None:
        if not isinstance(default, nodes.Const) or not isinstance(default.value, str):
            return TEXT
        values[default.value] = None
    if not 0 < len(values) <= MOST_VALUES:
        return TEXT
    return {"type": "string", "enum": list(values), ROWS_OF: name}


def _argument(node: nodes.Filter, place: int, name: str) -> nodes.Expr | None:
    if place < len(node.args):
        return node.args[place]
    named = {str(pair.key): pair.value for pair in node.kwargs}
    return named.get(name)


def _fits(node: nodes.Filter, function: Callable[..., Any], given: Schema) -> None:
    """Complain about a value that the filter can do nothing with, whichever record it is of."""
    refused = REFUSES.get(node.name)
    if refused is None:
        # A filter of text is wrapped by `on_text`, which takes all that has a text.
        refused = NO_TEXT if hasattr(function, "__wrapped__") else frozenset()
    kind = kinds(given)
    if not kind or not kind <= refused:
        return
    path = path_of(node.node)
    what = f"'{path}'" if path else "this"
    hint = ""
    if kind == {"array"}:
        field = _a_text(items_of(given))
        entry = f"({path or '…'} | first).{field}" if field else f"{path or '…'} | first"
        hint = f"Take one of its entries first, e.g. `{entry} | {node.name}`."
    elif kind == {"object"}:
        field = _a_text(given) or "…"
        hint = f"Name the field of it that is meant, e.g. `{path or '…'}.{field} | {node.name}`."
    elif node.name in LIST_FILTERS:
        hint = "Leave the filter out: there is only one."
    raise Complaint(
        node.lineno,
        "wrong-type",
        f"The filter '{node.name}' takes {TAKES[refused]}, and {what} is {kind_words(given)}.",
        hint,
        node.name,
    )


def _a_text(schema: Schema) -> str:
    """Return the first field of a record that holds text."""
    for option in options(schema):
        for name, part in option.get("properties", {}).items():
            if kinds(part) == {"string"}:
                return str(name)
    return ""


def check_test(node: nodes.Test, tables: Tables) -> None:
    """Check a test, what follows ``is``.

    :raises Complaint: there is no such test, or its arguments don't fit.
    """
    function = TESTS.get(node.name)
    if function is None:
        raise _unknown(node, "test", TESTS)
    _arguments(node, function, "test", tables)


def filter_for(function: str) -> str | None:
    """Return the filter that does what a function of this name does in other languages."""
    name = OTHER_WORDS.get(function, function)
    return name if name in FILTERS else None


def _unknown(node: nodes.Filter | nodes.Test, what: str, known: Mapping[str, Any]) -> Complaint:
    other = OTHER_WORDS.get(node.name)
    return misspelt(
        node.lineno,
        f"unknown-{what}",
        f"There is no {what} '{node.name}'.",
        node.name,
        known,
        near=other if other in known else None,
    )


def _field_of_entries(node: nodes.Filter, given: Schema, field: Any) -> Schema:
    """Return the schema of the field that a filter of lists reads of every entry."""
    schema = items_of(given)
    for name in field.split(".") if isinstance(field, str) else ():
        try:
            schema = field_of(schema, name)
        except NoSuchField as missing:
            complaint = no_such_field(node, name, missing)
            if complaint is None:
                return ANYTHING
            raise complaint from None
    return schema


def _arguments(
    node: nodes.Filter | nodes.Test, function: Callable[..., Any], what: str, tables: Tables
) -> Mapping[str, Any]:
    """Check the arguments; return the constant ones by name."""
    called = f"The {what} '{node.name}'"
    signature = inspect.signature(function)
    named = {str(pair.key): pair.value for pair in node.kwargs}
    try:
        bound = signature.bind(None, *node.args, **named)
    except TypeError:
        raise Complaint(
            node.lineno,
            "filter-arguments",
            f"{called} is not given what it needs.",
            f"It is written `{_usage(node.name, signature)}`.",
            node.name,
        ) from None
    constants: dict[str, Any] = {}
    for name, argument in list(bound.arguments.items())[1:]:
        kind = signature.parameters[name].annotation
        for one in argument if isinstance(argument, tuple) else (argument,):
            if not isinstance(one, nodes.Const):
                continue
            constants[name] = one.value
            if kind is not Any and not isinstance(one.value, kind):
                wanted = "a number" if kind is int else "text in quotes"
                raise Complaint(
                    one.lineno,
                    "filter-arguments",
                    f"{called} takes {wanted} here, not {one.value!r}.",
                )
            _known_argument(node, name, one, tables)
    return constants


def _known_argument(
    node: nodes.Filter | nodes.Test, name: str, argument: nodes.Const, tables: Tables
) -> None:
    if node.name == "translate" and name == "table":
        table = str(argument.value)
        if table not in tables:
            complaint = misspelt(
                argument.lineno,
                "unknown-table",
                f"The recipe has no table '{table}'.",
                table,
                tables,
            )
            raise complaint if tables else replace(complaint, hint=NO_TABLES)
        return
    check = ARGUMENTS.get((node.name, name))
    if check is None or argument.value is None:
        return
    try:
        check(argument.value)
    except FilterError as error:
        raise Complaint(argument.lineno, "filter-arguments", error.message, error.hint) from None


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
