"""What names mean in a recipe's templates: JSON Schemas of records, walked field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.fields import Schema, result_schema
from engine.files import takes_files
from engine.operations import Operation

#: Marks a schema guessed from a sample: it may know only some of a record's fields.
GUESSED = "x-guessed"
#: Marks a record whose fields are those of today's file (True), or of an account: a recipe may ask
#: whether one is there, as the next file or account may have it.
VARIES = "x-varies"
ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}

#: How kinds of values are called.
KIND_WORDS = {
    "string": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a record",
}


@dataclass(eq=False)
class NoSuchField(Exception):
    """A value has no field of this name.

    :param why: the record knows no such field, or the value is a list, or neither.
    :param known: the fields it has.
    :param guessed: the record may have fields that aren't known.
    :param varies: as :data:`VARIES` marks its schema; None where all such records are alike.
    """

    why: Literal["unknown", "list", "scalar"]
    known: tuple[str, ...] = ()
    guessed: bool = False
    kind: str = ""
    varies: bool | None = None


def result_of(operation: Operation) -> Schema:
    """Return the schema of the records an operation yields or returns.

    Where it depends on the account, that is what the account said; before, what is declared of all
    accounts' records, or anything.
    """
    declared = result_schema(operation.function)
    if operation.schema is not None:
        known = declared if operation.gives is None else operation.gives
        return ANYTHING if known is None else known
    return declared if declared is not None else _marked(operation.result)


def varying(schema: Schema, *, of_file: bool) -> Schema:
    """Mark the records of a schema as ones whose fields differ between files or accounts."""
    if "properties" not in schema:
        return schema
    parts = {name: varying(part, of_file=of_file) for name, part in schema["properties"].items()}
    return {**schema, VARIES: of_file, "properties": parts}


def options(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a value may be, null aside."""
    alternatives: Iterable[Mapping[str, Any]] = schema.get("anyOf", [schema])
    flat = [
        option
        for alternative in alternatives
        for option in (options(alternative) if "anyOf" in alternative else [alternative])
    ]
    return [option for option in flat if option.get("type") != "null"]


def kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types a value may have, null aside; empty when it could be anything."""
    found = [_kind(option) for option in options(schema)]
    return frozenset(k for k in found if k) if all(found) else frozenset()


def kind_words(schema: Mapping[str, Any]) -> str:
    """Return what a value is, in a person's words; empty when it could be anything."""
    words = {KIND_WORDS[kind] for kind in kinds(schema)}
    if any(takes_files(option) for option in options(schema)):
        words = words - {KIND_WORDS["object"]} | {"a file"}
    return " or ".join(sorted(words))


def surely_no_file(shape: Schema, schema: Schema) -> bool:
    """Say whether ``schema`` takes files alone and the value surely is none."""
    items = [items_of(o) if "array" in kinds(o) else o for o in options(schema)]
    wanted = [o for o in items if kinds(o) - {"null"}]
    if not wanted or not all(takes_files(o) for o in wanted):
        return False
    got = options(shape)
    if "array" in kinds(schema):
        got = [items_of(o) if "array" in kinds(o) else o for o in got]
    return bool(got) and all(
        bool(kinds(o))
        and not takes_files(o)
        and not (kinds(o) == {"object"} and (is_open(o) or "file" in o["properties"]))
        for o in got
    )


def is_open(schema: Mapping[str, Any]) -> bool:
    """Return whether a record of this schema may have any field."""
    return "properties" not in schema or schema.get("additionalProperties") is True


def field_of(schema: Mapping[str, Any], name: str) -> Schema:
    """Return the schema of a record's field.

    :raises NoSuchField: it surely has none of that name.
    """
    possible = options(schema)
    records = [option for option in possible if _kind(option) == "object"]
    found = [
        option["properties"][name] for option in records if name in option.get("properties", {})
    ]
    if found:
        return dict(found[0]) if len(found) == 1 else {"anyOf": found}
    for option in records:
        extra = option.get("additionalProperties")
        if isinstance(extra, Mapping):
            return dict(extra)
        if is_open(option):
            return ANYTHING
    if not possible or any(_kind(option) == "" for option in possible):
        return ANYTHING
    if records:
        known = [field for option in records for field in option["properties"]]
        guessed = any(option.get(GUESSED) for option in records)
        varies = next((option[VARIES] for option in records if VARIES in option), None)
        raise NoSuchField("unknown", tuple(dict.fromkeys(known)), guessed, varies=varies)
    if "array" in kinds(schema):
        raise NoSuchField("list", known=_fields_of_items(schema))
    raise NoSuchField("scalar", kind=kind_words(schema))


def items_of(schema: Mapping[str, Any]) -> Schema:
    """Return the schema of a list's entries."""
    found = [option.get("items", {}) for option in options(schema) if _kind(option) == "array"]
    if len(found) != len(options(schema)) or not all(found):
        return ANYTHING
    return dict(found[0]) if len(found) == 1 else {"anyOf": found}


def choices(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the only values a field may have; empty when it isn't limited."""
    found: list[Any] = []
    for option in options(schema):
        if "const" in option:
            found.append(option["const"])
        elif "enum" in option:
            found.extend(option["enum"])
        else:
            return ()
    return tuple(found)


def schema_of_constant(value: Any) -> Schema:
    """Return the schema of a value written into a template."""
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return TEXT
    return ANYTHING


def _kind(option: Mapping[str, Any]) -> str:
    kind = option.get("type")
    if isinstance(kind, str):
        return kind
    if kind is None and ("enum" in option or "const" in option):
        values = option.get("enum", [option.get("const")])
        return "string" if all(isinstance(value, str) for value in values) else ""
    return ""


def _fields_of_items(schema: Mapping[str, Any]) -> tuple[str, ...]:
    items = items_of(schema)
    return tuple(name for option in options(items) for name in option.get("properties", {}))


def _marked(schema: Mapping[str, Any]) -> Schema:
    marked: Schema = dict(schema)
    if "properties" in schema:
        marked[GUESSED] = schema.get("additionalProperties") is not False
        marked["properties"] = {name: _marked(part) for name, part in schema["properties"].items()}
        if not marked["properties"]:
            return ANYTHING
    if isinstance(schema.get("items"), Mapping):
        marked["items"] = _marked(schema["items"])
    return marked
