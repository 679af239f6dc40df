"""What the practice server holds, and the events that every change makes."""

import copy
import random
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from plugins.stripe.practice.answers import Refused, missing

Json = dict[str, Any]

#: By kind: how ids begin, and what the API calls one in its refusals.
KINDS = {
    "customers": ("cus_", "customer"),
    "products": ("prod_", "product"),
    "prices": ("price_", "price"),
    "payment_intents": ("pi_", "payment_intent"),
    "charges": ("ch_", "charge"),
    "refunds": ("re_", "refund"),
    "invoices": ("in_", "invoice"),
    "invoiceitems": ("ii_", "invoiceitem"),
    "subscriptions": ("sub_", "subscription"),
    "payment_links": ("plink_", "payment_link"),
    "webhook_endpoints": ("we_", "webhook_endpoint"),
    "events": ("evt_", "event"),
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#: Kinds whose changes make no events here.
SILENT = {"events", "webhook_endpoints"}

#: How events name a kind, where that differs.
EVENT_NAMES = {
    "subscriptions": "customer.subscription",
    "invoiceitems": "invoiceitem",
    "webhook_endpoints": "",
}


class Store:
    """Objects by kind and id, in the order in which they were made.

    :param clock: seconds since 1970.
    :param version: of the account, in which events are kept.
    """

    def __init__(self, seed: random.Random, clock: Callable[[], float], version: str) -> None:
        self.random, self.clock, self.version = seed, clock, version
        self.tables: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS}
        self.deleted: set[str] = set()
        self.listeners: list[Callable[[Json], None]] = []
        self._requests = count(1)
        self.numbers = count(1)
        #: Of the request that is being carried out; events name it.
        self.request: Json = {"id": None, "idempotency_key": None}

    def now(self) -> int:
        return int(self.clock())

    def new_id(self, prefix: str) -> str:
        return prefix + "".join(self.random.choices(ALPHABET, k=14))

    def request_id(self) -> str:
        return f"req_{next(self._requests):014d}"

    # -- reading -------------------------------------------------------------------------------

    def get(self, kind: str, id: str, *, param: str | None = None) -> Json:
        """Return an object.

        :param param: the field that names it; None where the path does.
        :raises Refused: there is none.
        """
        found = self.tables[kind].get(id)
        if found is None:
            status = 404 if param is None else 400
            raise missing(KINDS[kind][1], id, param=param or "id", status=status)
        return found

    def all(self, kind: str) -> list[Json]:
        """Return the objects of a kind, newest first."""
        rows = list(self.tables[kind].values())[::-1]
        return sorted(rows, key=lambda row: -int(row.get("created") or row.get("date") or 0))

    # -- changing ------------------------------------------------------------------------------

    def add(self, kind: str, values: Mapping[str, Any], *, event: str = "created") -> Json:
        """Add an object; ``event`` is the last part of its event's name, empty for none."""
        prefix, name = KINDS[kind]
        row: Json = {
            "id": values.get("id") or self.new_id(prefix),
            "object": name,
            "created": self.now(),
            "livemode": False,
            "metadata": {},
            **values,
        }
        self.tables[kind][row["id"]] = row
        if event:
            self.tell(kind, event, row)
        return row

    def change(
        self, kind: str, row: Json, values: Mapping[str, Any], *, event: str = "updated"
    ) -> Json:
        """Change an object; what it was before stands in the event."""
        before = {name: row.get(name) for name, value in values.items() if row.get(name) != value}
        row.update(values)
        if before and event:
            self.tell(kind, event, row, before if event == "updated" else None)
        return row

    def delete(self, kind: str, id: str) -> Json:
        """Take an object away; a customer can still be asked for afterwards."""
        row = self.get(kind, id)
        del self.tables[kind][id]
        self.deleted.add(id)
        self.tell(kind, "deleted", row)
        return {"id": id, "object": KINDS[kind][1], "deleted": True}

    def tell(self, kind: str, event: str, row: Json, before: Json | None = None) -> None:
        """Make an event and tell whoever listens."""
        if kind in SILENT:
            return
        name = event if "." in event else f"{EVENT_NAMES.get(kind, KINDS[kind][1])}.{event}"
        made = self.add(
            "events",
            {
                "api_version": self.version,
                "type": name,
                "data": {
                    "object": copy.deepcopy(row),
                    **({"previous_attributes": before} if before else {}),
                },
                "pending_webhooks": 0,
                "request": dict(self.request),
            },
            event="",
        )
        made.pop("metadata")
        for listener in self.listeners:
            listener(made)


def merged_metadata(row: Mapping[str, Any], given: Any) -> dict[str, str]:
    """Return metadata after a change: names stay unless given anew; an empty one goes.

    :raises Refused: there are more, or longer ones, than Stripe keeps.
    """
    if given == "":
        return {}
    kept = {**(row.get("metadata") or {}), **(given or {})}
    kept = {name: value for name, value in kept.items() if value != ""}
    if len(kept) > 50:
        raise Refused("You can have at most 50 metadata keys.", param="metadata")
    for name, value in kept.items():
        if len(name) > 40 or len(value) > 500:
            raise Refused(
                f"Metadata values can have up to 500 characters, but '{name}' has {len(value)}.",
                param=f"metadata[{name}]",
            )
    return kept


def newest(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: -int(row["created"]))
