"""Addresses of webhooks that were given up: whoever still sends there is told so, and stops."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from engine.store.database import Store
from engine.store.hooks import Hook, get_hook
from engine.store.tables import hooks, retired_addresses
from engine.store.tokens import digest_of, new_token


def is_retired(store: Store, token: str) -> bool:
    """Return whether this was the token of an address that was given up."""
    table = retired_addresses.c
    with store.reading() as connection:
        found = connection.execute(select(table.digest).where(table.digest == digest_of(token)))
        return found.first() is not None


def new_address(store: Store, hook: Hook, now: datetime) -> Hook:
    """Give up the webhook's address for a new one; return the webhook as it is then."""
    token = new_token()
    with store.writing() as connection:
        connection.execute(
            insert(retired_addresses).values(digest=digest_of(hook.token), retired_at=now)
        )
        connection.execute(
            update(hooks)
            .where(hooks.c.id == hook.id)
            .values(
                address_digest=digest_of(token),
                address=store.vault.seal(token),
                asked_at=None,
                secret=None,
            )
        )
    found = get_hook(store, hook.id)
    assert found is not None
    return found


def forget_retired(store: Store, before: datetime) -> None:
    """Forget addresses given up before a moment; whoever sends there gets 404 from then on."""
    with store.writing() as connection:
        connection.execute(delete(retired_addresses).where(retired_addresses.c.retired_at < before))
