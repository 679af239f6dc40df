"""API tokens: what another system shows to subscribe; only a digest of each is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row

from engine.store import outbound
from engine.store.database import Store
from engine.store.tables import api_tokens, subscriptions
from engine.store.tokens import digest_of, new_token

#: Tells what it is where it is found by chance, e.g. by scanners of source code.
PREFIX = "bridgework_"

#: A token's last use is noted at most so often.
NOTED_EVERY = timedelta(minutes=1)

LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A token as it stands.

    :param name: what it is for, in an admin's words.
    :param made_by: the admin's address.
    """

    id: int
    name: str
    made_by: str
    created_at: datetime
    used_at: datetime | None


def make_token(store: Store, name: str, made_by: str, now: datetime) -> str:
    """Make a token and return it: the only time it can be seen."""
    token = PREFIX + new_token()
    row = {
        "name": name.strip()[:LONGEST_NAME],
        "digest": digest_of(token),
        "made_by": made_by,
        "created_at": now,
    }
    with store.writing() as connection:
        connection.execute(insert(api_tokens).values(row))
    return token


def find_token(store: Store, token: str, now: datetime) -> ApiToken | None:
    """Return the token that was shown, noting its use; None where there is none like it."""
    table = api_tokens.c
    with store.reading() as connection:
        row = connection.execute(select(api_tokens).where(table.digest == digest_of(token))).first()
    if row is None:
        return None
    if row.used_at is None or now - row.used_at >= NOTED_EVERY:
        with store.writing() as connection:
            connection.execute(update(api_tokens).where(table.id == row.id).values(used_at=now))
    return _token(row)


def list_tokens(store: Store) -> list[ApiToken]:
    with store.reading() as connection:
        rows = connection.execute(select(api_tokens).order_by(api_tokens.c.id))
        return [_token(row) for row in rows]


def revoke_token(store: Store, token_id: int) -> bool:
    """Remove a token and what was subscribed with it; return whether there was one."""
    mine = select(subscriptions.c.id).where(subscriptions.c.token_id == token_id)
    with store.writing() as connection:
        for id in connection.execute(mine).scalars().all():
            outbound.end(connection, id)
        gone = connection.execute(delete(api_tokens).where(api_tokens.c.id == token_id))
    return gone.rowcount == 1


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        made_by=row.made_by,
        created_at=row.created_at,
        used_at=row.used_at,
    )
