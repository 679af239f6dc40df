"""Stripe: customers, payments, invoices and subscriptions in and out."""

from engine.sdk import (
    ApiKey,
    Connector,
    Rate,
    hookimpl,
)
from plugins.stripe import (
    api,
    billing,
    connection,
    customers,
    kinds,
    refusals,
    samples,
    triggers,
    webhooks,
)
from plugins.stripe.reading import fetcher

connector = Connector(
    name="stripe",
    title="Stripe",
    auth=ApiKey(prefix="Bearer ", setting="api_key"),
    base_url="https://api.stripe.com/v1",
    headers=api.HEADERS,
    settings=connection.Settings,
    pagination=api.PAGES,
    # An endpoint takes 25 a second by default, and so does a whole sandbox (documented).
    limits=(Rate(25, per=1),),
)
connector.explain(refusals.explain)
connector.url_values(connection.known_key)
connector.check(connection.account)


for title, function, kind in (
    ("Customer created", triggers.customer_created, kinds.CUSTOMER_CREATED),
    ("Customer added or changed", triggers.customer_changed, kinds.CUSTOMER_CHANGED),
    ("Payment received", triggers.payment_succeeded, kinds.PAYMENT_SUCCEEDED),
    ("Payment failed", triggers.payment_failed, kinds.PAYMENT_FAILED),
    ("Charge created", triggers.charge_created, kinds.CHARGE_CREATED),
    ("Refund created", triggers.refund_created, kinds.REFUND_CREATED),
    ("Invoice created", triggers.invoice_created, kinds.INVOICE_CREATED),
    ("Invoice paid", triggers.invoice_paid, kinds.INVOICE_PAID),
    ("Payment of an invoice failed", triggers.invoice_payment_failed, kinds.INVOICE_FAILED),
    ("Subscription created", triggers.subscription_created, kinds.SUBSCRIPTION_CREATED),
    (
        "Subscription began, changed or ended",
        triggers.subscription_changed,
        kinds.SUBSCRIPTION_CHANGED,
    ),
):
    connector.trigger(
        title,
        key="id",
        cursor="changed_at",
        label=kind.label,
        noun=kind.noun,
        fetch=fetcher(kind),
        sample=samples.told(kind.sample),
    )(function)
    webhooks.declare(connector, function, kind)
connector.trigger(
    "Anything happened",
    key="id",
    cursor="created",
    label="type",
    noun="event",
    sample=samples.EVENT,
)(triggers.event_happened)
webhooks.declare_events(connector)

connector.action(
    "Create a customer", noun="customer", idempotency_key=True, sample=samples.CUSTOMER
)(customers.create_customer)
connector.action("Update a customer", noun="customer", idempotent=True, sample=samples.CUSTOMER)(
    customers.update_customer
)
# Its key, too, is sent: what a search doesn't find yet isn't made twice.
connector.action(
    "Create or update a customer", noun="customer", idempotent=True, sample=samples.CUSTOMER
)(customers.upsert_customer)
connector.action("Create an invoice", noun="invoice", idempotency_key=True, sample=samples.INVOICE)(
    billing.create_invoice
)
connector.action(
    "Add a line to the next invoice",
    noun="invoice line",
    idempotency_key=True,
    sample=samples.ITEM,
)(billing.add_invoice_item)
connector.action("Refund a payment", noun="refund", idempotency_key=True, sample=samples.REFUND)(
    billing.create_refund
)
connector.action(
    "Create a payment link", noun="payment link", idempotency_key=True, sample=samples.LINK
)(billing.create_payment_link)
connector.action("Note values on something", noun="note", idempotent=True, sample=samples.NOTED)(
    billing.update_metadata
)
connector.search("Find a customer", noun="customer", sample=samples.CUSTOMER)(
    customers.find_customer
)
connector.search("Find a payment", noun="payment", sample=samples.PAYMENT)(billing.find_payment)
connector.search("Find an invoice", noun="invoice", sample=samples.INVOICE)(billing.find_invoice)

connector.practice(f"{__name__}.practice:PracticeStripe")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
