"""From Stripe's objects to what recipes see of them.

Fields are those of Stripe's published fixtures of 2026, where an invoice's subscription stands under
``parent`` and a subscription's period with its items; older places are looked at, too.
"""

from typing import Any

from engine.sdk import dig
from plugins.stripe.api import Json, moment
from plugins.stripe.fields import (
    Charge,
    Customer,
    Event,
    Failure,
    Invoice,
    Payment,
    Refund,
    Subscription,
)
from plugins.stripe.money import to_amount


def to_customer(raw: Json) -> Customer:
    """Return a customer as recipes see it."""
    given = raw.get("address") or {}
    return Customer(
        id=raw["id"],
        name=raw.get("name"),
        email=raw.get("email"),
        phone=raw.get("phone"),
        description=raw.get("description"),
        address={
            "line1": given.get("line1"),
            "line2": given.get("line2"),
            "city": given.get("city"),
            "state": given.get("state"),
            "postal_code": given.get("postal_code"),
            "country": given.get("country"),
        },
        currency=raw.get("currency"),
        balance=to_amount(raw.get("balance"), raw.get("currency")),
        delinquent=raw.get("delinquent"),
        metadata=raw.get("metadata") or {},
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def to_payment(raw: Json) -> Payment:
    """Return a payment intent as recipes see it."""
    failed = raw.get("last_payment_error")
    return Payment(
        id=raw["id"],
        amount=to_amount(raw["amount"], raw["currency"]),
        amount_received=to_amount(raw.get("amount_received"), raw["currency"]),
        amount_minor=raw["amount"],
        currency=raw["currency"],
        status=raw["status"],
        customer=_id(raw.get("customer")),
        description=raw.get("description"),
        receipt_email=raw.get("receipt_email"),
        charge=_id(raw.get("latest_charge")),
        failure=None if not failed else to_failure(failed),
        metadata=raw.get("metadata") or {},
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def to_failure(raw: Json) -> Failure:
    """Return why a payment failed."""
    return Failure(
        code=raw.get("code"), decline_code=raw.get("decline_code"), message=raw.get("message")
    )


def to_charge(raw: Json) -> Charge:
    """Return a charge as recipes see it."""
    card = dig(raw, "payment_method_details.card") or {}
    return Charge(
        id=raw["id"],
        amount=to_amount(raw["amount"], raw["currency"]),
        amount_refunded=to_amount(raw.get("amount_refunded"), raw["currency"]),
        amount_minor=raw["amount"],
        currency=raw["currency"],
        status=raw["status"],
        paid=bool(raw.get("paid")),
        refunded=bool(raw.get("refunded")),
        disputed=bool(raw.get("disputed")),
        customer=_id(raw.get("customer")),
        payment=_id(raw.get("payment_intent")),
        description=raw.get("description"),
        billing_name=dig(raw, "billing_details.name"),
        billing_email=dig(raw, "billing_details.email"),
        receipt_email=raw.get("receipt_email"),
        receipt_url=raw.get("receipt_url"),
        card_brand=card.get("brand"),
        card_last4=card.get("last4"),
        failure_code=raw.get("failure_code"),
        failure_message=raw.get("failure_message"),
        metadata=raw.get("metadata") or {},
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def to_refund(raw: Json) -> Refund:
    """Return a refund as recipes see it."""
    return Refund(
        id=raw["id"],
        amount=to_amount(raw["amount"], raw["currency"]),
        amount_minor=raw["amount"],
        currency=raw["currency"],
        status=raw.get("status"),
        charge=_id(raw.get("charge")),
        payment=_id(raw.get("payment_intent")),
        reason=raw.get("reason"),
        metadata=raw.get("metadata") or {},
        created=str(moment(raw.get("created"))),
    )


def to_invoice(raw: Json) -> Invoice:
    """Return an invoice as recipes see it; of a long one, the first ten lines."""
    currency = raw["currency"]
    subscription = dig(raw, "parent.subscription_details.subscription") or raw.get("subscription")
    return Invoice(
        id=raw["id"],
        number=raw.get("number"),
        status=raw.get("status"),
        customer=_id(raw.get("customer")),
        customer_name=raw.get("customer_name"),
        customer_email=raw.get("customer_email"),
        total=to_amount(raw["total"], currency),
        amount_due=to_amount(raw.get("amount_due"), currency),
        amount_paid=to_amount(raw.get("amount_paid"), currency),
        amount_remaining=to_amount(raw.get("amount_remaining"), currency),
        total_minor=raw["total"],
        currency=currency,
        collection_method=raw.get("collection_method"),
        billing_reason=raw.get("billing_reason"),
        attempt_count=raw.get("attempt_count") or 0,
        due_date=moment(raw.get("due_date")),
        paid_at=moment(dig(raw, "status_transitions.paid_at")),
        description=raw.get("description"),
        page=raw.get("hosted_invoice_url"),
        pdf=raw.get("invoice_pdf"),
        subscription=_id(subscription),
        lines=[
            {
                "description": line.get("description"),
                "amount": to_amount(line.get("amount"), currency),
                "quantity": line.get("quantity"),
            }
            for line in dig(raw, "lines.data") or []
        ],
        metadata=raw.get("metadata") or {},
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def to_subscription(raw: Json) -> Subscription:
    """Return a subscription as recipes see it."""
    items = dig(raw, "items.data") or []
    ends = [item["current_period_end"] for item in items if item.get("current_period_end")]
    return Subscription(
        id=raw["id"],
        status=raw["status"],
        customer=_id(raw.get("customer")),
        currency=raw.get("currency"),
        items=[
            {
                "price": dig(item, "price.id"),
                "product": _id(dig(item, "price.product")),
                "quantity": item.get("quantity"),
                "amount": to_amount(dig(item, "price.unit_amount"), dig(item, "price.currency")),
                "interval": dig(item, "price.recurring.interval"),
            }
            for item in items
        ],
        period_end=moment(min(ends) if ends else raw.get("current_period_end")),
        cancel_at_period_end=bool(raw.get("cancel_at_period_end")),
        trial_end=moment(raw.get("trial_end")),
        canceled_at=moment(raw.get("canceled_at")),
        ended_at=moment(raw.get("ended_at")),
        metadata=raw.get("metadata") or {},
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def to_event(raw: Json) -> Event:
    """Return an event as recipes see it."""
    about = dig(raw, "data.object") or {}
    request = raw.get("request")
    return Event(
        id=raw["id"],
        type=raw["type"],
        object_id=about.get("id"),
        object_type=about.get("object"),
        object=about,
        previous=dig(raw, "data.previous_attributes") or {},
        # Of very old versions it is the id itself.
        request_id=request.get("id") if isinstance(request, dict) else request,
        api_version=raw.get("api_version"),
        livemode=bool(raw.get("livemode")),
        created=str(moment(raw.get("created"))),
    )


def _id(value: Any) -> str | None:
    """Return the id of what is named by its id or, expanded, stands there whole."""
    found = value.get("id") if isinstance(value, dict) else value
    return None if found is None else str(found)
