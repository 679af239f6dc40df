"""One record of each operation, shown before there is a connection."""

from collections.abc import Mapping

from engine.sdk import Complete

WHEN = "2026-01-31T15:04:05+00:00"

CUSTOMER = {
    "id": "cus_QXg1o8vcGmoR32",
    "name": "Ada Byron",
    "email": "ada@mail.example",
    "phone": "+12125550100",
    "description": "Byron v. Babbage",
    "address": {
        "line1": "1 Main Street",
        "line2": None,
        "city": "Springfield",
        "state": "IL",
        "postal_code": "62701",
        "country": "US",
    },
    "currency": "usd",
    "balance": "0.00",
    "delinquent": False,
    "metadata": {"matter": "00042"},
    "livemode": False,
    "created": WHEN,
}
PAYMENT = {
    "id": "pi_1PgafyB7WZ01zgkWSjxsAJo3",
    "amount": "1250.00",
    "amount_received": "1250.00",
    "amount_minor": 125000,
    "currency": "usd",
    "status": "succeeded",
    "customer": "cus_QXg1o8vcGmoR32",
    "description": "Retainer",
    "receipt_email": "ada@mail.example",
    "charge": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
    "failure": None,
    "metadata": {},
    "livemode": False,
    "created": WHEN,
}
FAILED_PAYMENT = {
    **PAYMENT,
    "amount_received": "0.00",
    "status": "requires_payment_method",
    "failure": {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    },
}
CHARGE = {
    "id": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
    "amount": "1250.00",
    "amount_refunded": "0.00",
    "amount_minor": 125000,
    "currency": "usd",
    "status": "succeeded",
    "paid": True,
    "refunded": False,
    "disputed": False,
    "customer": "cus_QXg1o8vcGmoR32",
    "payment": "pi_1PgafyB7WZ01zgkWSjxsAJo3",
    "description": "Retainer",
    "billing_name": "Ada Byron",
    "billing_email": "ada@mail.example",
    "receipt_email": "ada@mail.example",
    "receipt_url": "https://pay.stripe.com/receipts/…",
    "card_brand": "visa",
    "card_last4": "4242",
    "failure_code": None,
    "failure_message": None,
    "metadata": {},
    "livemode": False,
    "created": WHEN,
}
REFUND = {
    "id": "re_1Pgc72B7WZ01zgkWqPvrRrPE",
    "amount": "250.00",
    "amount_minor": 25000,
    "currency": "usd",
    "status": "succeeded",
    "charge": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
    "payment": "pi_1PgafyB7WZ01zgkWSjxsAJo3",
    "reason": "requested_by_customer",
    "metadata": {},
    "created": WHEN,
}
INVOICE = {
    "id": "in_1Pgc6tB7WZ01zgkWu9fdqL6I",
    "number": "7FE1103-0001",
    "status": "paid",
    "customer": "cus_QXg1o8vcGmoR32",
    "customer_name": "Ada Byron",
    "customer_email": "ada@mail.example",
    "total": "1250.00",
    "amount_due": "1250.00",
    "amount_paid": "1250.00",
    "amount_remaining": "0.00",
    "total_minor": 125000,
    "currency": "usd",
    "collection_method": "send_invoice",
    "billing_reason": "manual",
    "attempt_count": 1,
    "due_date": "2026-03-02T15:04:05+00:00",
    "paid_at": WHEN,
    "description": "January 2026",
    "page": "https://invoice.stripe.com/i/…",
    "pdf": "https://pay.stripe.com/invoice/…/pdf",
    "subscription": None,
    "lines": [{"description": "Five hours", "amount": "1250.00", "quantity": 1}],
    "metadata": {"matter": "00042"},
    "livemode": False,
    "created": WHEN,
}
FAILED_INVOICE = {**INVOICE, "status": "open", "amount_paid": "0.00", "paid_at": None}
SUBSCRIPTION = {
    "id": "sub_1Pgc6rB7WZ01zgkWNy0Cn5nw",
    "status": "active",
    "customer": "cus_QXg1o8vcGmoR32",
    "currency": "usd",
    "items": [
        {
            "price": "price_1PgafmB7WZ01zgkW6dKueIc5",
            "product": "prod_QXg1hqf4jFNsqG",
            "quantity": 1,
            "amount": "20.00",
            "interval": "month",
        }
    ],
    "period_end": "2026-02-28T15:04:05+00:00",
    "cancel_at_period_end": False,
    "trial_end": None,
    "canceled_at": None,
    "ended_at": None,
    "metadata": {},
    "livemode": False,
    "created": WHEN,
}
EVENT = {
    "id": "evt_1Pgc76B7WZ01zgkWwyRHS12y",
    "type": "customer.updated",
    "object_id": "cus_QXg1o8vcGmoR32",
    "object_type": "customer",
    "object": {"id": "cus_QXg1o8vcGmoR32", "object": "customer", "name": "Ada Byron"},
    "previous": {"name": "Ada B."},
    "request_id": "req_Xy1",
    "api_version": "2026-06-24.dahlia",
    "livemode": False,
    "created": WHEN,
}

#: What the actions themselves put together.
ITEM = Complete(
    id="ii_1Pgc6sB7WZ01zgkWrG16hkdl", customer="cus_QXg1o8vcGmoR32", description="Copies"
)
LINK = Complete(
    id="plink_1Pgc78B7WZ01zgkWC75kX0jg", url="https://buy.stripe.com/test_eVa16Q1Vd7yU", active=True
)
NOTED = Complete(id="in_1Pgc6tB7WZ01zgkWu9fdqL6I", metadata={"matter": "00042"})


def told(sample: Mapping[str, object]) -> dict[str, object]:
    """Return a sample as triggers tell it."""
    return {**sample, "changed_at": WHEN}
