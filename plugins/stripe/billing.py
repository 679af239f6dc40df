"""Invoices, refunds and payment links, and notes of one's own on anything in Stripe."""

from typing import Annotated, Any, Literal

from engine.sdk import Context, Field, InputError, NotRequired, Record, TypedDict
from plugins.stripe import api
from plugins.stripe.customers import CustomerId, Metadata, path_id, quoted
from plugins.stripe.fields import Invoice, Payment, Refund
from plugins.stripe.money import to_minor
from plugins.stripe.options import Price
from plugins.stripe.records import to_invoice, to_payment, to_refund

Amount = Annotated[
    str, Field("Amount", "In the currency's own units, such as 1234.50; plain, without a sign.")
]
Currency = Annotated[str, Field("Currency", "Its code of three letters, such as usd.")]

#: What metadata can be set on, and where that is in the API.
NOTED = {
    "customer": "customers",
    "payment": "payment_intents",
    "charge": "charges",
    "refund": "refunds",
    "invoice": "invoices",
    "subscription": "subscriptions",
    "product": "products",
    "price": "prices",
}


class Line(TypedDict):
    """One line of a new invoice: a description with an amount, or a price of the catalogue."""

    description: NotRequired[Annotated[str, Field("Description")]]
    amount: NotRequired[Amount]
    price: NotRequired[Annotated[str, Field("Price", "The id of a price, instead of an amount.")]]
    quantity: NotRequired[Annotated[int, Field("Quantity", "Of a price; 1 if left out.")]]


def create_invoice(
    ctx: Context,
    customer: CustomerId,
    lines: Annotated[list[Line], Field("Lines")],
    currency: Currency = "usd",
    days_until_due: Annotated[
        int, Field("Days until due", "The invoice is sent to be paid; nothing is charged.")
    ] = 30,
    description: Annotated[str | None, Field("Description", "Stands on the invoice.")] = None,
    then: Annotated[
        Literal["draft", "finalize", "send"],
        Field(
            "Then",
            "Leave it a draft, finalize it (it gets its number and page), or also have Stripe "
            "mail it to the customer; nothing is mailed in test mode.",
        ),
    ] = "draft",
    metadata: Metadata = None,
) -> Invoice:
    """Make an invoice with its lines.

    It takes a request for the invoice and one for each line. If that is cut short, the next try goes
    on where it ended: each request has its own key.
    """
    if not lines:
        raise InputError(
            "The invoice has no lines.", hint="Give it one.", field="lines", code="no_lines"
        )
    items = [_line(line, currency, place) for place, line in enumerate(lines)]
    values = {
        "customer": path_id(customer),
        "currency": currency.lower(),
        "collection_method": "send_invoice",
        "days_until_due": days_until_due,
        "description": description,
        "auto_advance": False,
        # Else whatever waits for the customer's next invoice would be on this one.
        "pending_invoice_items_behavior": "exclude",
        "metadata": metadata or None,
    }
    invoice = api.post(ctx, "invoices", values, part="invoice")
    id = invoice["id"]
    for place, item in enumerate(items):
        line = {**item, "customer": path_id(customer), "invoice": id}
        api.post(ctx, "invoiceitems", line, part=f"line {place}")
    if then != "draft":
        api.post(ctx, f"invoices/{id}/finalize", {"auto_advance": False}, part="finalize")
    if then == "send":
        api.post(ctx, f"invoices/{id}/send", {}, part="send")
    return to_invoice(api.get(ctx, f"invoices/{id}"))


def add_invoice_item(
    ctx: Context,
    customer: CustomerId,
    amount: Amount,
    description: Annotated[str, Field("Description")],
    currency: Currency = "usd",
    metadata: Metadata = None,
) -> Record:
    """Add a line to the customer's next invoice, e.g. to that of a subscription."""
    values = {
        "customer": path_id(customer),
        "amount": to_minor(amount, currency),
        "currency": currency.lower(),
        "description": description,
        "metadata": metadata or None,
    }
    made = api.post(ctx, "invoiceitems", values)
    return {"id": made["id"], "customer": made["customer"], "description": made["description"]}


def create_refund(
    ctx: Context,
    payment: Annotated[str, Field("Payment", "The id of a payment (pi_…) or of a charge (ch_…).")],
    amount: Annotated[
        str | None, Field("Amount", "In the currency's own units; all that is left if not said.")
    ] = None,
    reason: Annotated[
        Literal["duplicate", "fraudulent", "requested_by_customer"] | None, Field("Reason")
    ] = None,
    metadata: Metadata = None,
) -> Refund:
    """Give money back, wholly or in part."""
    id = path_id(payment)
    kind, path = ("charge", "charges") if id.startswith(("ch_", "py_")) else _PAYMENT
    minor = None
    if amount is not None:
        minor = to_minor(amount, str(api.get(ctx, f"{path}/{id}")["currency"]))
    values = {kind: id, "amount": minor, "reason": reason, "metadata": metadata or None}
    return to_refund(api.post(ctx, "refunds", values))


_PAYMENT = ("payment_intent", "payment_intents")


def create_payment_link(
    ctx: Context,
    price: Price,
    quantity: Annotated[int, Field("Quantity")] = 1,
    metadata: Metadata = None,
) -> Record:
    """Make a page on which anybody can pay; the link is good until somebody switches it off."""
    values = {
        "line_items": [{"price": path_id(price), "quantity": quantity}],
        "metadata": metadata or None,
    }
    made = api.post(ctx, "payment_links", values)
    return {"id": made["id"], "url": made["url"], "active": made["active"]}


def update_metadata(
    ctx: Context,
    kind: Annotated[
        Literal[
            "customer",
            "payment",
            "charge",
            "refund",
            "invoice",
            "subscription",
            "product",
            "price",
        ],
        Field("Of a"),
    ],
    id: Annotated[str, Field("Id", "Such as in_1Pgc6tB7WZ01zgkWu9fdqL6I.")],
    metadata: Annotated[
        dict[str, str],
        Field("Metadata", "Values by name; others stay, and an empty one takes a name away."),
    ],
) -> Record:
    """Note values of your own on something in Stripe, e.g. the number of a matter on an invoice."""
    saved = api.post(ctx, f"{NOTED[kind]}/{path_id(id)}", {"metadata": metadata})
    return {"id": saved["id"], "metadata": saved["metadata"]}


def find_payment(
    ctx: Context, payment: Annotated[str, Field("Payment", "Its id (pi_…).")]
) -> Payment | None:
    """Find a payment by its id."""
    found = api.find_one(ctx, f"payment_intents/{path_id(payment)}")
    return None if found is None else to_payment(found)


def find_invoice(
    ctx: Context,
    invoice: Annotated[str | None, Field("Invoice", "Its id (in_…).")] = None,
    number: Annotated[str | None, Field("Number", "As it stands on the invoice.")] = None,
) -> Invoice | None:
    """Find an invoice by its id or by its number.

    By its number it is found up to a minute after it was finalized.
    """
    if invoice:
        found = api.find_one(ctx, f"invoices/{path_id(invoice)}")
    elif number:
        query = f"number:'{quoted(number.strip())}'"
        answer = api.get(ctx, "invoices/search", {"query": query, "limit": 1})
        found = next(iter(answer.get("data") or []), None)
    else:
        raise InputError(
            "Neither an id nor a number is given to find an invoice by.",
            hint="Fill one of them in.",
            field="invoice",
            code="nothing_to_find_by",
        )
    return None if found is None else to_invoice(found)


def _line(line: Line, currency: str, place: int) -> dict[str, Any]:
    """Return an invoice item of a line.

    :raises InputError: it has neither an amount nor a price, or both.
    """
    amount, price = line.get("amount"), line.get("price")
    if (amount is None) == (price is None):
        raise InputError(
            f"Line {place + 1} of the invoice needs an amount or a price, and not both.",
            hint="Write `amount: …` with a description, or `price: price_…`.",
            field="lines",
            code="no_amount",
        )
    if price is not None:
        sold = {"pricing": {"price": path_id(price)}, "quantity": line.get("quantity", 1)}
        return {**sold, "description": line.get("description")}
    return {
        "amount": to_minor(str(amount), currency, "lines"),
        "currency": currency.lower(),
        "description": line.get("description"),
    }
