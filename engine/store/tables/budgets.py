"""What a connection may still ask for, shared by all processes."""

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from engine.store.tables.base import metadata

# Times are seconds since 1970, as the sums with them are done in one place (store/budgets.py).
budgets = Table(
    "budgets",
    metadata,
    Column("connection", String(80), primary_key=True),
    # By rate: [[slot, requests], …] of the slots that still count.
    Column("spent", JSON, nullable=False),
    Column("told", Integer),  # the vendor's own number for the first rate
    Column("remaining", Integer),  # what the vendor said is left …
    Column("until", Float, nullable=False),  # … until then
    Column("closed_until", Float, nullable=False),  # nothing may be sent before
)
