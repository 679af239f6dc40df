"""Settings of notices as a whole, encrypted: the mail server, the daily report."""

from typing import Any

from sqlalchemy import Connection, delete, select

from engine import redaction
from engine.store.database import Store, upsert
from engine.store.tables import notice_settings


def load_settings(store: Store, name: str, *, secret: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what was saved under a name; empty where nothing was.

    :param secret: which of the values are kept out of every log from now on.
    """
    with store.reading() as connection:
        sealed = connection.execute(
            select(notice_settings.c.sealed).where(notice_settings.c.name == name)
        ).scalar()
    found: dict[str, Any] = {} if sealed is None else store.vault.open(sealed)
    for key in secret:
        redaction.register(found.get(key))
    return found


def save_settings(store: Store, name: str, values: dict[str, Any]) -> None:
    with store.writing() as connection:
        put_settings(store, connection, name, values)


def put_settings(store: Store, connection: Connection, name: str, values: dict[str, Any]) -> None:
    """Do what :func:`save_settings` does, within a transaction."""
    row = {"name": name, "sealed": store.vault.seal(values)}
    upsert(connection, notice_settings, [row], update=["sealed"])


def remove_settings(store: Store, name: str) -> None:
    with store.writing() as connection:
        connection.execute(delete(notice_settings).where(notice_settings.c.name == name))
