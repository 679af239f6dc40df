"""The rows a practice server begins with, and what an operation is tried with."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from engine.documents import dig
from engine.fields import Record, Schema
from engine.scaffold.design import Input, Kind, Lookup, Sending
from engine.scaffold.samples import record_of, value_of
from engine.scaffold.schemas import fits, inner

#: Records of examples that are kept.
ROWS = 8
#: The number of the sample that an action sends: no record of a shelf is like it.
SENT = 20


def rows_of(examples: Sequence[Any], path: str, schema: Schema) -> tuple[Record, ...]:
    """Return the records that examples of answers show and that fit their schema."""
    found: list[Record] = []
    for example in examples:
        within = dig(example, path) if path else example
        for row in within if isinstance(within, list) else [within]:
            if isinstance(row, dict) and row and fits(row, schema) and row not in found:
                found.append(row)
    return tuple(found[:ROWS])


def stock(kind: Kind) -> list[Record]:
    """Return what stands on a kind's shelf at first: each with a key of its own."""
    rows: list[Record] = []
    keys: set[str] = set()
    shown = [deepcopy(row) for row in kind.examples if row.get(kind.key) not in (None, "")]
    for number in range(kind.count):
        row = shown[number] if number < len(shown) else record_of(kind.schema, number)
        if kind.changed and number < len(shown) and not row.get(kind.changed):
            row[kind.changed] = value_of({"type": "string", "format": "date-time"}, "", number)
        key = row.get(kind.key)
        if key in (None, "") or str(key) in keys:
            row[kind.key] = _other_key(kind, key, number, keys)
        keys.add(str(row[kind.key]))
        rows.append(row)
    first = rows[0]
    if set(first) != set(kind.schema.get("properties", {})):  # a sample shows all there may be
        whole = record_of(kind.schema, 0)
        rows[0] = {**whole, **first}
    return rows


def _other_key(kind: Kind, key: Any, number: int, taken: set[str]) -> Any:
    schema = inner(kind.schema.get("properties", {}).get(kind.key, {}))
    for n in range(number, number + 1000):
        plain = {name: part for name, part in schema.items() if name not in ("examples", "enum")}
        found = value_of(plain, kind.key, n)
        if str(found) not in taken:
            return found
    return f"{key}-{number}"


def body_schema(inputs: Sequence[Input], wrap: str = "") -> Schema:
    """Return the schema of what an operation sends."""
    schema: Schema = {
        "type": "object",
        "properties": {one.name: one.schema for one in inputs},
        "required": [one.name for one in inputs if one.required],
    }
    if not wrap:
        return schema
    return {"type": "object", "properties": {wrap: schema}, "required": [wrap]}


def sent_by(sending: Sending) -> Record:
    """Return the body of a request that the practice server takes."""
    made = {one.name: value_of(one.schema, one.name, SENT) for one in sending.body}
    if sending.example is None:
        return made
    required = {one.name for one in sending.body if one.required}
    return {**{n: v for n, v in made.items() if n in required}, **sending.example}


def example_row(
    operation: Lookup | Sending, shelves: Mapping[str, list[Record]], of: Mapping[str, str]
) -> Record:
    """Return what an action or search is tried with, by the names of its parameters.

    :param shelves: the practice server's records.
    :param of: by the names of path parameters: the shelf whose keys they take, and ``.`` its key.
    """
    body = sent_by(operation) if isinstance(operation, Sending) else {}
    row: Record = {}
    for one in operation.inputs:
        if one.place == "body":
            if one.name in body:
                row[one.argument] = body[one.name]
        elif one.required:
            row[one.argument] = path_value(one, shelves, of)
    return row


def path_value(one: Input, shelves: Mapping[str, list[Record]], of: Mapping[str, str]) -> Any:
    """Return the value a parameter is tried with: a key that there is, else an example."""
    shelf, _, key = of.get(one.name, "").partition(".")
    if shelf and shelves.get(shelf):
        found = shelves[shelf][0][key]
        text = inner(one.schema).get("type") == "string"
        return str(found) if text else found
    return one.example if one.example is not None else value_of(one.schema, one.name, 0)


def keeps(sending: Sending, kind: Kind) -> bool:
    """Say whether what an action sends can become, or change, a record of ``kind``.

    Its answer is then that record, so it must be what the API's description says of the answer.
    """
    if sending.answer is None:
        return sending.changes
    first = record_of(kind.schema, 0)
    body = sent_by(sending)
    always = {name: first[name] for name in kind.schema.get("required", ()) if name in first}
    row = {**first, **body} if sending.changes else {**always, kind.key: first[kind.key], **body}
    return fits(row, sending.answer) and fits(row, kind.schema)
