"""YAML to copy into a recipe: an operation with the fields it needs, to be filled in where it says …."""

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.connector import Connector
from engine.operations import Action, Trigger
from engine.recipe.schema.fields import field_lines
from engine.reference.words import options_of

#: Stands where a person fills something in.
TO_FILL_IN = "…"
_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com",
    "phone": "+12125550100",
}


def snippet(connector: Connector, operation: Trigger | Action) -> str:
    """Return an operation as a recipe writes it, its optional fields as comments."""
    lines = [f"use: {operation.full_name}"]
    if connector.may_have_connection:
        lines.append(f"{'' if connector.needs_connection else '# '}connection: {connector.name}")
    lines += _fields(operation)
    if isinstance(operation, Trigger):
        schedule = "instant" if only_instant(connector, operation) else "every hour"
        lines += [f"as: {_word(operation.noun.one)}", f"schedule: {schedule}"]
        return "\n".join(["trigger:", *(f"  {line}" for line in lines), ""])
    head, *rest = [f"id: {operation.name}", *lines]
    return "\n".join([f"- {head}", *(f"  {line}" for line in rest), ""])


def only_instant(connector: Connector, trigger: Trigger) -> bool:
    """Say whether a trigger only takes what is sent to it; a schedule would find nothing."""
    return trigger.name in connector.webhooks and not connector.base_url


def _fields(operation: Trigger | Action) -> list[str]:
    required: list[str] = []
    optional: list[str] = []
    for line in field_lines(operation.inputs):
        written = f"{line.name}: {_placeholder(line.schema)}"
        (required if line.required else optional).append(written)
    if not required and not optional:
        return []
    head = "with:" if required else "# with:"
    return [head, *(f"  {line}" for line in required), *(f"#   {line}" for line in optional)]


def _placeholder(schema: Mapping[str, Any]) -> str:
    """Return a value of the field's type, as YAML."""
    found = options_of(schema)
    option = found[0] if found else {}
    choices = option.get("enum") or ([option["const"]] if "const" in option else [])
    if choices:
        return json.dumps(choices[0], ensure_ascii=False)
    match option.get("type"):
        case "boolean":
            return "yes"
        case "integer" | "number":
            return "1"
        case "array":
            return f"[{_placeholder(option.get('items') or {})}]"
        case "object":
            more = option.get("additionalProperties")
            inner = option.get("properties") or {"name": more if isinstance(more, dict) else {}}
            needed = option.get("required") or list(inner)[:1]
            return f"{{{', '.join(f'{name}: {_placeholder(inner[name])}' for name in needed)}}}"
    return json.dumps(_BY_FORMAT.get(str(option.get("format")), TO_FILL_IN), ensure_ascii=False)


def _word(noun: str) -> str:
    """Return a noun as a name that templates can use."""
    return re.sub(r"\W+", "_", noun.lower()).strip("_") or "record"
