"""Schemas out of values that were seen: what a pasted request or a shown example gives away."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.fields import Schema
from engine.scaffold.schemas import union

FORMATS = (
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
    ("uri", re.compile(r"https?://\S+")),
)


def schema_of_value(values: Sequence[Any], deep: int = 0) -> Schema:
    """Return what may stand where ``values`` were seen; each shows, and the first is an example."""
    if deep > 8:
        return {}
    objects = [value for value in values if isinstance(value, Mapping)]
    lists = [value for value in values if isinstance(value, list)]
    options: list[Schema] = []
    if objects:
        options.append(_object(objects, deep))
    if lists:
        items = [item for one in lists for item in one]
        options.append(
            {"type": "array", "items": schema_of_value(items, deep + 1) if items else {}}
        )
    for value in values:
        if not isinstance(value, Mapping | list):
            options.append(_scalar(value))
    return _together(options)


def _object(objects: Sequence[Mapping[str, Any]], deep: int) -> Schema:
    seen: dict[str, list[Any]] = {}
    for one in objects:
        for name, value in one.items():
            seen.setdefault(str(name), []).append(value)
    if not seen:
        return {"type": "object"}
    return {
        "type": "object",
        "properties": {name: schema_of_value(found, deep + 1) for name, found in seen.items()},
        "required": [name for name, found in seen.items() if len(found) == len(objects)],
    }


def _scalar(value: Any) -> Schema:
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean", "examples": [value]}
        case int():
            return {"type": "integer", "examples": [value]}
        case float():
            return {"type": "number", "examples": [value]}
    text = str(value)
    format = next((name for name, pattern in FORMATS if pattern.fullmatch(text)), None)
    return {"type": "string", **({"format": format} if format else {}), "examples": [text]}


def _together(options: Sequence[Schema]) -> Schema:
    """Return one schema for values of one type; texts of several formats have none."""
    merged: dict[str, Schema] = {}
    for one in options:
        kind = str(one.get("type"))
        before = merged.setdefault(kind, one)
        if before.get("format") != one.get("format"):
            merged[kind] = {n: v for n, v in before.items() if n != "format"}
    if "integer" in merged and "number" in merged:
        del merged["integer"]
    if list(merged) == ["null"]:
        return {}
    return union(list(merged.values())) if merged else {}
