"""What a Zap sends to a recipe: the fields that the recipe asks for, checked before they are taken."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from engine.sdk import Context, Delivery, Field, HookRequest, InputError, Record, Schema

INSTRUCTIONS = (
    "In the Zap, add a step with Bridgework's app and choose this recipe, or the step Webhooks by "
    "Zapier, POST, with this address (it is secret), the payload type json, and the fields as data."
)

#: What a field may be, and the JSON Schema of its values.
KINDS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "yes/no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date and time": {"type": "string", "format": "date-time"},
    "e-mail": {"type": "string", "format": "email"},
    "phone": {"type": "string", "format": "phone"},
}
Kind = Literal["text", "number", "yes/no", "date", "date and time", "e-mail", "phone"]

YES, NO = {"true", "yes", "1", "on"}, {"false", "no", "0", "off"}
LONGEST_ID = 200
#: The header in which a sender numbers what it sends, the API of Bridgework too.
NUMBER = "idempotency-key"

Fields = Annotated[
    dict[str, Kind],
    Field(
        "Fields",
        "What the Zap fills in, each with its kind: text, number, yes/no, date, date and time, "
        "e-mail or phone.",
    ),
]
Required = Annotated[
    list[str],
    Field("Required", "The fields without which nothing is taken; else all may be empty."),
]
Key = Annotated[
    str | None,
    Field("Key", "The field that tells what it is about apart; left out, each message is new."),
]
Label = Annotated[str | None, Field("Title", "The field a person knows it by.")]


def received(
    ctx: Context,
    fields: Fields,
    required: Required = [],  # noqa: B006 - a field's default, never changed
    key: Key = None,
    label: Label = None,
) -> Iterator[Record]:
    """Start with each message that a Zap sends to this recipe.

    It is told at once (`schedule: instant`); there is nothing to read by the clock.
    """
    yield from ()


def schema(ctx: Context, fields: Mapping[str, str] | None = None, **others: object) -> Schema:
    """Return the JSON Schema of the messages."""
    kinds = {name: _or_null(KINDS[kind]) for name, kind in (fields or {}).items()}
    text: Schema = {"type": "string"}
    given: Schema = {"type": "object", "additionalProperties": False, "properties": kinds}
    known = {"id": text, "title": text, "fields": given}
    return {"type": "object", "additionalProperties": False, "properties": known}


def form(fields: Mapping[str, str], required: list[str] = []) -> Schema:  # noqa: B006 - never changed
    """Return the JSON Schema of what a Zap fills in, in the recipe's order."""
    return {
        "type": "object",
        "properties": {
            name: {**KINDS[kind], "title": name.replace("_", " ").capitalize()}
            for name, kind in fields.items()
        },
        "required": list(required),
    }


def deliveries(
    request: HookRequest,
    fields: Mapping[str, str],
    required: list[str] = [],  # noqa: B006 - a field's default, never changed
    key: str | None = None,
    label: str | None = None,
) -> Iterator[Delivery]:
    """Return the one message that a request is.

    :raises InputError: it isn't JSON, lacks a field or has a value of another kind.
    """
    body = request.json()
    if not isinstance(body, dict):
        raise InputError(
            "A message is a JSON object of fields.", hint='Send `{"email": "…"}`.', code="no_fields"
        )
    given = {name: _value(name, kind, body.get(name)) for name, kind in fields.items()}
    if unfilled := [name for name in required if given.get(name) is None]:
        raise InputError(
            f"The field '{unfilled[0]}' is empty.",
            hint="Fill it in the Zap's step.",
            field=unfilled[0],
            code="missing",
        )
    number = request.headers.get(NUMBER, "").strip() or _text(body.get("id")) or uuid.uuid4().hex
    number = number[:LONGEST_ID]
    id = number if key is None else _text(given.get(key))
    title = _text(given.get(label)) if label else None
    record = {"id": id, "title": title or id, "fields": given}
    yield Delivery(number, record=record, event="sent")


def _value(name: str, kind: str, value: Any) -> Any:
    """Return a value as its kind has it; Zapier sends nearly everything as text.

    :raises InputError: it can't be one.
    """
    text = _text(value)
    if text is None:
        if value is None or value == "":
            return None
        raise _wrong(name, kind)
    match kind:
        case "number":
            try:
                return int(text) if text.lstrip("-").isdecimal() else float(text)
            except ValueError:
                raise _wrong(name, kind) from None
        case "yes/no":
            if text.lower() not in YES | NO:
                raise _wrong(name, kind)
            return text.lower() in YES
        case "date" | "date and time":
            read = date if kind == "date" else datetime
            try:
                read.fromisoformat(text)
            except ValueError:
                raise _wrong(name, kind) from None
        case "e-mail" if "@" not in text or " " in text:
            raise _wrong(name, kind)
    return text


def _wrong(name: str, kind: str) -> InputError:
    return InputError(
        f"The field '{name}' is no {kind}.",
        hint="Dates are written 2026-01-31, times 2026-01-31T20:30:00Z."
        if kind.startswith("date")
        else "Correct it in the Zap's step.",
        field=name,
        code="wrong_kind",
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip() or None


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
