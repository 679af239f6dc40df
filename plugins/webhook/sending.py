"""What a step tells another system: JSON, posted to its address and signed."""

import json
import time
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import httpx2

from engine.sdk import (
    AuthError,
    ConnectorError,
    Context,
    Field,
    Hmac,
    InputError,
    Record,
    SetupError,
    dig,
    json_in,
)

#: As events to subscribers are signed (docs/rest-hooks.md), so that one check does for both.
SIGNATURE = Hmac(
    header="X-Bridgework-Signature",
    prefix="v1=",
    timestamp_header="X-Bridgework-Timestamp",
    signed="{timestamp}.{body}",
)
EVENT, EVENT_ID = "X-Bridgework-Event", "X-Bridgework-Event-Id"

#: Characters of an answer that later steps can read, and of a message that is passed on.
LONGEST_ANSWER, LONGEST_MESSAGE = 100_000, 200

SENT = {"id": "5f0c2a7e", "status": 200, "answer": {"received": True}}

Body = Annotated[
    dict[str, Any],
    Field(
        "Body",
        "What is told, field by field. Text stays text: a number or true is written `{{ 5 }}` or "
        "`{{ true }}`.",
    ),
]
Address = Annotated[
    str | None,
    Field(
        "Address",
        "Where it is posted, by https. Left out, it is the connection's, where it is kept secret.",
    ),
]
Event = Annotated[
    str, Field("Event", "What it is about, for receivers that are told of several things.")
]


def send(ctx: Context, body: Body, address: Address = None, event: Event = "record") -> Record:
    """Post JSON to an address, signed with the connection's secret where there is one.

    Each record and change of it has an event id of its own, by which receivers drop what they saw: an
    event whose answer was lost is sent again with the same id.
    """
    content = json.dumps(body, ensure_ascii=False, default=str).encode()
    event_id = ctx.idempotency_key
    headers = {"Content-Type": "application/json", EVENT: _one_line(event), EVENT_ID: event_id}
    if secret := ctx.secrets.get("secret", ""):
        stamp = str(int(time.time()))
        headers[SIGNATURE.timestamp_header] = stamp
        headers[SIGNATURE.header] = SIGNATURE.signature(content, secret, stamp)
    try:
        response = ctx.http.post(_target(ctx, address), content=content, headers=headers)
    except SetupError as error:  # into a private network, or not by https
        if address is None:
            raise
        # It may be the record's, and then the other records are sent all the same.
        raise InputError(
            error.message, hint=error.hint, field="address", code="bad_address"
        ) from error
    return {"id": event_id, "status": response.status_code, "answer": _answer(response)}


def _target(ctx: Context, address: str | None) -> str:
    """Return where it is posted.

    :raises SetupError: nothing says so, or it is no address.
    """
    given = (address or ctx.secrets.get("address", "")).strip()
    if not given:
        raise SetupError(
            "Nothing says where this is posted.",
            hint="Give the step an `address`, or a connection that has one.",
        )
    try:
        parts = urlsplit(given)
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and given.isprintable()
    except ValueError:
        well = False
    if not well or parts.username or parts.password or parts.fragment:
        raise InputError(
            "The address it is posted to can't be read.",
            hint="It looks like https://example.com/…, without user name and password.",
            field="address",
            code="bad_address",
        )
    elsewhere = str(ctx.connection.get("base_url") or "")
    if elsewhere and address is None:  # a practice server, or a proxy
        other = urlsplit(elsewhere)
        return urlunsplit((other.scheme, other.netloc, parts.path, parts.query, ""))
    return given


def _one_line(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode().split())[:100] or "record"


def _answer(response: httpx2.Response) -> Any:
    """Return what a receiver said, if anything; nothing in it matters."""
    found = json_in(response)
    return found if found is not None else response.text[:LONGEST_ANSWER] or None


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Return what a receiver's refusal means; None leaves it to the engine's table."""
    status, host = response.status_code, response.url.host
    said = _said(response)
    match status:
        case 401 | 403:
            return AuthError(
                f"{host} does not take this for genuine (answer {status}){said}",
                hint="The connection's secret must be the one that the receiver checks with.",
            )
        case 404:
            return InputError(
                f"{host} receives nothing at this address (answer 404){said}",
                hint="Copy the address from the receiver again.",
                code="no_receiver",
            )
        case 410:
            return InputError(
                f"{host} wants nothing more at this address (answer 410){said}",
                hint="Whoever runs it has ended it; ask them for a new address, or take the step out.",
                code="gone",
            )
        case _ if status in (408, 425, 429) or status >= 500:
            return None
        case _ if 300 <= status < 400:
            return ConnectorError(
                f"{host} says that this address has moved (answer {status}).",
                hint="Give the new address: redirects are not followed.",
            )
    return InputError(
        f"{host} refused this (answer {status}){said}",
        hint="Correct the record where it comes from, or what the recipe sends.",
        code="refused",
    )


def _said(response: httpx2.Response) -> str:
    """Return the receiver's own words behind a colon, or a full stop."""
    document = json_in(response)
    named = (dig(document, name) for name in ("message", "error", "detail"))
    found = next((text for text in named if isinstance(text, str)), document)
    words = " ".join(found.split())[:LONGEST_MESSAGE] if isinstance(found, str) else ""
    return f": {words.rstrip('.')}." if words else "."
