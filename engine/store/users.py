"""Users: who may log in to the pages; passwords are kept as hashes made elsewhere."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Row

from engine.errors import SetupError
from engine.store.database import Store
from engine.store.tables import users


@dataclass(frozen=True, kw_only=True)
class User:
    """A person with a log-in.

    :param email: in lower case.
    """

    id: int
    email: str
    password_hash: str = field(repr=False)


def has_users(store: Store) -> bool:
    with store.reading() as connection:
        return connection.execute(select(users.c.id).limit(1)).first() is not None


def add_first_user(store: Store, email: str, password_hash: str) -> None:
    """Make the admin of a fresh home.

    :raises SetupError: there is a user already, be it since a moment ago.
    """
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's writers take turns anyway
            connection.exec_driver_sql("LOCK TABLE users IN EXCLUSIVE MODE")
        if connection.execute(select(users.c.id).limit(1)).first() is not None:
            raise SetupError("There is an admin already.", hint="Log in with their address.")
        connection.execute(
            insert(users).values(
                email=email.strip().lower(),
                password_hash=password_hash,
                created_at=datetime.now(UTC),
            )
        )


def get_user(store: Store, user_id: int) -> User | None:
    with store.reading() as connection:
        row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return None if row is None else _user(row)


def find_user(store: Store, email: str) -> User | None:
    """Return the user with this e-mail address, however it is capitalised."""
    with store.reading() as connection:
        row = connection.execute(
            select(users).where(users.c.email == email.strip().lower())
        ).first()
    return None if row is None else _user(row)


def _user(row: Row[Any]) -> User:
    return User(id=row.id, email=row.email, password_hash=row.password_hash)
