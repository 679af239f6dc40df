"""Stripe's webhooks: every trigger is told at once, by an endpoint of its recipe's own.

A delivery names the object, which is read afresh: deliveries come in any order and more than once
(documented), and the latest state is right whatever came when. Only events as such are taken from
the delivery, rendered in the version that the endpoint was made with.
"""

from collections.abc import Callable, Iterator, Sequence
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
from plugins.stripe import api, triggers
from plugins.stripe.kinds import Kind
from plugins.stripe.records import to_event

#: An endpoint never ends, but one that fails for days is disabled: it is looked after.
LOOKED_AFTER = timedelta(days=7)


def declare(connector: Connector, trigger: Callable[..., object], kind: Kind) -> None:
    """Give a trigger its webhook, which tells of objects of a kind."""
    hook = connector.webhook(trigger, signature=StripeSignature())

    @hook.deliveries
    def deliveries(request: HookRequest) -> Iterator[Delivery]:
        event = told(request)
        if event["type"] in kind.events:
            key = str(dig(event, "data.object.id"))
            yield Delivery(event["id"], key=key, event=event["type"])

    @hook.subscribe
    def subscribe_to_kind(ctx: Context, url: str) -> Subscription:
        return subscribe(ctx, url, kind.events)

    hook.wanted(kind.keep)
    hook.renew(renew)
    hook.unsubscribe(unsubscribe)


def declare_events(connector: Connector) -> None:
    """Give the trigger of any event its webhook."""
    hook = connector.webhook(triggers.event_happened, signature=StripeSignature())
    hook.deliveries(event_deliveries)
    hook.subscribe(subscribe_to_events)
    hook.renew(renew)
    hook.unsubscribe(unsubscribe)


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
