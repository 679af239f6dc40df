"""What schemas, limits and promises of a connector say, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.connector import Connector
from engine.fields import Schema
from engine.operations import Action, Trigger

#: JSON Schema's words for kinds of value, in plain ones.
KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "yes or no",
    "object": "map",
    "array": "list",
    "date-time": "date and time",
}
#: Levels of a record that are told of one by one.
DEEPEST = 4


@dataclass(frozen=True)
class RecordField:
    """A field of a record, nested ones dotted: ``client.email``, ``phones[].number``.

    :param always: it is declared to be there in every record, though it may be empty.
    """

    name: str
    kind: str
    about: str
    always: bool


def kind_of(schema: Mapping[str, Any]) -> str:
    """Say what a field takes: its choices, or its kind of value."""
    words = []
    for option in options_of(schema):
        if option.get("type") == "array":
            words.append(f"list of {kind_of(option.get('items', {}))}")
            continue
        choices = option.get("enum") or [option[key] for key in ("const",) if key in option]
        kind = option.get("format") or option.get("type", "anything")
        words.append(", ".join(map(str, choices)) if choices else KINDS.get(str(kind), str(kind)))
    return " or ".join(dict.fromkeys(words))


def about(schema: Mapping[str, Any]) -> str:
    """Return a field's title and help in one line."""
    parts = [schema.get(key, "") for key in ("title", "description")]
    return ": ".join(str(part) for part in parts if part)


def options_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a field may be, apart from empty."""
    if "anyOf" not in schema:
        return [schema]
    shared = {"format": schema["format"]} if "format" in schema else {}
    return [{**shared, **one} for one in schema["anyOf"] if one.get("type") != "null"]


def record_fields(
    schema: Schema, prefix: str = "", depth: int = 1, *, always: bool = True
) -> Iterator[RecordField]:
    """Yield the fields of the records that an operation gives, those within others after them."""
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        there = always and name in required
        within, suffix = _within(part)
        if not within:
            yield RecordField(prefix + name, kind_of(part), about(part), there)
            continue
        if suffix or depth >= DEEPEST or about(part):
            kind = "list of maps" if suffix else "map"
            yield RecordField(prefix + name, kind, about(part), there)
        if depth < DEEPEST:
            above = f"{prefix}{name}{suffix}."
            yield from record_fields(within, above, depth + 1, always=there and not suffix)


def _within(schema: Mapping[str, Any]) -> tuple[Schema, str]:
    """Return the map with named fields that a field is or lists, and what its path then ends in."""
    for option in options_of(schema):
        if option.get("type") == "object" and option.get("properties"):
            return dict(option), ""
        if option.get("type") == "array" and (item := _within(option.get("items") or {})[0]):
            return item, "[]"
    return {}, ""


def limits(connector: Connector) -> str:
    """Say how much the app takes from one connection; empty where nothing is declared."""
    parts = [
        f"{rate.requests:,} requests in {rate.per:g} {'second' if rate.per == 1 else 'seconds'}"
        for rate in connector.limits
    ]
    if connector.concurrency:
        parts.append(f"{connector.concurrency} requests at once")
    if not parts:
        return ""
    return f"A connection may send {' and '.join(parts)}; all workers share that."


def when_unanswered(operation: Trigger | Action) -> str:
    """Say what becomes of what must not be sent twice, when its answer is lost."""
    if not isinstance(operation, Action) or not operation.once:
        return ""
    if operation.repeat is not None:
        return "Where an answer was lost, its fields say whether it is sent again."
    if operation.find is not None:
        return "Never sent twice: where an answer was lost, the next run looks whether it is there."
    if operation.idempotency_key:
        return "Never taken twice: where an answer was lost, it is sent again with the same key."
    return "Never sent twice: where an answer was lost, a person looks whether it is there."
