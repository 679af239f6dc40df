"""The practice server's rules for money: invoices and their lines, payments, refunds."""

from collections.abc import Mapping
from typing import Any

from plugins.stripe.practice.answers import Refused, flag, refuse_unknown, required, whole
from plugins.stripe.practice.store import Json, Store, merged_metadata

INVOICE_FIELDS = (
    "customer", "currency", "collection_method", "days_until_due", "description", "auto_advance",
    "pending_invoice_items_behavior", "metadata", "footer", "due_date",
)  # fmt: skip
ITEM_FIELDS = (
    "customer", "invoice", "amount", "currency", "description", "quantity", "pricing", "metadata",
)  # fmt: skip
REFUND_FIELDS = ("charge", "payment_intent", "amount", "reason", "metadata")
DAY = 24 * 3600


def create_invoice(store: Store, form: Mapping[str, Any]) -> Json:
    """Make a draft."""
    refuse_unknown(form, INVOICE_FIELDS)
    required(form, "customer")
    customer = store.get("customers", form["customer"], param="customer")
    sent = form.get("collection_method") == "send_invoice"
    if sent and not (form.get("days_until_due") or form.get("due_date")):
        raise Refused(
            "If invoice collection method is 'send_invoice', you must specify the 'due_date' or "
            "'days_until_due' parameter.",
            param="days_until_due",
        )
    currency = str(form.get("currency") or customer.get("currency") or "usd")
    due = store.now() + whole(form, "days_until_due") * DAY if sent else None
    invoice = store.add(
        "invoices",
        {
            **blank_invoice(customer, currency),
            "collection_method": form.get("collection_method", "charge_automatically"),
            "due_date": due,
            "description": form.get("description"),
            "auto_advance": flag(form.get("auto_advance"), default=False),
            "metadata": form.get("metadata") or {},
        },
    )
    if form.get("pending_invoice_items_behavior") == "include":
        for item in store.tables["invoiceitems"].values():
            if item["customer"] == customer["id"] and item["invoice"] is None:
                item["invoice"] = invoice["id"]
        count_up(store, invoice)
    return invoice


def blank_invoice(customer: Json, currency: str) -> Json:
    """Return the fields of a draft without lines; a part of those that Stripe has."""
    return {
        "account_country": "US",
        "amount_due": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "attempt_count": 0,
        "attempted": False,
        "billing_reason": "manual",
        "currency": currency,
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "description": None,
        "due_date": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "lines": {"object": "list", "data": [], "has_more": False, "url": ""},
        "number": None,
        "parent": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "total": 0,
    }


def create_item(store: Store, form: Mapping[str, Any]) -> Json:
    """Add a line to an invoice, or to the customer's next one."""
    refuse_unknown(form, ITEM_FIELDS)
    required(form, "customer")
    customer = store.get("customers", form["customer"], param="customer")
    invoice = None
    if form.get("invoice"):
        invoice = store.get("invoices", form["invoice"], param="invoice")
        if invoice["status"] != "draft":
            raise Refused(
                "The invoice is already finalized, you can't add invoice items to it.",
                code="invoice_not_editable",
                param="invoice",
                begun=True,
            )
    quantity = whole(form, "quantity") if "quantity" in form else 1
    if "pricing" in form:
        price = store.get("prices", str(form["pricing"].get("price")), param="pricing[price]")
        amount, currency = price["unit_amount"] * quantity, price["currency"]
    else:
        required(form, "amount", "currency")
        amount, currency = whole(form, "amount"), str(form["currency"]).lower()
    if invoice is not None and invoice["currency"] != currency:
        raise Refused(
            f"The currency of the invoice item must be {invoice['currency']}.",
            code="currency_mismatch",
            param="currency",
        )
    item = store.add(
        "invoiceitems",
        {
            "amount": amount,
            "currency": currency,
            "customer": customer["id"],
            "date": store.now(),
            "description": form.get("description"),
            "invoice": form.get("invoice"),
            "quantity": quantity,
            "metadata": form.get("metadata") or {},
        },
    )
    if invoice is not None:
        count_up(store, invoice)
    return item


def count_up(store: Store, invoice: Json) -> None:
    """Write an invoice's lines and sums anew."""
    items = [
        item for item in store.tables["invoiceitems"].values() if item["invoice"] == invoice["id"]
    ]
    lines = [
        {
            "id": "il_" + item["id"][3:],
            "object": "line_item",
            "amount": item["amount"],
            "currency": item["currency"],
            "description": item["description"],
            "quantity": item["quantity"],
            "invoice": invoice["id"],
            "metadata": {},
        }
        for item in items
    ]
    total = sum(item["amount"] for item in items)
    url = f"/v1/invoices/{invoice['id']}/lines"
    invoice |= {
        "lines": {"object": "list", "data": lines, "has_more": False, "url": url},
        "subtotal": total,
        "total": total,
        "amount_due": max(0, total),
        "amount_remaining": max(0, total),
    }


def finalize(store: Store, invoice: Json) -> Json:
    """Give a draft its number and its page."""
    if invoice["status"] != "draft":
        raise Refused(
            "This invoice is already finalized, you can't finalize it again.",
            code="invoice_not_editable",
            begun=True,
        )
    if not invoice["lines"]["data"]:
        raise Refused(
            "Nothing to invoice for customer", code="invoice_no_customer_line_items", begun=True
        )
    times = {**invoice["status_transitions"], "finalized_at": store.now()}
    page = f"https://invoice.stripe.com/i/practice/{invoice['id']}"
    values = {
        "status": "open",
        "number": f"PRAC-{next(store.numbers):04d}",
        "hosted_invoice_url": page,
        "invoice_pdf": f"{page}/pdf",
        "status_transitions": times,
    }
    return store.change("invoices", invoice, values, event="finalized")


def send(store: Store, invoice: Json) -> Json:
    """Pretend to mail an invoice; a draft is finalized first."""
    if invoice["status"] == "draft":
        finalize(store, invoice)
    if invoice["status"] != "open":
        raise Refused(f"You can't send an invoice that is {invoice['status']}.", begun=True)
    store.tell("invoices", "sent", invoice)
    return invoice


def pay(store: Store, invoice: Json) -> Json:
    if invoice["status"] != "open":
        raise Refused(f"Invoice is already {invoice['status']}.", begun=True)
    times = {**invoice["status_transitions"], "paid_at": store.now()}
    values = {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + 1,
        "status_transitions": times,
    }
    store.change("invoices", invoice, values, event="paid")
    store.tell("invoices", "payment_succeeded", invoice)
    return invoice


def fail_invoice(store: Store, invoice: Json) -> Json:
    """Let an attempt to charge an open invoice fail."""
    count = {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    return store.change("invoices", invoice, count, event="payment_failed")


def create_refund(store: Store, form: Mapping[str, Any]) -> Json:
    """Give money of a charge back."""
    refuse_unknown(form, REFUND_FIELDS)
    if form.get("payment_intent"):
        payment = store.get("payment_intents", form["payment_intent"], param="payment_intent")
        if not payment["latest_charge"]:
            raise Refused(
                f"This PaymentIntent ({payment['id']}) does not have a successful charge to "
                "refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
                begun=True,
            )
        charge = store.get("charges", payment["latest_charge"])
    else:
        required(form, "charge")
        charge = store.get("charges", form["charge"], param="charge")
    left = charge["amount"] - charge["amount_refunded"]
    if charge["refunded"] or not left:
        raise Refused(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
            begun=True,
        )
    if charge["disputed"]:
        raise Refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            begun=True,
        )
    if charge["status"] != "succeeded":
        raise Refused(
            f"Charge {charge['id']} did not succeed.", code="charge_not_refundable", begun=True
        )
    amount = whole(form, "amount") if form.get("amount") else left
    if not 0 < amount <= left:
        raise Refused(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = store.add(
        "refunds",
        {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "payment_intent": charge["payment_intent"],
            "reason": form.get("reason"),
            "receipt_number": None,
            "status": "succeeded",
            "metadata": merged_metadata({}, form.get("metadata")),
        },
    )
    refund.pop("livemode", None)
    values = {"amount_refunded": charge["amount_refunded"] + amount, "refunded": amount == left}
    store.change("charges", charge, values, event="charge.refunded")
    return refund
