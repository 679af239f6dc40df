"""Stripe's webhooks: every trigger is told at once, by an endpoint of its recipe's own.

A delivery names the object, which is read afresh: deliveries come in any order and more than once
(documented), and the latest state is right whatever came when. Only events as such are taken from
the delivery, rendered in the version that the endpoint was made with.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.sdk import (
    Connector,
    Context,
    Delivery,
    HookRequest,
    InputError,
    RemoteError,
    StripeSignature,
    Subscription,
    dig,
)
from plugins.stripe import api, kinds, triggers
from plugins.stripe.kinds import Kind
from plugins.stripe.records import to_event

#: An endpoint never ends, but one that fails for days is disabled: it is looked after.
LOOKED_AFTER = timedelta(days=7)

HOOKED: tuple[tuple[Callable[..., object], Kind], ...] = (
    (triggers.customer_created, kinds.CUSTOMER_CREATED),
    (triggers.customer_changed, kinds.CUSTOMER_CHANGED),
    (triggers.payment_succeeded, kinds.PAYMENT_SUCCEEDED),
    (triggers.payment_failed, kinds.PAYMENT_FAILED),
    (triggers.charge_created, kinds.CHARGE_CREATED),
    (triggers.refund_created, kinds.REFUND_CREATED),
    (triggers.invoice_created, kinds.INVOICE_CREATED),
    (triggers.invoice_paid, kinds.INVOICE_PAID),
    (triggers.invoice_payment_failed, kinds.INVOICE_FAILED),
    (triggers.subscription_created, kinds.SUBSCRIPTION_CREATED),
    (triggers.subscription_changed, kinds.SUBSCRIPTION_CHANGED),
)


@dataclass(frozen=True)
class Told:
    """What a webhook of one kind says and wants."""

    kind: Kind

    def deliveries(self, request: HookRequest) -> Iterator[Delivery]:
        """Return the object that a request tells of."""
        event = told(request)
        if event["type"] in self.kind.events:
            key = str(dig(event, "data.object.id"))
            yield Delivery(event["id"], key=key, event=event["type"])

    def subscribe(self, ctx: Context, url: str) -> Subscription:
        """Make an endpoint for the kind's events."""
        return subscribe(ctx, url, self.kind.events)


def declare(connector: Connector) -> None:
    """Give every trigger its webhook."""
    for function, kind in HOOKED:
        hook = connector.webhook(function, signature=StripeSignature())
        hook.deliveries(Told(kind).deliveries)
        hook.subscribe(Told(kind).subscribe)
        hook.wanted(kind.keep)
        hook.renew(renew)
        hook.unsubscribe(unsubscribe)
    events = connector.webhook(triggers.event_happened, signature=StripeSignature())
    events.deliveries(event_deliveries)
    events.subscribe(subscribe_to_events)
    events.renew(renew)
    events.unsubscribe(unsubscribe)


# -- what a request says -----------------------------------------------------------------------


def told(request: HookRequest) -> api.Json:
    """Return the event that a request is.

    :raises InputError: it is none.
    """
    event = request.json()
    about = dig(event, "data.object")
    if (
        not isinstance(event, dict)
        or not isinstance(event.get("id"), str)
        or not isinstance(event.get("type"), str)
        or not isinstance(about, dict)
    ):
        raise InputError(
            "A webhook of Stripe's is no event.",
            hint="Endpoints for 'thin' events can't be read; Bridgework makes the right ones.",
            code="no_record",
        )
    return event


def event_deliveries(request: HookRequest, types: Sequence[str] = ()) -> Iterator[Delivery]:
    """Return the event itself, if its kind is asked for."""
    event = told(request)
    if not types or event["type"] in types:
        yield Delivery(event["id"], record=dict(to_event(event)), event=event["type"])


# -- its life at Stripe ------------------------------------------------------------------------


def subscribe(ctx: Context, url: str, types: Sequence[str]) -> Subscription:
    """Make an endpoint; its secret is told this once."""
    values = {
        "url": url,
        "enabled_events": list(types) or ["*"],
        "api_version": api.VERSION,
        "description": "Made by Bridgework for a recipe.",
    }
    made = api.post(ctx, "webhook_endpoints", values)
    if not made.get("id") or not made.get("secret"):
        raise RemoteError(
            "Stripe answered without an endpoint and its secret.", hint="Its API may have changed."
        )
    return Subscription(made["id"], made["secret"], ctx.now + LOOKED_AFTER)


def subscribe_to_events(ctx: Context, url: str, types: Sequence[str] = ()) -> Subscription:
    """Make an endpoint for the kinds of events that the recipe names."""
    return subscribe(ctx, url, types)


def renew(ctx: Context, subscription: Subscription) -> Subscription:
    """Look whether the endpoint is still there, and enable it if Stripe gave it up.

    :raises InputError: ``not_found``: it is gone.
    """
    path = f"webhook_endpoints/{subscription.id}"
    if api.get(ctx, path).get("status") == "disabled":
        api.post(ctx, path, {"disabled": False})
    return Subscription(subscription.id, subscription.secret, ctx.now + LOOKED_AFTER)


def unsubscribe(ctx: Context, subscription: Subscription) -> None:
    """End an endpoint."""
    ctx.http.delete(f"webhook_endpoints/{subscription.id}")
