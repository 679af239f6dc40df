"""Webhooks in: their addresses and what they delivered."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.tables.base import UtcDateTime, metadata

hooks = Table(
    "hooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe", String(120), nullable=False),
    Column("connection", String(80), nullable=False),
    Column("trigger", String(160), nullable=False),  # connector.trigger
    Column("parameters", JSON, nullable=False),  # the trigger's, as subscribed for
    Column("address_digest", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("address", LargeBinary, nullable=False),  # encrypted: the token in the address's path
    Column("secret", LargeBinary),  # encrypted: what requests are signed with; None: not known
    Column("state", String(10), nullable=False),  # pending, enabled, broken, removed
    Column("problem", Text, nullable=False, default=""),
    Column("subscription_id", String(300), nullable=False, default=""),  # the vendor's; "": none
    Column("expires_at", UtcDateTime),
    Column("subscribed_at", UtcDateTime),
    Column("reached_at", String(300), nullable=False, default=""),  # our address then
    Column("asked_at", UtcDateTime),  # subscribing began and its answer isn't stored yet
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("retry_at", UtcDateTime),  # not before, after a failure
    Column("refused", Integer, nullable=False, default=0),  # requests that were not genuine
    Column("refused_at", UtcDateTime),
    Column("refused_because", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("recipe", "connection"),
)

# Addresses given up: a vendor that still sends there is told so, and stops.
retired_addresses = Table(
    "retired_addresses",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("retired_at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hook_id", ForeignKey("hooks.id", ondelete="CASCADE"), nullable=False),
    Column("delivery_id", String(200), nullable=False),
    Column("event", String(100), nullable=False, default=""),
    Column("record_key", String(300)),  # read afresh by it; None: the record is kept here
    Column("payload", LargeBinary),  # encrypted: the record, or the whole request if `raw`
    Column("raw", Boolean, nullable=False, default=False),  # its connector couldn't read it
    Column("state", String(10), nullable=False),  # waiting, done, ignored, unreadable
    Column("received_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),  # runs that took it
    Column("run_id", Integer),  # that settled it
    Column("outcome", String(12)),
    Column("problem", Text, nullable=False, default=""),
    Column("answer", LargeBinary),  # encrypted: what its caller was answered; None: nothing (yet)
    Column("answered_at", UtcDateTime),
    UniqueConstraint("hook_id", "delivery_id"),
    Index("ix_deliveries_state", "state", "hook_id", "id"),
    Index("ix_deliveries_received_at", "received_at"),
)
