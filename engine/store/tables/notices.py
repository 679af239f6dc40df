"""Notices to people, who wants which, and what became of each on its way to them."""

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

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("about", String(300), nullable=False),  # "connection:clio", "recipe:NAME", "question:12"
    Column("subject", String(300), nullable=False),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=False, default=""),  # where a mail shows more than the body
    Column("link", String(500), nullable=False, default=""),  # a path of the pages
    Column("send_to", JSON),  # only to these e-mail addresses; null: to whoever wants its kind
    Column("reminder", Boolean, nullable=False, default=False),  # of one that stands
    Column("at", UtcDateTime, nullable=False),
    # Kind and subject matter while it stands: so it is there once, whoever asks at once.
    Column("standing", String(350), unique=True),
    Column("repeats", Integer, nullable=False, default=0),  # how often it came again meanwhile
    Column("repeated_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("handed_out_at", UtcDateTime),  # when its deliveries were written
)

notice_deliveries = Table(
    "notice_deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", ForeignKey("notices.id", ondelete="CASCADE"), nullable=False),
    Column("recipient", String(300), nullable=False),  # "mail:ann@firm.example", "channel:3"
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", UtcDateTime),  # null: sent, or given up
    Column("tried_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("problem", Text, nullable=False, default=""),  # why the last try failed
    UniqueConstraint("notice_id", "recipient"),
    Index("ix_notice_deliveries_due_at", "due_at"),
    Index("ix_notice_deliveries_recipient", "recipient", "tried_at"),
)

notice_reads = Table(
    "notice_reads",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("notice_id", ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True),
)

notice_channels = Table(
    "notice_channels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),  # mail, slack, webhook
    Column("topics", JSON, nullable=False),
    Column("place", String(300), nullable=False),  # whom or what it reaches, without secrets
    Column("secrets", LargeBinary, nullable=False),  # encrypted: addresses that are keys, and keys
    Column("enabled", Boolean, nullable=False, default=True),
    Column("created_at", UtcDateTime, nullable=False),
)

# What an admin switched off or on for their own address; who never did gets what is the default.
notice_preferences = Table(
    "notice_preferences",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("topics", JSON, nullable=False),
)

notice_settings = Table(
    "notice_settings",
    metadata,
    Column("name", String(40), primary_key=True),  # smtp, report
    Column("sealed", LargeBinary, nullable=False),  # encrypted
)
