"""The mill: a connector whose orders are a plain list that a test fills, awkward ones included."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.sdk import (
    BadRecord,
    Connector,
    Context,
    Record,
)

ORDER = {
    "id": "1",
    "title": "Order 1",
    "changed_at": "2026-11-24T10:00:00+00:00",
    "colour": "red",
    "weight": 5,
    "shelf": "A",
    "note": "",
    "customer": {"id": "c1", "name": "Ada", "email": "ada@mill.example", "phone": ""},
}


def order(id: Any, **fields: Any) -> Record:
    """Return an order; unnamed fields are as in the sample."""
    return {**ORDER, "id": id, "title": f"Order {id}", **fields}


@dataclass
class Mill:
    """The orders there are.

    An entry may also be a BadRecord, an exception (the source fails there) or a function (called
    when the reading comes to it, for what happens meanwhile).
    """

    orders: list[Any] = field(default_factory=list)
    asked_since: list[datetime | None] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    vanished: dict[str, str] = field(default_factory=dict)

    def read(self) -> Iterator[Any]:
        for entry in list(self.orders):
            if isinstance(entry, Exception):
                raise entry
            if callable(entry):
                entry()
            else:
                yield entry


def mill_connector(mill: Mill) -> Connector:
    connector = Connector(name="mill", title="The Mill")

    def fetch_order(ctx: Context, key: str, shelf: str | None = None) -> Record | None:
        mill.fetched.append(f"{key}@{shelf}")
        found = [o for o in mill.orders if isinstance(o, dict) and str(o["id"]) == key]
        return found[-1] if found else None

    def changed(since: datetime | None) -> Iterator[Record]:
        mill.asked_since.append(since)
        for entry in mill.read():
            told = since is None or isinstance(entry, BadRecord)
            if told or datetime.fromisoformat(entry["changed_at"]) >= since:
                yield entry

    declared = {"key": "id", "label": "title", "noun": "order", "sample": ORDER}

    @connector.trigger("Order changed", cursor="changed_at", fetch=fetch_order, **declared)
    def order_changed(
        ctx: Context, since: datetime | None, shelf: str | None = None
    ) -> Iterator[Record]:
        """Start with each order that changed."""
        yield from changed(since)

    @connector.trigger("Order changed, never asked again", cursor="changed_at", **declared)
    def order_told(ctx: Context, since: datetime | None) -> Iterator[Record]:
        """Start with each order that changed; one can't be read again by its key."""
        yield from changed(since)

    @connector.trigger("Order of any shape", key="id", sample=ORDER, schema=lambda ctx: {})
    def order_open(ctx: Context) -> Iterator[Record]:
        """Start with every order there is; nothing is known of their fields."""
        yield from mill.read()

    @connector.trigger("Order listed", **declared)
    def order_listed(ctx: Context, shelf: str | None = None) -> Iterator[Record]:
        """Start with every order there is."""
        for path, reason in mill.vanished.items():
            ctx.vanished(path, reason)
        yield from mill.read()

    @connector.action("Keep a title", noun="title", sample={"id": "1"})
    def keep(ctx: Context, title: str) -> Record:
        """Keep a title at the mill itself, in memory."""
        mill.kept.append(title)
        return {"id": len(mill.kept)}

    return connector
