"""An API description's schemas, made plain: references followed, ``allOf`` put together, one type each.

Follows OpenAPI 3.0 (a dialect of JSON Schema with ``nullable``) and 3.1 (JSON Schema 2020-12).
References are looked up by the library ``referencing``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import jsonschema
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from engine.fields import Schema
from engine.scaffold.design import NAME

#: Objects within objects deeper than this are open: any map will do.
DEEPEST = 6
#: Schemas that one operation's may be made of; beyond, they are open.
MOST_PARTS = 4000
#: Values of an ``enum`` that are kept.
MOST_CHOICES = 200

#: Bounds beyond these are a mistake or a trap: no sample is as long, and no number as large.
LONGEST_SAMPLE, MOST_ITEMS, LARGEST_NUMBER = 10_000, 20, 1e15
#: Words of JSON Schema that say of a value alone what it may be.
BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems"),
)

MOST = {"minLength": LONGEST_SAMPLE, "minItems": MOST_ITEMS}

Direction = Literal["sent", "given"]


class ReferenceProblem(ValueError):
    """A reference that leads nowhere, or out of the file."""


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        resource = DRAFT202012.create_resource(document)
        registry: Registry[Any] = Registry()
        self._resolver = registry.with_resource("", resource).resolver()
        self._left = MOST_PARTS

    def followed(self, node: Any) -> tuple[Mapping[str, Any], str]:
        """Return what a node stands for, and the name that it is referred to by.

        :raises ReferenceProblem: it leads nowhere, or out of the file.
        """
        name, seen = "", set[str]()
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                raise ReferenceProblem(f"{reference!r} refers to itself")
            seen.add(reference)
            if not reference.startswith("#"):
                raise ReferenceProblem(f"{reference!r} is in another file")
            try:
                node = self._resolver.lookup(reference).contents
            except (Unresolvable, ValueError, TypeError, KeyError) as error:
                raise ReferenceProblem(f"{reference!r} leads nowhere") from error
            name = reference.rpartition("/")[2]
        return (node if isinstance(node, Mapping) else {}), name

    def plain(self, node: Any, direction: Direction) -> Schema:
        """Return a schema that needs nothing else to be understood.

        :param direction: ``given`` leaves out what is only written, ``sent`` what is only read.
        :raises ReferenceProblem: a reference can't be followed.
        """
        self._left = MOST_PARTS
        return self._plain(node, direction, ())

    def _plain(self, node: Any, direction: Direction, inside: tuple[str, ...]) -> Schema:
        self._left -= 1
        try:
            target, name = self.followed(node)
        except ReferenceProblem:
            if inside:  # deep within: the rest of the operation is good all the same
                return {}
            raise
        here = (*inside, name) if name else inside
        if name and name in inside:
            return {"type": "object"}
        if self._left < 0 or len(here) > 4 * DEEPEST:
            return {}
        whole = self._put_together(target, direction, here)
        found = self._typed(whole, direction, here)
        if name and found.get("type") == "object" and found.get("properties"):
            found.setdefault(NAME, name)
        for word in ("title", "description"):
            if isinstance(whole.get(word), str):
                found.setdefault(word, whole[word])
        return found if not whole.get("nullable") else or_null(found)

    def _put_together(
        self, node: Mapping[str, Any], direction: Direction, inside: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return a schema without ``allOf``: all of its parts are in one."""
        whole = {key: value for key, value in node.items() if key != "allOf"}
        parts = node.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            self._left -= 1
            target, name = self.followed(part)
            if self._left < 0 or (name and name in inside):
                continue
            one = self._put_together(target, direction, (*inside, name) if name else inside)
            if name and one.get("properties") and len(node["allOf"]) == 1:
                whole.setdefault(NAME, name)
            properties = {**_map(one.get("properties")), **_map(whole.get("properties"))}
            required = [*_list(one.get("required")), *_list(whole.get("required"))]
            whole = {**one, **whole}
            if properties:
                whole["properties"], whole["required"] = properties, required
        return whole

    def _typed(self, node: dict[str, Any], direction: Direction, inside: tuple[str, ...]) -> Schema:
        kinds = node.get("type")
        if isinstance(kinds, list):  # 3.1: ["string", "null"]
            options = [self._typed({**node, "type": kind}, direction, inside) for kind in kinds]
            return union(options)
        for word in ("oneOf", "anyOf"):
            if isinstance(node.get(word), list) and node[word]:
                return self._one_of(node, node[word], direction, inside)
        if isinstance(node.get("properties"), Mapping):
            kinds = "object"
        elif kinds is None and "items" in node:
            kinds = "array"
        elif kinds is None and isinstance(node.get("enum"), list):
            kinds = _kind_of_values(node["enum"])
        match kinds:
            case "object":
                return self._object(node, direction, inside)
            case "array":
                items = self._plain(node.get("items", {}), direction, inside)
                return {"type": "array", "items": items, **_bounds(node)}
            case "string" | "integer" | "number" | "boolean" | "null":
                return _scalar(node, str(kinds))
        return {"const": node["const"]} if isinstance(node.get("const"), str | int | bool) else {}

    def _one_of(
        self,
        node: dict[str, Any],
        options: Sequence[Any],
        direction: Direction,
        inside: tuple[str, ...],
    ) -> Schema:
        rest = {key: item for key, item in node.items() if key not in ("oneOf", "anyOf", "type")}
        found = [self._plain(option, direction, inside) for option in options[:20]]
        objects = [one for one in found if one.get("type") == "object"]
        others = [one for one in found if one.get("type") != "object"]
        if isinstance(rest.get("properties"), Mapping):
            objects.append(self._object(rest, direction, inside))
        if len(objects) > 1:  # any field of any of them; required is what all of them require
            properties: dict[str, Schema] = {}
            for one in objects:
                properties = {**one.get("properties", {}), **properties}
            required = set.intersection(*({*one.get("required", ())} for one in objects))
            objects = [
                {"type": "object", "properties": properties, "required": sorted(required)}
                if properties
                else {"type": "object"}
            ]
        return union([*objects, *others])

    def _object(
        self, node: Mapping[str, Any], direction: Direction, inside: tuple[str, ...]
    ) -> Schema:
        hidden = "readOnly" if direction == "sent" else "writeOnly"
        properties: dict[str, Schema] = {}
        for name, part in _map(node.get("properties")).items():
            if not isinstance(part, Mapping):
                continue
            try:
                target, _ = self.followed(part)
            except ReferenceProblem:
                target = part
            if target.get(hidden) or (direction == "sent" and target.get("deprecated")):
                continue
            properties[name] = self._plain(part, direction, inside)
        if not properties:
            return {"type": "object"}
        required = [name for name in _list(node.get("required")) if name in properties]
        found: Schema = {
            "type": "object",
            "properties": properties,
            "required": list(dict.fromkeys(required)),
        }
        if isinstance(node.get(NAME), str):
            found[NAME] = node[NAME]
        return found


def or_null(schema: Schema) -> Schema:
    return union([schema, {"type": "null"}])


def union(options: Sequence[Schema]) -> Schema:
    """Return the schema of a value that is one of ``options``."""
    flat: list[Schema] = []
    for option in options:
        for one in option.get("anyOf", [option]):
            if one not in flat:
                flat.append(one)
    if not all(flat):  # one of them takes anything
        return {}
    flat.sort(key=lambda one: one.get("type") == "null")
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def inner(schema: Schema) -> Schema:
    """Return the one option of a schema that isn't null."""
    options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    return options[0] if len(options) == 1 else schema


def fits(value: Any, schema: Schema) -> bool:
    """Say whether a value keeps to a plain schema."""
    try:
        return bool(jsonschema.Draft202012Validator(schema).is_valid(value))
    except Exception:  # a bound that is no number, from a description full of mistakes
        return False


def _scalar(node: Mapping[str, Any], kind: str) -> Schema:
    found: Schema = {"type": kind, **_bounds(node)}
    if isinstance(node.get("format"), str):
        found["format"] = node["format"]
    choices = [value for value in _list(node.get("enum")) if not isinstance(value, list | dict)]
    values = [value for value in dict.fromkeys(choices) if value is not None][:MOST_CHOICES]
    if values and all(fits(value, {"type": kind}) for value in values):
        found["enum"] = values
    examples = [node.get("example"), *_list(node.get("examples")), node.get("default")]
    shown = [value for value in examples if value is not None and fits(value, found)]
    if shown:
        found["examples"] = shown[:1]
    return or_null(found) if None in choices else found


def _bounds(node: Mapping[str, Any]) -> Schema:
    found = {
        name: node[name]
        for name in BOUNDS
        if isinstance(node.get(name), int | float) and not isinstance(node[name], bool)
        if abs(node[name]) <= MOST.get(name, LARGEST_NUMBER)
    }
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if node.get(word) is True and bound in found:  # as 3.0 writes it
            found[word] = found.pop(bound)
    return found


def _kind_of_values(values: Sequence[Any]) -> str | None:
    real = [value for value in values if value is not None]
    kinds = {
        "boolean" if isinstance(v, bool) else "integer" if isinstance(v, int) else "string"
        for v in real
        if isinstance(v, bool | int | str)
    }
    return kinds.pop() if len(kinds) == 1 else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
