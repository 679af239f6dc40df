"""What starts a recipe from Stripe: customers, payments, invoices, subscriptions, or any event."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from engine.sdk import Context, Field, SetupError
from plugins.stripe import kinds
from plugins.stripe.api import listed
from plugins.stripe.fields import Charge, Customer, Event, Invoice, Payment, Refund, Subscription
from plugins.stripe.reading import EVENTS_REACH, changed_since, made_since
from plugins.stripe.records import to_event

#: Kinds of events one request may name (documented).
MOST_TYPES = 20

Types = Annotated[
    list[str],
    Field(
        "Kinds of events",
        "Stripe's names, such as `invoice.paid` or `customer.subscription.deleted`; left out, all.",
    ),
]


def customer_created(ctx: Context, since: datetime | None) -> Iterator[Customer]:
    """Start with each new customer."""
    yield from made_since(ctx, kinds.CUSTOMER_CREATED, since)


def customer_changed(ctx: Context, since: datetime | None) -> Iterator[Customer]:
    """Start with each customer that was added or changed."""
    yield from changed_since(ctx, kinds.CUSTOMER_CHANGED, since)


def payment_succeeded(ctx: Context, since: datetime | None) -> Iterator[Payment]:
    """Start with each payment that came in."""
    yield from changed_since(ctx, kinds.PAYMENT_SUCCEEDED, since)


def payment_failed(ctx: Context, since: datetime | None) -> Iterator[Payment]:
    """Start with each payment that failed, once for each time that it failed.

    What has been paid by the time it is looked at is left out.
    """
    yield from changed_since(ctx, kinds.PAYMENT_FAILED, since)


def charge_created(ctx: Context, since: datetime | None) -> Iterator[Charge]:
    """Start with each attempt to take money, whether it succeeded or not."""
    yield from made_since(ctx, kinds.CHARGE_CREATED, since)


def refund_created(ctx: Context, since: datetime | None) -> Iterator[Refund]:
    """Start with each refund."""
    yield from made_since(ctx, kinds.REFUND_CREATED, since)


def invoice_created(ctx: Context, since: datetime | None) -> Iterator[Invoice]:
    """Start with each new invoice; at first it is a draft and has no number."""
    yield from made_since(ctx, kinds.INVOICE_CREATED, since)


def invoice_paid(ctx: Context, since: datetime | None) -> Iterator[Invoice]:
    """Start with each invoice that was paid, or marked as paid."""
    yield from changed_since(ctx, kinds.INVOICE_PAID, since)


def invoice_payment_failed(ctx: Context, since: datetime | None) -> Iterator[Invoice]:
    """Start with each invoice whose payment failed and that is still open."""
    yield from changed_since(ctx, kinds.INVOICE_FAILED, since)


def subscription_created(ctx: Context, since: datetime | None) -> Iterator[Subscription]:
    """Start with each new subscription."""
    yield from made_since(ctx, kinds.SUBSCRIPTION_CREATED, since)


def subscription_changed(ctx: Context, since: datetime | None) -> Iterator[Subscription]:
    """Start with each subscription that began, changed or ended (its status is then `canceled`)."""
    yield from changed_since(ctx, kinds.SUBSCRIPTION_CHANGED, since)


def event_happened(ctx: Context, since: datetime | None, types: Types = []) -> Iterator[Event]:  # noqa: B006 - a field's default, never changed
    """Start with each event, of whatever kind.

    Stripe keeps events for 30 days: what happened earlier can't be read any more.

    :raises SetupError: more kinds are named than Stripe takes.
    """
    if len(types) > MOST_TYPES:
        raise SetupError(
            f"{len(types)} kinds of events are named; Stripe takes {MOST_TYPES}.",
            hint="Name fewer, or leave them out and skip what isn't wanted.",
        )
    if since is not None and since < ctx.now - EVENTS_REACH:
        ctx.log.warning("Stripe keeps events for 30 days: those before are lost to this recipe.")
    params: dict[str, object] = {"types[]": types} if types else {}
    if since is not None:
        params["created[gte]"] = int(since.timestamp())
    for raw in listed(ctx, "events", params):
        yield to_event(raw)
