"""An invented firm's books: twelve weeks of customers, payments and invoices, awkward ones included."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from plugins.stripe.practice import billing, payments
from plugins.stripe.practice.store import Json, Store

ACCOUNT_ID, ACCOUNT_NAME = "acct_practice0000", "Byron & Babbage LLP"

#: Name, address, what is odd about them.
PEOPLE: tuple[tuple[str | None, str | None], ...] = (
    ("Ada Byron", "ada@mail.example"),
    ("Chidi Okafor", "chidi.okafor@mail.example"),
    ("José Núñez", "jose@mail.example"),
    ("Wei Chen", "wei.chen@mail.example"),
    (None, "no.name@mail.example"),
    ("No Address Inc.", None),
    ("Zoë O'Hara", "zoe.ohara@mail.example"),
    ("Twice Registered", "twice@mail.example"),
    ("Twice Registered", "twice@mail.example"),
    ("Yuki Tanaka", "yuki@mail.example"),
    ("Omar Haddad", "omar@mail.example"),
    ("Priya Patel", "priya@mail.example"),
)
DAY = int(timedelta(days=1).total_seconds())


class Past:
    """Lets the books be written at earlier times."""

    def __init__(self, store: Store) -> None:
        self.store, self.start = store, store.now()

    @contextmanager
    def ago(self, days: float) -> Iterator[None]:
        clock = self.store.clock
        self.store.clock = lambda: self.start - days * DAY
        yield
        self.store.clock = clock


def write(store: Store) -> None:
    """Fill the books, from long ago to now; events older than 30 days are gone, as at Stripe."""
    past = Past(store)
    store.request = {"id": store.request_id(), "idempotency_key": None}
    with past.ago(84):
        prices = _catalogue(store)
    customers: list[Json] = []
    for place, (name, email) in enumerate(PEOPLE):
        with past.ago(80 - place * 6.5):
            customers.append(_customer(store, place, name, email))
    with past.ago(60):
        _invoice(store, customers[0], [("Initial consultation", 25000)], "paid")
    with past.ago(20):
        _invoice(store, customers[1], [("Five hours", 125000), ("Copies", 1250)], "paid")
    with past.ago(12):
        _invoice(store, customers[2], [("Two hours", 50000)], "failed")
    with past.ago(9):
        _invoice(store, customers[3], [("Draft", 100)], "draft")
    with past.ago(40):
        payments.succeed(store, _payment(store, customers[0], 150000, "usd", "Retainer"))
    with past.ago(18):
        paid = payments.succeed(store, _payment(store, customers[1], 99999, "usd", "Retainer"))
    with past.ago(15):
        payments.succeed(store, _payment(store, customers[9], 50000, "jpy", "Translation"))
    with past.ago(8):
        payments.decline(store, _payment(store, customers[3], 80000, "usd", "Retainer"))
    with past.ago(7):
        disputed = payments.succeed(store, _payment(store, customers[4], 4000, "usd", None))
        store.tables["charges"][disputed["latest_charge"]]["disputed"] = True
    with past.ago(6):
        late = _payment(store, customers[10], 12500, "eur", "Paid a day later")
    with past.ago(5):
        payments.succeed(store, late)
        billing.create_refund(
            store, {"payment_intent": paid["id"], "amount": "9999", "reason": "duplicate"}
        )
    with past.ago(50):
        _subscription(store, customers[0], prices[0], "active")
    with past.ago(25):
        ended = _subscription(store, customers[1], prices[0], "active")
    with past.ago(3):
        store.change("customers", customers[0], {"phone": "+12125550199"})
        values = {"status": "canceled", "canceled_at": store.now(), "ended_at": store.now()}
        store.change("subscriptions", ended, values, event="deleted")
    forget_old_events(store)


def forget_old_events(store: Store) -> None:
    """Drop events that are more than 30 days old (documented)."""
    events = store.tables["events"]
    ends = store.now() - 30 * DAY
    for id in [id for id, event in events.items() if event["created"] < ends]:
        del events[id]


def blank_customer() -> Json:
    """Return the fields of a customer; a part of those that Stripe has."""
    return {
        "address": None,
        "balance": 0,
        "currency": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": "PRAC",
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }


def _customer(store: Store, place: int, name: str | None, email: str | None) -> Json:
    address = {"line1": f"{place + 1} Main Street", "line2": None, "city": "Springfield"}
    address |= {"state": "IL", "postal_code": f"0620{place % 10}", "country": "US"}
    return store.add(
        "customers",
        {
            **blank_customer(),
            "id": f"cus_practice{place:04d}",
            "name": name,
            "email": email,
            "phone": f"+1212555{place:04d}",
            "description": "Client" if place % 2 else None,
            "currency": "usd",
            "address": address if place % 3 else None,
            "metadata": {"external_id": f"{place:05d}"} if place % 2 == 0 else {},
        },
    )


def _catalogue(store: Store) -> list[Json]:
    prices: list[Json] = []
    for name, amount, interval in (
        ("Monthly retainer", 20000, "month"),
        ("Consultation", 25000, None),
    ):
        product = store.add("products", {"name": name, "active": True, "description": None})
        place = len(prices)
        recurring = interval and {
            "interval": interval,
            "interval_count": 1,
            "usage_type": "licensed",
        }
        prices.append(
            store.add(
                "prices",
                {
                    "id": f"price_practice{place:04d}",
                    "active": True,
                    "currency": "usd",
                    "product": product["id"],
                    "recurring": recurring,
                    "type": "recurring" if recurring else "one_time",
                    "unit_amount": amount,
                    "unit_amount_decimal": str(amount),
                },
            )
        )
    return prices


def _payment(store: Store, customer: Json, amount: int, currency: str, about: str | None) -> Json:
    id = f"pi_practice{len(store.tables['payment_intents']):04d}"
    blank = payments.blank_payment(customer, amount, currency, about)
    return store.add("payment_intents", {"id": id, **blank})


def _invoice(store: Store, customer: Json, lines: list[tuple[str, int]], then: str) -> Json:
    invoice = billing.create_invoice(
        store,
        {
            "customer": customer["id"],
            "collection_method": "send_invoice",
            "days_until_due": "30",
            "description": lines[0][0],
        },
    )
    for description, amount in lines:
        form = {"customer": customer["id"], "invoice": invoice["id"], "description": description}
        billing.create_item(store, {**form, "amount": str(amount), "currency": "usd"})
    if then != "draft":
        billing.finalize(store, invoice)
    if then == "paid":
        billing.pay(store, invoice)
    if then == "failed":
        billing.fail_invoice(store, invoice)
    return invoice


def _subscription(store: Store, customer: Json, price: Json, status: str) -> Json:
    id = store.new_id("sub_")
    item = {
        "id": store.new_id("si_"),
        "object": "subscription_item",
        "price": price,
        "quantity": 1,
        "current_period_start": store.now(),
        "current_period_end": store.now() + 30 * DAY,
        "subscription": id,
    }
    url = f"/v1/subscription_items?subscription={id}"
    return store.add(
        "subscriptions",
        {
            "id": id,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "collection_method": "charge_automatically",
            "currency": price["currency"],
            "customer": customer["id"],
            "ended_at": None,
            "items": {"object": "list", "data": [item], "has_more": False, "url": url},
            "start_date": store.now(),
            "status": status,
            "trial_end": None,
        },
    )
