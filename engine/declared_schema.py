"""What recipes can name of a connector, kept in a file beside it, so that no change of it goes unnoticed.

The file, ``schema.json``, is written by ``bridgework connectors new`` and ``connectors test --accept``,
and committed with the connector.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.connector import Connector
from engine.fields import Schema
from engine.operations import Action, Trigger

FILE = "schema.json"
#: Operation, what it takes or gives, its properties, a field.
FIELD_DEPTH = 4
#: What of a schema decides whether a recipe goes on working.
KEPT = frozenset(
    {"type", "format", "enum", "const", "anyOf", "items", "properties", "required"}
    | {"additionalProperties"}
)


def declared(connector: Connector) -> dict[str, Any]:
    """Return what recipes can name, by operation."""
    operations: list[Trigger | Action] = [
        *connector.triggers.values(),
        *connector.actions.values(),
    ]
    return {
        operation.name: {
            "kind": "trigger" if isinstance(operation, Trigger) else operation.kind,
            **({"key": operation.key} if isinstance(operation, Trigger) else {}),
            "takes": _bare(operation.inputs),
            "gives": _bare(operation.result),
        }
        for operation in operations
    }


def file_of(connector: Connector) -> Path | None:
    """Return where a connector's file is, or would be; None for one that is a single module."""
    functions = [
        one.function for one in (*connector.triggers.values(), *connector.actions.values())
    ]
    for function in functions:
        folder = Path(function.__code__.co_filename).parent
        if not (folder / "__init__.py").exists():
            continue
        while not (folder / FILE).exists() and (folder.parent / "__init__.py").exists():
            if folder.parent.name == "plugins":
                break
            folder = folder.parent
        return folder / FILE
    return None


def keep(connector: Connector) -> Path | None:
    """Write a connector's file anew; return it."""
    file = file_of(connector)
    if file is not None:
        file.write_text(_written(declared(connector)) + "\n", encoding="utf-8")
    return file


def _written(value: Any, depth: int = 0) -> str:
    """Return JSON with a line for each field of an operation, so that changes are seen in a diff."""
    if not isinstance(value, dict) or not value or depth == FIELD_DEPTH:
        return json.dumps(value, ensure_ascii=False)
    gap = "\n" + " " * (depth + 1)
    parts = [f"{json.dumps(name)}: {_written(part, depth + 1)}" for name, part in value.items()]
    return "{" + gap + f",{gap}".join(parts) + "\n" + " " * depth + "}"


def changes(connector: Connector) -> list[str]:
    """Return how a connector differs from its file, those first that break recipes.

    Empty where nothing does, or where there is no file.
    """
    file = file_of(connector)
    if file is None or not file.exists():
        return []
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return [f"'{file.name}' can't be read."]
    found = [*_changes(before, declared(connector))]
    return sorted(found, key=lambda one: not one.endswith(BREAKS))


BREAKS = "breaks recipes."


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, was in before.items():
        if name not in now:
            yield f"The operation {name} is gone, which {BREAKS}"
            continue
        for word in ("kind", "key"):
            if was.get(word) != now[name].get(word):
                yield f"The {word} of {name} was {was.get(word)} and is {now[name].get(word)}, which {BREAKS}"
        yield from _of_fields(f"{name} takes", was["takes"], now[name]["takes"], sent=True)
        yield from _of_fields(f"{name} gives", was["gives"], now[name]["gives"], sent=False)
    for name in now:
        if name not in before:
            yield f"The operation {name} is new."


def _of_fields(where: str, was: Schema, now: Schema, *, sent: bool) -> Iterator[str]:
    before, after = was.get("properties", {}), now.get("properties", {})
    for name, part in before.items():
        if name not in after:
            yield f"{where} no {name!r} any more, which {BREAKS}"
        elif part != after[name]:
            yield f"{where} another kind of {name!r}, which may break recipes."
    for name in after:
        if name not in before:
            must = sent and name in now.get("required", ())
            yield f"{where} {name!r} now{', and needs it, which ' + BREAKS if must else '.'}"
    for name in set(now.get("required", ())) - set(was.get("required", ())):
        if sent and name in before:
            yield f"{where} {name!r} always now, which {BREAKS}"


def _bare(schema: Any) -> Any:
    """Return a schema without its texts."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for word, part in schema.items():
        if word == "properties":
            found[word] = {name: _bare(one) for name, one in part.items()}
        elif word in KEPT:
            found[word] = _bare(part)
    return found
