"""Sends under way that must not be made twice: written before each, removed with its outcome."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from engine.store.tables.base import UtcDateTime, metadata

intents = Table(
    "intents",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("record_key", String(300), primary_key=True),  # of the link that it will become
    Column("fingerprint", LargeBinary(16), nullable=False),  # of the row
    Column("idempotency_key", String(32), nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),  # not before
    sqlite_with_rowid=False,
)

# What steps did for records that are not settled yet, while their links are kept: whoever reads the
# records again reports that, and not that they were unchanged.
unreported = Table(
    "unreported",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("record_key", String(300), primary_key=True),
    Column("outcome", String(12), nullable=False),
    sqlite_with_rowid=False,
)
