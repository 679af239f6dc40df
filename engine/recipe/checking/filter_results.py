"""What filters return, as a schema: from their own annotations, and from what they are given."""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from typing_extensions import is_typeddict

from engine.fields import Schema, typeddict_schema
from engine.recipe.checking.scopes import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    NoSuchField,
    field_of,
    items_of,
    kinds,
    options,
    schema_of_constant,
)
from engine.recipe.filters import FILTERS
from engine.recipe.filters.lists import ENTRY_FIELDS
from engine.recipe.filters.patterns import check_pattern

PLAIN: Mapping[Any, Schema] = {str: TEXT, int: INTEGER, float: NUMBER, bool: BOOLEAN}


def entries_of(given: Schema) -> Schema:
    """Return the schema of a list's entries; one record counts as a list of one."""
    return given if kinds(given) == {"object"} else items_of(given)


def list_of(entry: Schema) -> Schema:
    """Return the schema of a list of such entries."""
    return {"type": "array", "items": entry} if entry else {"type": "array"}


def result_of_filter(
    name: str, given: Schema, field: Schema, arguments: Mapping[str, Any]
) -> Schema:
    """Return the schema of what a filter makes of a value of schema ``given``.

    :param field: of the entries, which the filter reads; the entries themselves where it reads none.
    :param arguments: the constant ones.
    """
    found = _from_value(name, given, field, arguments)
    if found is None:
        found = _annotated(name)
    if "default" not in arguments or name == "default":
        return found
    instead = arguments["default"]
    same = instead is None or kinds(schema_of_constant(instead)) == kinds(found)
    return found if same else ANYTHING


def _from_value(
    name: str, given: Schema, field: Schema, arguments: Mapping[str, Any]
) -> Schema | None:
    entry = entries_of(given)
    match name:
        case "first" | "last":
            return entry
        case "min" | "max":
            return field
        case "sort" | "unique" | "where" | "reverse" | "take" | "compact":
            return list_of(entry)
        case "difference" | "intersection":
            return list_of(entry)
        case "map":
            return list_of(field)
        case "chunk":
            return list_of(list_of(entry))
        case "flatten":
            return list_of(items_of(entry) if kinds(entry) == {"array"} else ANYTHING)
        case "group_by":
            parts = {"key": field, "entries": list_of(entry)}
            return list_of({"type": "object", "properties": parts})
        case "index_by":
            return {"type": "object", "additionalProperties": entry}
        case "first_of":
            return _content_of(entry)
        case "pick":
            return _picked(given, arguments.get("names"))
        case "omit":
            return _without(given, arguments.get("names"))
        case "extract" if isinstance(arguments.get("pattern"), str):
            names = check_pattern(arguments["pattern"])
            return {"type": "object", "properties": dict.fromkeys(names, TEXT)}
        case "default":
            instead = schema_of_constant(arguments.get("instead"))
            return given if kinds(given) and kinds(given) == kinds(instead) else ANYTHING
        case "round":
            return NUMBER if arguments.get("places") else INTEGER
    return None


def _content_of(entry: Schema) -> Schema:
    """Return the schema of what ``first_of`` takes of an entry."""
    if kinds(entry) != {"object"}:
        return TEXT
    for name in ENTRY_FIELDS:
        try:
            return field_of(entry, name) or TEXT
        except NoSuchField:
            continue
    return TEXT


def _picked(given: Schema, names: Any) -> Schema:
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        return {"type": "object"}
    records = [option for option in options(given) if option.get("properties")]
    known = {name: part for record in records for name, part in record["properties"].items()}
    return {"type": "object", "properties": {name: known.get(name, ANYTHING) for name in names}}


def _without(given: Schema, names: Any) -> Schema:
    possible = options(given)
    if len(possible) != 1 or "properties" not in possible[0] or not isinstance(names, tuple):
        return {"type": "object"}
    left = {n: part for n, part in possible[0]["properties"].items() if n not in names}
    return {**possible[0], "properties": left}


@lru_cache(maxsize=256)
def _annotated(name: str) -> Schema:
    return _schema_of(inspect.signature(FILTERS[name]).return_annotation)


def _schema_of(annotation: Any) -> Schema:
    if annotation in PLAIN:
        return PLAIN[annotation]
    if is_typeddict(annotation):
        return typeddict_schema(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is list:
        return list_of(_schema_of(parts[0]))
    if origin is dict:
        return {"type": "object"}
    if origin in {Union, UnionType}:
        found = [_schema_of(part) for part in parts if part is not NoneType]
        if len(found) > 1 and all(part in (INTEGER, NUMBER) for part in found):
            return NUMBER
        return found[0] if len(found) == 1 else ANYTHING
    return ANYTHING
