"""What a recipe's JSON Schema says of one place in it, given what is written around that place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.fields import Schema


def schemas_at(root: Schema, path: Sequence[str | int], value: Any) -> list[Schema]:
    """Return the schemas that hold at a place of a recipe.

    :param root: the whole recipe's schema.
    :param path: names and places in lists, from the top.
    :param value: the recipe as it is written so far.
    """
    found = list(_spread(root, root, value))
    for part in path:
        value = _inside(value, part)
        below = [schema for one in found for schema in _below(one, part)]
        found = [schema for one in below for schema in _spread(one, root, value)]
    return found


def offered_keys(schemas: Iterable[Schema], written: Any) -> dict[str, tuple[Schema, bool]]:
    """Return the keys a map may have, each with its schema and whether it can't do without.

    A key that would make the map another kind of thing, as ``ask`` makes a step a question, is
    offered while it can still become that.
    """
    keys: dict[str, tuple[Schema, bool]] = {}
    found = list(schemas)
    kinds = {word for schema in found for word in _kind_of(schema)}
    decided = isinstance(written, Mapping) and any(word in written for word in (*kinds, "use"))
    for schema in found:
        required = schema.get("required", ())
        for name, part in schema.get("properties", {}).items():
            if isinstance(part, Mapping):
                old = keys.get(name)
                more = dict(part) if old is None or len(part) >= len(old[0]) else old[0]
                keys[name] = (more, name in required or (old is not None and old[1]))
        for word in () if decided else _kind_of(schema):
            then = schema["then"].get("then", schema["then"])
            keys.setdefault(word, (dict(then.get("properties", {}).get(word, {})), False))
    return keys


def _kind_of(schema: Schema) -> tuple[str, ...]:
    """Return the key by whose presence alone a schema tells one kind of thing from another."""
    condition = schema.get("if")
    if isinstance(condition, Mapping) and set(condition) == {"required"} and "else" in schema:
        return tuple(condition["required"])
    return ()


def _spread(schema: Any, root: Schema, value: Any) -> Iterator[Schema]:
    """Yield a schema and all that it brings in for this value."""
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        yield from _spread(_referred(schema["$ref"], root), root, value)
        return
    yield dict(schema)
    for group in ("allOf", "anyOf"):
        for part in schema.get(group, ()):
            yield from _spread(part, root, value)
    if "if" in schema:
        # Here, because nothing but an editor needs it and it takes 0.08 s to import.
        from jsonschema import Draft7Validator

        condition = {**schema["if"], "definitions": root.get("definitions", {})}
        holds = Draft7Validator(condition).is_valid(value)
        yield from _spread(schema.get("then" if holds else "else"), root, value)


def _below(schema: Schema, part: str | int) -> list[Any]:
    if isinstance(part, int):
        items = schema.get("items")
        return [items] if isinstance(items, Mapping) else []
    named = schema.get("properties", {}).get(part)
    if named is not None:
        return [named]
    further = schema.get("additionalProperties")
    return [further] if isinstance(further, Mapping) else []


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(part), {})
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return {}


def _referred(address: str, root: Schema) -> Any:
    found: Any = root
    for part in address.removeprefix("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found
