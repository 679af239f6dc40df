"""Where webhooks are sent: a secret address each, found by its hash, and those given up."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select

from engine.store.database import Store
from engine.store.tables import retired_addresses


def is_retired(store: Store, token: str) -> bool:
    """Return whether this was the token of an address that was given up."""
    table = retired_addresses.c
    with store.reading() as connection:
        found = connection.execute(select(table.digest).where(table.digest == digest_of(token)))
        return found.first() is not None


def forget_retired(store: Store, before: datetime) -> None:
    """Forget addresses given up before ``before``; whoever sends there gets 404 from then on."""
    with store.writing() as connection:
        connection.execute(delete(retired_addresses).where(retired_addresses.c.retired_at < before))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)
