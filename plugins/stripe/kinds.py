"""What each trigger reads: the list it stands in, and the events that tell of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.sdk import Record
from plugins.stripe import records
from plugins.stripe.api import Json


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Objects of one sort that something happened to.

    :param path: of their list in the API.
    :param record: makes what recipes see of one.
    :param events: those that tell of it, by Stripe's names.
    :param keep: whether an object, as recipes see it, is one of them by now.
    :param params: narrow the list.
    :param passing: what an event told may be over by now, so that each one is read afresh.
    """

    path: str
    record: Callable[[Json], Mapping[str, Any]]
    events: tuple[str, ...]
    keep: Callable[[Record], bool] = lambda record: True
    params: Mapping[str, str] = field(default_factory=dict)
    passing: bool = False


def unpaid(record: Record) -> bool:
    return record["status"] != "succeeded" and record["failure"] is not None


def dunned(record: Record) -> bool:
    return record["status"] == "open" and bool(record["attempt_count"])


CUSTOMER_CREATED = Kind(path="customers", record=records.to_customer, events=("customer.created",))
CUSTOMER_CHANGED = Kind(
    path="customers",
    record=records.to_customer,
    events=("customer.created", "customer.updated"),
)
PAYMENT_SUCCEEDED = Kind(
    path="payment_intents",
    record=records.to_payment,
    events=("payment_intent.succeeded",),
    keep=lambda record: record["status"] == "succeeded",
)
PAYMENT_FAILED = Kind(
    path="payment_intents",
    record=records.to_payment,
    events=("payment_intent.payment_failed",),
    keep=unpaid,
    passing=True,
)
CHARGE_CREATED = Kind(
    path="charges",
    record=records.to_charge,
    events=("charge.succeeded", "charge.failed", "charge.pending"),
)
REFUND_CREATED = Kind(path="refunds", record=records.to_refund, events=("refund.created",))
INVOICE_CREATED = Kind(path="invoices", record=records.to_invoice, events=("invoice.created",))
INVOICE_PAID = Kind(
    path="invoices",
    record=records.to_invoice,
    events=("invoice.paid",),
    keep=lambda record: record["status"] == "paid",
    params={"status": "paid"},
)
INVOICE_FAILED = Kind(
    path="invoices",
    record=records.to_invoice,
    events=("invoice.payment_failed",),
    keep=dunned,
    passing=True,
    params={"status": "open"},
)
SUBSCRIPTION_CREATED = Kind(
    path="subscriptions",
    record=records.to_subscription,
    events=("customer.subscription.created",),
    params={"status": "all"},  # else those that ended are left out (documented)
)
SUBSCRIPTION_CHANGED = Kind(
    path="subscriptions",
    record=records.to_subscription,
    events=(
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    ),
    params={"status": "all"},
)
