"""The orchard's shop: invented orders, customers and documents, awkward ones among them."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_DAY = datetime(2026, 1, 1, 8, tzinfo=UTC)
NAMES = ("Ada Byron", "Grace Okafor", "José Núñez", "Zoë O'Neil", "李 Wei", "Max  Mustermann ")
STATES = ("open", "packed", "sent", "returned")
ORDERS, CUSTOMERS, PRODUCTS = 230, 45, 25
PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def customers(chance: random.Random) -> dict[int, dict[str, Any]]:
    """Return the customers by id: one has no e-mail address, one an empty name."""
    made = {}
    for number in range(1, CUSTOMERS + 1):
        name = chance.choice(NAMES)
        made[number] = {
            "id": number,
            "name": "" if number == 13 else name,
            "email": None if number == 7 else f"customer.{number}@mail.example",
            "phone": f"+1617555{number:04}" if number % 3 else None,
            "vip": number % 10 == 0,
            "updated": int((FIRST_DAY + timedelta(hours=number)).timestamp()),
        }
    return made


def orders(chance: random.Random) -> dict[int, dict[str, Any]]:
    """Return the orders by id, one changed each hour; two at the same second."""
    made = {}
    for place in range(ORDERS):
        id = 1001 + place
        hours = place if place != 100 else 99
        made[id] = {
            "id": id,
            "number": f"{id:08}",  # leading zeros, which must stay
            "state": chance.choice(STATES),
            "total": round(chance.uniform(3, 900), 2),
            "customer": {"id": 1 + place % CUSTOMERS, "name": chance.choice(NAMES)},
            "note": 'Deliver to the back door, "quoted", ünïcode ✓' if place % 20 == 0 else None,
            "lines": [{"sku": f"APPLE-{place % PRODUCTS}", "count": 1 + place % 4}],
            "updated_at": f"{FIRST_DAY + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",
        }
    return made


def products() -> list[dict[str, Any]]:
    """Return the products: one has no id, one is no record at all where records are expected."""
    made: list[Any] = [
        {"sku": f"APPLE-{number}", "name": f"Apple no. {number}", "price": number + 0.5}
        for number in range(PRODUCTS)
    ]
    made.insert(3, {"name": "Windfall, not numbered yet", "price": 0})
    return made


def events() -> list[dict[str, Any]]:
    """Return what happened to orders, in order."""
    return [
        {
            "uuid": f"ev-{number:03}",
            "order": 1001 + number % 20,
            "at": 1767254400000 + number * 1000,
        }
        for number in range(60)
    ]
