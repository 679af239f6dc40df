"""What a request sends and is answered, by its description: which kind, which schema, which example."""

from collections.abc import Mapping
from typing import Any

from engine.fields import Schema
from engine.scaffold.design import Input
from engine.scaffold.lists import OUTER
from engine.scaffold.names import free, snake
from engine.scaffold.requests import Asked, LeftOut
from engine.scaffold.schemas import Schemas, fits, inner

FORM = "application/x-www-form-urlencoded"
#: Under these a single record may stand in an answer.
RECORD_AT = (*OUTER, "item", "record", "object", "resource")


def answer_of(asked: Asked, schemas: Schemas) -> tuple[Schema | None, list[Any]]:
    """Return the schema of what comes back where all is well, and examples; None: nothing does.

    :raises LeftOut: something comes back that isn't JSON.
    """
    responses = asked.operation.get("responses")
    codes = responses if isinstance(responses, Mapping) else {}
    good = sorted((c for c in map(str, codes) if c[:1] == "2"), key=lambda c: (c == "204", c))
    code = good[0] if good else "default"
    found = codes.get(code, codes.get(int(code)) if code.isdecimal() else None)
    response, _ = schemas.followed(found)
    content = response.get("content")
    if not isinstance(content, Mapping) or not content:
        return None, []
    media = next((m for name, m in content.items() if _is_json(str(name))), None)
    if media is None:
        raise LeftOut(f"it answers {next(iter(content))}, not JSON")
    if not isinstance(media, Mapping) or "schema" not in media:
        examples = _examples(media)
        return ({} if not examples else _schema_of_value(examples[0])), examples
    schema = schemas.plain(media["schema"], "given")
    target, _ = schemas.followed(media["schema"])
    return schema, [one for one in [*_examples(media), *_examples(target)] if fits(one, schema)]


def body_of(
    asked: Asked, schemas: Schemas
) -> tuple[tuple[Input, ...], str, bool, dict[str, Any] | None]:
    """Return the fields of what is sent, the name they stand under, whether it is a form, an example.

    :raises LeftOut: it is neither fields in JSON nor a form.
    """
    body, _ = schemas.followed(asked.operation.get("requestBody"))
    content = body.get("content")
    if not isinstance(content, Mapping) or not content:
        return (), "", False, None
    name = next((n for n in content if _is_json(str(n))), None)
    form = name is None and FORM in content
    media = content[FORM] if form else content.get(name)
    if not isinstance(media, Mapping):
        raise LeftOut(f"it sends {next(iter(content))}, not JSON")
    schema = inner(schemas.plain(media.get("schema", {}), "sent"))
    examples = [one for one in _examples(media) if isinstance(one, dict)]
    target, _ = schemas.followed(media.get("schema"))
    examples += [one for one in _examples(target) if isinstance(one, dict)]
    if not schema and examples:
        schema = _schema_of_value(examples[0])
    if schema.get("type") == "array":
        raise LeftOut("it sends a list of things at once")
    properties = schema.get("properties", {})
    if not properties:
        raise LeftOut("nothing says which fields it sends")
    wrap = ""
    if len(properties) == 1 and not form:
        (outer, only) = next(iter(properties.items()))
        if (within := inner(only)).get("properties"):
            wrap, schema, properties = outer, within, within["properties"]
            examples = [e[outer] for e in examples if isinstance(e.get(outer), dict)]
    if form:
        properties = _flat_fields(schema)
    taken = {one.argument for one in asked.inputs}
    inputs = []
    required = set(schema.get("required", ())) if body.get("required", True) else set()
    for field, part in properties.items():
        argument = free(snake(field), taken)
        taken.add(argument)
        inputs.append(Input(field, argument, part, field in required, "body"))
    kept = [{n: v for n, v in one.items() if n in properties} for one in examples]
    example = next((one for one in kept if one and fits(one, schema)), None)
    return tuple(inputs), wrap, form, example


def _flat_fields(schema: Schema) -> dict[str, Schema]:
    """Return a form's fields that are one value each; how others are written differs by vendor."""
    flat = {}
    for name, part in schema["properties"].items():
        if {"object", "array"} & {one.get("type") for one in part.get("anyOf", [part])}:
            if name in schema.get("required", ()):
                raise LeftOut(f"its form's field {name!r} is a list or has fields of its own")
        else:
            flat[name] = part
    return flat


def record_within(schema: Schema, noun: str) -> tuple[str, Schema]:
    """Return where the record stands in an answer that may wrap it, and its schema."""
    properties = inner(schema).get("properties", {})
    objects = {name: inner(part) for name, part in properties.items()}
    objects = {name: part for name, part in objects.items() if part.get("type") == "object"}
    if not any(name in properties for name in ("id", "uuid", "key", f"{snake(noun)}_id")):
        for name in (noun, snake(noun), *RECORD_AT):
            if name in objects and objects[name].get("properties"):
                return name, objects[name]
        if len(properties) == 1 and len(objects) == 1:
            name, part = next(iter(objects.items()))
            if part.get("properties"):
                return name, part
    return "", inner(schema)


def _is_json(media_type: str) -> bool:
    plain = media_type.partition(";")[0].strip().lower()
    return plain in ("application/json", "*/*", "text/json") or plain.endswith("+json")


def _examples(holder: Any) -> list[Any]:
    if not isinstance(holder, Mapping):
        return []
    examples = holder.get("examples")
    found = [holder.get("example")]
    if isinstance(examples, Mapping):
        found += [one.get("value") for one in examples.values() if isinstance(one, Mapping)]
    elif isinstance(examples, list):
        found += examples
    return [one for one in found if isinstance(one, dict | list)]


def _schema_of_value(value: Any) -> Schema:
    from engine.scaffold.values import schema_of_value

    return schema_of_value([value])
