"""What the checks against a real account look at, one function a question."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from engine.calls import guarded, read_trigger
from engine.connector import Connector
from engine.context import Context
from engine.fields import Record, Schema, field_hints
from engine.operations import Action, Trigger
from engine.parameters import named
from engine.results import BadRecord
from engine.run.moments import moment

#: Records of a trigger that are looked at.
MOST_RECORDS = 200
#: A second read may go back this far.
OVERLAP = timedelta(seconds=2)
#: What no account has.
NONSENSE = "bridgework-finds-nothing-like-this-8d1f"
NONSENSE_NUMBER = 2_000_000_011


def operations_of(connector: Connector) -> list[Trigger | Action]:
    return [*connector.triggers.values(), *connector.actions.values()]


def pickers_of(operation: Trigger | Action) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the fields of an operation that an app knows the choices of."""
    for name in operation.parameters["properties"]:
        field = field_hints(operation.function, name)
        if field is not None and field.options is not None:
            yield name, field.options


def nonsense_for(schema: Schema) -> Any:
    options: list[Schema] = schema.get("anyOf", [schema])
    part = next((one for one in options if one.get("type") != "null"), {})
    if part.get("enum"):
        return part["enum"][0]
    match part.get("type"), part.get("format"):
        case "integer" | "number", _:
            return NONSENSE_NUMBER
        case "boolean", _:
            return False
        case "array", _:
            return []
        case "string", "email":
            return f"{NONSENSE}@nowhere.invalid"
        case "string", "date" | "date-time":
            return "1901-01-01" if part["format"] == "date" else "1901-01-01T00:00:00Z"
    return NONSENSE


def fetched_wrong(trigger: Trigger, context: Context, parameters: Record, record: Record) -> str:
    assert trigger.fetch is not None
    key = str(record[trigger.key])
    with guarded(trigger.connector, trigger.name):
        found = trigger.fetch(context, key, **named(trigger.fetch, parameters))
    if found is None or str(found.get(trigger.key)) != key:
        return (
            f"Asked for the record {key}, it returned {'nothing' if found is None else 'another'}."
        )
    different = sorted(set(found) ^ set(record))
    return f"It differs in its fields: {', '.join(different[:5])}." if different else ""


def read_again_wrong(
    trigger: Trigger, context: Context, parameters: Record, records: list[Record]
) -> str:
    cursors = [moment(one.get(trigger.cursor or "")) for one in records]
    last = max((one for one in cursors if one is not None), default=None)
    if last is None:
        return "No record has a cursor."
    since = last + timedelta(microseconds=1)
    for one in islice(read_trigger(trigger, context, parameters, since), MOST_RECORDS):
        if isinstance(one, BadRecord):
            continue
        changed = moment(one.get(trigger.cursor or ""))
        if changed is not None and changed < last - OVERLAP:
            return (
                f"Asked for what changed since {last.isoformat()}, it yielded {one.get(trigger.key)}, "
                f"which changed at {changed.isoformat()}."
            )
    return ""
