"""What stands between a person and an account: invitations to Bridgework, consents at an app."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from engine.store.tables.base import UtcDateTime, metadata

# Links that let someone choose a password, once: a new user, or one who forgot theirs.
invitations = Table(
    "invitations",
    metadata,
    Column("email", String(200), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the link's token
    Column("invited_by", String(200), nullable=False),  # an address, or "the command line"
    Column("expires_at", UtcDateTime, nullable=False),
)

# Consent pages that someone was sent to and has not come back from.
consents = Table(
    "consents",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the state the app sends back
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # encrypted: the connection to be, PKCE's secret
    Column("expires_at", UtcDateTime, nullable=False),
)
