"""What a new connector's practice server has: records, schemas of bodies, and what it is tried with."""

import json
from collections.abc import Mapping
from typing import Any

from engine.fields import Record, Schema
from engine.scaffold.design import NAME, Design, Kind, Lookup, Sending
from engine.scaffold.imports import module
from engine.scaffold.layout import Glued, call, laid_out, literal
from engine.scaffold.requests import ENDING, key_at_end
from engine.scaffold.rows import body_schema, example_row, path_value, stock


def sample_data(design: Design) -> str:
    """Return ``sample_data.json``: the records that stand on the shelves at first."""
    return _json({kind.shelf: stock(kind) for kind in design.kinds})


def bodies(design: Design) -> str:
    """Return ``bodies.json``: by action, the schema of what it sends."""
    return _json(
        {one.name: _bare(body_schema(one.body, one.wrap)) for one in design.sendings if one.body}
    )


def examples_text(design: Design) -> str:
    """Return ``examples.py``: what the operations are tried with."""
    shelves = {kind.shelf: stock(kind) for kind in design.kinds}
    parameters: dict[str, Record] = {}
    for listing in design.listings:
        of = _keys(design, listing.path, listing.kind, filters=True)
        given = {
            one.argument: path_value(one, shelves, of) for one in listing.inputs if one.required
        }
        if given:
            parameters[listing.name] = given
    rows = {}
    tried: tuple[Lookup | Sending, ...] = (*design.lookups, *design.sendings)
    for one in tried:
        row = example_row(one, shelves, _keys(design, one.path, one.kind))
        if row:
            rows[one.name] = [row]
    made = call(
        "Examples",
        parameters=literal(parameters) if parameters else None,
        rows=literal(rows) if rows else None,
    )
    return module(
        "What the operations are tried with on the practice server.",
        laid_out(Glued("EXAMPLES = ", made)),
    )


def _keys(design: Design, path: str, own: Kind | None, *, filters: bool = False) -> dict[str, str]:
    """Return, by the names of parameters, the shelf and field that they are values of."""
    found: dict[str, str] = {}
    segments = path.strip("/").split("/")
    by_path = {ENDING.sub("", one.path.strip("/")): one.kind for one in design.listings}
    for number, part in enumerate(segments):
        name = key_at_end(part)
        if not name:
            continue
        kind = by_path.get("/".join(segments[:number]))
        if number == len(segments) - 1 and own is not None:
            kind = own
        if kind is not None:
            found[name] = f"{kind.shelf}.{kind.key}"
    if filters and own is not None:
        for name in own.schema.get("properties", {}):
            found.setdefault(name, f"{own.shelf}.{name}")
    return found


def _bare(schema: Any) -> Any:
    """Return a schema without what is for people alone."""
    if isinstance(schema, Mapping):
        return {
            name: _bare(part) if name != "properties" else {n: _bare(p) for n, p in part.items()}
            for name, part in schema.items()
            if name not in ("examples", "title", "description", NAME)
        }
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema


def _json(value: Schema) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
