"""What starts a recipe: whatever was posted to its address, read as JSON or as a form."""

import json
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from engine.sdk import (
    Context,
    Delivery,
    Field,
    HeaderToken,
    Hmac,
    HookRequest,
    InputError,
    Record,
    Schema,
    SetupError,
    Signature,
    dig,
)

#: Headers in which senders number their deliveries, so that one sent twice is known again:
#: Standard Webhooks and Svix, GitHub, Shopify, and the header of the IETF's draft.
NUMBERED_BY = (
    "webhook-id",
    "svix-id",
    "x-github-delivery",
    "x-shopify-webhook-id",
    "idempotency-key",
)

SAMPLE = {
    "id": "5f0c2a7e",
    "title": "5f0c2a7e",
    "body": {"name": "Ada Byron", "email": "ada@mail.example"},
    "query": {},
}

Key = Annotated[
    str | None,
    Field(
        "Key",
        "The field that tells what the messages are about apart, such as `order.id`. Left out, each "
        "message is about something new.",
    ),
]
Label = Annotated[
    str | None, Field("Title", "The field a person knows it by, such as `customer.name`.")
]
Check = Annotated[
    Literal["address", "token", "signature"],
    Field(
        "Proof",
        "How a sender shows that it may post here: by knowing the address, by the connection's "
        "secret in a header, or by signing the body with it (HMAC).",
    ),
]
Header = Annotated[
    str | None,
    Field(
        "Header of the proof",
        "`X-Webhook-Token` or `X-Webhook-Signature` if left out.",
    ),
]
Prefix = Annotated[
    str, Field("Before the proof", "What stands before it in the header, such as `sha256=`.")
]
Algorithm = Annotated[Literal["sha1", "sha256", "sha512"], Field("Hash of the signature")]
Encoding = Annotated[Literal["hex", "base64"], Field("The signature is written as")]
DeliveryHeader = Annotated[
    str | None,
    Field(
        "Header of the delivery's number",
        "Where the sender numbers what it sends, so that the same delivery sent twice counts once; "
        f"left out, it is one of {', '.join(NUMBERED_BY)}.",
    ),
]
Sample = Annotated[
    str | None,
    Field("Sample", "A body as it is sent, as JSON: the recipe is checked against its fields."),
]


def received(
    ctx: Context,
    key: Key = None,
    label: Label = None,
    check: Check = "address",
    header: Header = None,
    prefix: Prefix = "",
    algorithm: Algorithm = "sha256",
    encoding: Encoding = "hex",
    delivery_header: DeliveryHeader = None,
    sample: Sample = None,
) -> Iterator[Record]:
    """Start with each message that is posted to the recipe's own address, as JSON or as a form.

    What was sent is the record's `body`, what stood in the address behind a `?` its `query`. It is
    told at once (`schedule: instant`); there is nothing to read by the clock.
    """
    yield from ()


def fields(ctx: Context, sample: str | None = None, **others: object) -> Schema:
    """Return the JSON Schema of the messages: with a sample, of its fields.

    :raises SetupError: the sample isn't JSON.
    """
    body: Schema = {}
    if sample is not None:
        try:
            body = _schema_of(json.loads(sample))
        except (ValueError, RecursionError):
            raise SetupError(
                "The sample isn't JSON.", hint='Give a body as it is sent, e.g. `{"id": 17}`.'
            ) from None
    text: Schema = {"type": "string"}
    query: Schema = {"type": "object", "additionalProperties": text}
    known = {"id": text, "title": text, "body": body, "query": query}
    return {"type": "object", "additionalProperties": False, "properties": known}


def proof(
    check: str = "address",
    header: str | None = None,
    prefix: str = "",
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256",
    encoding: Literal["hex", "base64"] = "hex",
) -> Signature | None:
    """Return how a request proves itself; None where the address alone is the secret."""
    if check == "token":
        return HeaderToken(header or "X-Webhook-Token", prefix)
    if check == "signature":
        return Hmac(
            header=header or "X-Webhook-Signature",
            algorithm=algorithm,
            encoding=encoding,
            prefix=prefix,
        )
    return None


def deliveries(
    request: HookRequest,
    key: str | None = None,
    label: str | None = None,
    delivery_header: str | None = None,
) -> Iterator[Delivery]:
    """Return the one message that a request is.

    :raises InputError: it is neither JSON nor a form.
    """
    body = _body(request)
    names = (delivery_header.lower(),) if delivery_header else NUMBERED_BY
    given = next((found for name in names if (found := request.headers.get(name, "").strip())), "")
    number = given or uuid.uuid4().hex
    id = number if key is None else _text(dig(body, key))
    title = _text(dig(body, label)) if label else None
    record = {"id": id, "title": title or id, "body": body, "query": dict(request.query)}
    yield Delivery(number, record=record, event="posted")


def _body(request: HookRequest) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return request.form()
    if kind in ("", "text/plain", "application/json") or kind.endswith("+json"):
        return request.json()
    raise InputError(
        f"A body of the type '{kind[:80]}' can't be read.",
        hint="Post JSON, or a form as browsers send it (application/x-www-form-urlencoded).",
        code="unknown_type",
    )


def _text(value: Any) -> str | None:
    """Return what tells things apart as text; records and lists don't."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip() or None


def _schema_of(value: Any) -> Schema:
    match value:
        case dict():
            parts = {str(name): _schema_of(part) for name, part in value.items()}
            return {"type": "object", "additionalProperties": False, "properties": parts}
        case list():
            kinds = [_schema_of(part) for part in value]
            same = kinds and all(kind == kinds[0] for kind in kinds)
            return {"type": "array", "items": kinds[0] if same else {}}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
    return {}
