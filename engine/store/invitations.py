"""Invitations: a link that lets someone choose a password, once; for new users and forgotten ones.

Whoever invites hands the link over; no mail is sent. The database keeps a hash of it only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.engine import Row

from engine.errors import SetupError
from engine.store.database import Store, take_turns, upsert
from engine.store.tables import invitations
from engine.store.tokens import digest_of, new_token
from engine.store.users import normal, put_user

#: How long a link is good.
LASTS = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Someone may choose a password.

    :param email: whose.
    :param invited_by: the address of a user, or ``the command line``.
    """

    email: str
    invited_by: str
    expires_at: datetime


def invite(store: Store, email: str, invited_by: str) -> str:
    """Return the token of a new link for ``email``; an older one no longer counts."""
    token = new_token()
    row = {
        "email": normal(email),
        "digest": digest_of(token),
        "invited_by": invited_by,
        "expires_at": datetime.now(UTC) + LASTS,
    }
    with store.writing() as connection:
        connection.execute(delete(invitations).where(invitations.c.expires_at < datetime.now(UTC)))
        upsert(connection, invitations, [row], update=["digest", "invited_by", "expires_at"])
    return token


def find_invitation(store: Store, token: str) -> Invitation | None:
    """Return whom a link is for; None where it was used, taken back or is too old."""
    with store.reading() as connection:
        row = connection.execute(_open().where(invitations.c.digest == digest_of(token))).first()
    return None if row is None else _invitation(row)


def accept_invitation(store: Store, token: str, password_hash: str) -> str:
    """Give whom a link is for the password they chose; return their address.

    :raises SetupError: the link no longer counts.
    """
    found = find_invitation(store, token)
    with store.writing() as connection:
        take_turns(connection, "users")
        used = connection.execute(
            delete(invitations).where(invitations.c.digest == digest_of(token))
        )
        if found is None or used.rowcount != 1:
            raise SetupError("This link was used already or is too old.", hint="Ask for a new one.")
        put_user(connection, found.email, password_hash)
    return found.email


def open_invitations(store: Store) -> list[Invitation]:
    with store.reading() as connection:
        return [_invitation(row) for row in connection.execute(_open())]


def take_back(store: Store, email: str) -> None:
    """Let a link no longer count."""
    with store.writing() as connection:
        connection.execute(delete(invitations).where(invitations.c.email == normal(email)))


def _open() -> Select[Any]:
    still = invitations.c.expires_at >= datetime.now(UTC)
    return select(invitations).where(still).order_by(invitations.c.email)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(email=row.email, invited_by=row.invited_by, expires_at=row.expires_at)
