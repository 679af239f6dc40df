"""Users: who may log in to the pages; passwords are kept as hashes made elsewhere."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Row

from engine.errors import SetupError
from engine.store.database import Store, take_turns
from engine.store.tables import invitations, users

EMAIL = re.compile(r"\s*[^@\s]+@[^@\s]+\s*")


@dataclass(frozen=True, kw_only=True)
class User:
    """A person with a log-in.

    :param email: in lower case.
    """

    id: int
    email: str
    password_hash: str = field(repr=False)
    created_at: datetime

    @property
    def stamp(self) -> str:
        """Return what changes with the password; a session that knows another one is over."""
        return hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]


def has_users(store: Store) -> bool:
    with store.reading() as connection:
        return connection.execute(select(users.c.id).limit(1)).first() is not None


def add_first_user(store: Store, email: str, password_hash: str) -> None:
    """Make the admin of a fresh home.

    :raises SetupError: there is a user already, be it since a moment ago.
    """
    with store.writing() as connection:
        take_turns(connection, "users")
        if connection.execute(select(users.c.id).limit(1)).first() is not None:
            raise SetupError("There is an admin already.", hint="Log in with their address.")
        put_user(connection, email, password_hash)


def put_user(connection: DatabaseConnection, email: str, password_hash: str) -> None:
    """Make a user, or give the one of this address another password."""
    email = normal(email)
    changed = connection.execute(
        update(users).where(users.c.email == email).values(password_hash=password_hash)
    )
    if not changed.rowcount:
        row = {"email": email, "password_hash": password_hash, "created_at": datetime.now(UTC)}
        connection.execute(insert(users).values(row))


def set_password(store: Store, user_id: int, password_hash: str) -> None:
    """Change a user's password; sessions begun with the old one are over."""
    with store.writing() as connection:
        connection.execute(
            update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        )


def remove_user(store: Store, email: str) -> None:
    """Take a user's log-in away, at once.

    :raises SetupError: there is none of that address, or no other: then anyone could make one.
    """
    with store.writing() as connection:
        take_turns(connection, "users")
        user = connection.execute(select(users.c.id).where(users.c.email == normal(email))).first()
        if user is None:
            raise SetupError(
                f"There is no user {email!r}.", hint="`bridgework users` lists who may log in."
            )
        if connection.execute(select(func.count()).select_from(users)).scalar() == 1:
            raise SetupError(
                f"{email!r} is the only user, and someone must be able to log in.",
                hint="Add another user first.",
            )
        connection.execute(delete(users).where(users.c.id == user.id))
        connection.execute(delete(invitations).where(invitations.c.email == normal(email)))


def list_users(store: Store) -> list[User]:
    with store.reading() as connection:
        return [_user(row) for row in connection.execute(select(users).order_by(users.c.email))]


def get_user(store: Store, user_id: int) -> User | None:
    with store.reading() as connection:
        row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return None if row is None else _user(row)


def find_user(store: Store, email: str) -> User | None:
    """Return the user with this e-mail address, however it is capitalised."""
    with store.reading() as connection:
        row = connection.execute(select(users).where(users.c.email == normal(email))).first()
    return None if row is None else _user(row)


def normal(email: str) -> str:
    """Return an address as it is stored and compared."""
    return email.strip().lower()


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        email=row.email,
        password_hash=row.password_hash,
        created_at=row.created_at,
    )
