"""Events in: Segment's webhook destination posts them to a recipe's own address."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from engine.sdk import (
    Connector,
    Context,
    Delivery,
    Field,
    HookRequest,
    InputError,
    Record,
    SegmentSignature,
)

Kind = Annotated[
    Literal["identify", "track", "group", "page", "screen", "alias"] | None,
    Field("Only of this kind", "Left out, every kind starts the recipe."),
]
Name = Annotated[
    str | None, Field("Only this event", "The name of a tracked event, e.g. `Form Sent`.")
]

INSTRUCTIONS = (
    "In Segment: Connections, Destinations, Add destination, Webhooks. Enter this address and a "
    "shared secret, and give the same secret to this connection. Leave batching off: of a batch "
    "only the first event is signed."
)


def event_received(ctx: Context, kind: Kind = None, event: Name = None) -> Iterator[Record]:
    """Start with each event that Segment passes on to the recipe's own address.

    It is told at once (`schedule: instant`); there is nothing to read by the clock.
    """
    yield from ()


def declare(connector: Connector) -> None:
    """Give the trigger its webhook."""
    hook = connector.webhook(
        event_received,
        signature=SegmentSignature(),
        secret_setting="shared_secret",  # noqa: S106 - the setting's name
        instructions=INSTRUCTIONS,
    )
    hook.deliveries(deliveries)


def deliveries(
    request: HookRequest, kind: str | None = None, event: str | None = None
) -> Iterator[Delivery]:
    """Return the event that a request is, unless the recipe is about others.

    :raises InputError: it is no event of Segment's.
    """
    body: Any = request.json()
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise InputError(
            "What was posted is no event of Segment's: it has no type.",
            hint="Give the address to Segment's webhook destination, and to nothing else.",
            code="no_record",
        )
    if kind not in (None, body["type"]) or event not in (None, body.get("event")):
        return
    # Without an id of its own, e.g. by a test of Segment's page: the whole body tells it apart.
    id = str(body.get("messageId") or hashlib.sha256(request.body).hexdigest()[:32])
    yield Delivery(id, record={**body, "messageId": id}, event=body["type"])
