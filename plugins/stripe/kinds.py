"""What each trigger reads: the list it stands in, the events that tell of it, what people call it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.sdk import Record
from plugins.stripe import records, samples
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
    :param noun: what people call one; ``label`` is the field they know it by.
    :param sample: of one, without when it changed.
    """

    path: str
    record: Callable[[Json], Mapping[str, Any]]
    events: tuple[str, ...]
    keep: Callable[[Record], bool] = lambda record: True
    params: Mapping[str, str] = field(default_factory=dict)
    passing: bool = False
    noun: str
    label: str = "id"
    sample: Mapping[str, Any]


def unpaid(record: Record) -> bool:
    return record["status"] != "succeeded" and record["failure"] is not None


def dunned(record: Record) -> bool:
    return record["status"] == "open" and bool(record["attempt_count"])


_customer = partial(
    Kind,
    path="customers",
    record=records.to_customer,
    noun="customer",
    label="email",
    sample=samples.CUSTOMER,
)
CUSTOMER_CREATED = _customer(events=("customer.created",))
CUSTOMER_CHANGED = _customer(events=("customer.created", "customer.updated"))

_payment = partial(
    Kind,
    path="payment_intents",
    record=records.to_payment,
    noun="payment",
    label="description",
)
PAYMENT_SUCCEEDED = _payment(
    events=("payment_intent.succeeded",),
    keep=lambda record: record["status"] == "succeeded",
    sample=samples.PAYMENT,
)
PAYMENT_FAILED = _payment(
    events=("payment_intent.payment_failed",),
    keep=unpaid,
    passing=True,
    sample=samples.FAILED_PAYMENT,
)

CHARGE_CREATED = Kind(
    path="charges",
    record=records.to_charge,
    events=("charge.succeeded", "charge.failed", "charge.pending"),
    noun="charge",
    sample=samples.CHARGE,
)
REFUND_CREATED = Kind(
    path="refunds",
    record=records.to_refund,
    events=("refund.created",),
    noun="refund",
    sample=samples.REFUND,
)

_invoice = partial(Kind, path="invoices", record=records.to_invoice, noun="invoice", label="number")
INVOICE_CREATED = _invoice(events=("invoice.created",), sample=samples.INVOICE)
INVOICE_PAID = _invoice(
    events=("invoice.paid",),
    keep=lambda record: record["status"] == "paid",
    params={"status": "paid"},
    sample=samples.INVOICE,
)
INVOICE_FAILED = _invoice(
    events=("invoice.payment_failed",),
    keep=dunned,
    passing=True,
    params={"status": "open"},
    sample=samples.FAILED_INVOICE,
)

_subscription = partial(
    Kind,
    path="subscriptions",
    record=records.to_subscription,
    params={"status": "all"},  # else those that ended are left out (documented)
    noun="subscription",
    sample=samples.SUBSCRIPTION,
)
SUBSCRIPTION_CREATED = _subscription(events=("customer.subscription.created",))
SUBSCRIPTION_CHANGED = _subscription(
    events=(
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    )
)
