"""Checking filters and tests: that they exist, what they are given, and that arguments fit."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, get_origin

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.checking import scopes
from engine.recipe.checking.complaints import Complaint, misspelt, no_such_field, path_of
from engine.recipe.checking.filter_arguments import CHECKED
from engine.recipe.checking.filter_results import entries_of, list_of, result_of_filter
from engine.recipe.checking.other_words import OTHER_WORDS, WRITTEN
from engine.recipe.checking.scopes import (
    ANYTHING,
    NoSuchField,
    choices,
    field_of,
    kind_words,
    kinds,
)
from engine.recipe.filters import FILTERS, TESTS, FilterError
from engine.recipe.filters.kinds import DATE, LIST, TEXT, Takes
from engine.recipe.filters.reference import usage_of
from engine.recipe.suggest import nearest

Tables = Mapping[str, Mapping[str, str]]

NO_TABLES = "Write it under `translate:` at the end of the recipe."
#: Marks the schema of what a table leads to, with the table's name.
ROWS_OF = "x-rows-of"
#: Values of a table that are compared one by one with what a field may be.
MOST_VALUES = 1000
#: What a filter's argument is called where it isn't text.
NUMBERS = frozenset({int, int | float, int | None})
#: Arguments of ``where`` that are compared with the field for being the same.
SAME = ("equals", "is_not")


@dataclass(frozen=True)
class Arguments:
    """What stands in a filter's brackets, by the names of its parameters.

    :param constants: the values of those that are written out.
    """

    nodes: Mapping[str, Any]
    constants: Mapping[str, Any]


def filter_result(node: nodes.Filter, given: Schema, tables: Tables) -> Schema:
    """Return the schema of what a filter makes of a value of schema ``given``.

    :raises Complaint: there is no such filter, or it can't do that.
    """
    function = FILTERS.get(node.name)
    if function is None:
        raise _unknown(node, "filter", FILTERS)
    arguments = _arguments(node, function, "filter", tables)
    _takes(node, function, given)
    if node.name == "each":
        return _of_each(node, given, tables)
    if node.name == "translate":
        return _translated(node, tables)
    field = _field_of_entries(node, given, arguments.constants.get("field"))
    if node.name == "where":
        _compared(arguments, field)
    if node.name == "join" and kinds(entries_of(given)) == {"object"}:
        raise Complaint(
            node.lineno,
            "not-text",
            "The entries of this list are records, which can't be joined.",
            "Take one field of each first, e.g. `| map('name') | join(', ')`.",
        )
    if node.name in {"sum", "average"} and kinds(field) == {"string"}:
        raise Complaint(
            node.lineno,
            "not-a-number",
            f"The filter '{node.name}' adds numbers, and these are texts.",
            f"Make numbers of them first, e.g. `| each('float') | {node.name}`.",
            node.name,
        )
    if node.name in {"pick", "omit"}:
        for name in arguments.constants.get("names", ()):
            _field(node, given, name)
    return result_of_filter(node.name, given, field, arguments.constants)


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
            return scopes.TEXT
        values[default.value] = None
    if not 0 < len(values) <= MOST_VALUES:
        return scopes.TEXT
    return {"type": "string", "enum": list(values), ROWS_OF: name}


def _argument(node: nodes.Filter, place: int, name: str) -> nodes.Expr | None:
    if place < len(node.args):
        return node.args[place]
    named = {str(pair.key): pair.value for pair in node.kwargs}
    return named.get(name)


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
    message = f"There is no {what} '{node.name}'."
    if what == "filter" and node.name in WRITTEN:
        hint = f"Write `{WRITTEN[node.name]}`."
        return Complaint(node.lineno, "unknown-filter", message, hint, node.name)
    other = OTHER_WORDS.get(node.name)
    near = other if other in known else None
    if near is None and nearest(node.name, known) is None:
        hint = "The page Filters (docs/filters.md) lists them, with examples."
        return Complaint(node.lineno, f"unknown-{what}", message, hint, node.name)
    return misspelt(node.lineno, f"unknown-{what}", message, node.name, known, near=near)


# -- what a filter is given ------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _kinds_taken(function: Callable[..., Any]) -> Takes | None:
    """Return what a filter takes, as the annotation of its first parameter says."""
    first = next(iter(inspect.signature(function).parameters.values())).annotation
    if first is str:
        return TEXT
    if get_origin(first) is Annotated:
        return next((part for part in first.__metadata__ if isinstance(part, Takes)), None)
    return None


def _takes(node: nodes.Filter, function: Callable[..., Any], given: Schema) -> None:
    """Complain about a value that the filter can surely do nothing with."""
    taken, possible = _kinds_taken(function), kinds(given)
    if taken is None or not possible or possible & taken.kinds:
        return
    path = path_of(node.node)
    what = f"'{path}'" if path else "this"
    hint = ""
    if possible == {"array"}:
        field = _a_text(scopes.items_of(given))
        entry = f"({path or '…'} | first).{field}" if field else f"{path or '…'} | first"
        hint = f"Take one of its entries first, e.g. `{entry} | {node.name}`."
        if not field:
            hint = f"{hint[:-1]}, or all of them by `| each('{node.name}')`."
    elif possible == {"object"}:
        field = _a_text(given) or "…"
        hint = f"Name the field of it that is meant, e.g. `{path or '…'}.{field} | {node.name}`."
    elif taken is LIST:
        hint = "Leave the filter out: there is only one."
    elif taken is DATE and possible <= {"integer", "number"}:
        hint = "Seconds since 1970 are read by `| from_timestamp`."
    raise Complaint(
        node.lineno,
        "wrong-type",
        f"The filter '{node.name}' takes {taken.words}, and {what} is {kind_words(given)}.",
        hint,
        node.name,
    )


def _a_text(schema: Schema) -> str:
    """Return the first field of a record that holds text."""
    for option in scopes.options(schema):
        for name, part in option.get("properties", {}).items():
            if kinds(part) == {"string"}:
                return str(name)
    return ""


def _field_of_entries(node: nodes.Filter, given: Schema, field: Any) -> Schema:
    """Return the schema of the field that a filter of lists reads of every entry."""
    entry = entries_of(given)
    return _field(node, entry, field) if isinstance(field, str) else entry


def _field(node: nodes.Filter, schema: Schema, path: str) -> Schema:
    for name in path.split(".") if node.name not in {"pick", "omit"} else (path,):
        try:
            schema = field_of(schema, name)
        except NoSuchField as missing:
            complaint = no_such_field(node, name, missing)
            if complaint is None:
                return ANYTHING
            raise complaint from None
    return schema


def _of_each(node: nodes.Filter, given: Schema, tables: Tables) -> Schema:
    """Check the filter that ``each`` passes every entry through; return what comes of it."""
    name = node.args[0] if node.args else None
    if not isinstance(name, nodes.Const):
        return {"type": "array"}
    inner = nodes.Filter(node.node, str(name.value), node.args[1:], node.kwargs, None, None)
    inner.lineno = name.lineno
    return list_of(filter_result(inner, entries_of(given), tables))


def _compared(arguments: Arguments, field: Schema) -> None:
    """Complain about a value that the field of no entry ever has."""
    known = [str(choice) for choice in choices(field)]
    for name in SAME:
        node, value = arguments.nodes.get(name), arguments.constants.get(name)
        if known and isinstance(value, str) and value not in known:
            raise misspelt(
                node.lineno if node is not None else 0,
                "never-equal",
                f"It is never '{value}'.",
                value,
                known,
                listed="It is one of",
            )


# -- arguments -------------------------------------------------------------------------------------


def _arguments(
    node: nodes.Filter | nodes.Test, function: Callable[..., Any], what: str, tables: Tables
) -> Arguments:
    """Return the arguments by name, once they are checked."""
    called = f"The {what} '{node.name}'"
    signature = inspect.signature(function)
    named = {str(pair.key): pair.value for pair in node.kwargs}
    try:
        bound = signature.bind(None, *node.args, **named)
    except TypeError:
        raise Complaint(
            node.lineno,
            "filter-arguments",
            f"{called} is not written like this.",
            f"It is written `{usage_of(node.name, function)}`.",
            node.name,
        ) from None
    constants: dict[str, Any] = {}
    for name, argument in list(bound.arguments.items())[1:]:
        several = isinstance(argument, tuple)
        values = []
        for one in argument if several else (argument,):
            if isinstance(one, nodes.Const):
                _fits(called, one, signature.parameters[name].annotation)
                _known_argument(node, name, one, tables)
                values.append(one.value)
        if several:
            constants[name] = tuple(values)
        elif values:
            constants[name] = values[0]
    return Arguments(bound.arguments, constants)


def _fits(called: str, argument: nodes.Const, kind: Any) -> None:
    if kind is Any or isinstance(argument.value, kind):
        return
    wanted = "text in quotes"
    if kind in NUMBERS:
        wanted = "a number"
    elif kind in {bool, bool | None}:
        wanted = "true or false"
    raise Complaint(
        argument.lineno,
        "filter-arguments",
        f"{called} takes {wanted} here, not {argument.value!r}.",
    )


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
    check = CHECKED.get((node.name, name))
    if check is None or argument.value is None:
        return
    try:
        check(argument.value)
    except FilterError as error:
        raise Complaint(argument.lineno, "filter-arguments", error.message, error.hint) from None
