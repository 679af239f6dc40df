"""Webhooks out: who subscribed to what recipes do, what is still to be sent, and who may subscribe."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from engine.store.tables.base import UtcDateTime, metadata

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),  # what it is for, in an admin's words
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256; the token isn't kept
    Column("made_by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),  # random
    Column("token_id", ForeignKey("api_tokens.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("recipe", String(120), nullable=False),  # "": every recipe
    Column("target", LargeBinary, nullable=False),  # encrypted: the address holds its own secret
    Column("target_digest", String(64), nullable=False),  # SHA-256: the same one is kept once
    Column("host", String(255), nullable=False),  # for people
    Column("secret", LargeBinary, nullable=False),  # encrypted: what requests are signed with
    Column("state", String(10), nullable=False),  # active, broken
    Column("problem", Text, nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failing_since", UtcDateTime),
    Column("retry_at", UtcDateTime),  # nothing is sent before, after a failure
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("ix_subscriptions_event_recipe", "event", "recipe"),
)

# Written in the transaction that makes it true. No foreign key to subscriptions: one that ends
# while a run settles a chunk must not fail the run. What is left over is swept.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", String(32), nullable=False),
    Column("event_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),  # being sent by a process that may die
    Index("ix_outbox_subscription", "subscription_id", "id"),
)
