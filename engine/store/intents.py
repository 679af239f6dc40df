"""Intents: what may have been sent, should the process die before it hears the answer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from engine.store.bulk import among
from engine.store.database import Store, upsert
from engine.store.tables import intents

_OF_STEP = (
    intents.c.recipe == bindparam("of_recipe"),
    intents.c.step == bindparam("of_step"),
    among(intents.c.record_key, "keys"),
)
# Statements of every chunk are built once, as in engine.run.lookups.
_FIND = select(
    intents.c.record_key, intents.c.fingerprint, intents.c.idempotency_key, intents.c.sent_at
).where(*_OF_STEP)
_FORGET = delete(intents).where(*_OF_STEP)


@dataclass(frozen=True)
class Intent:
    """A row that was about to be sent.

    :param key: of its link.
    :param fingerprint: of the row.
    :param idempotency_key: that it was sent with.
    :param sent_at: it was sent then or within moments after, if it was sent at all.
    """

    key: str
    fingerprint: bytes
    idempotency_key: str
    sent_at: datetime


def find_intents(store: Store, recipe: str, step: str, keys: Sequence[str]) -> dict[str, Intent]:
    """Return the intents of these keys, by key: what became of them is not known."""
    given = {"of_recipe": recipe, "of_step": step, "keys": keys}
    with store.reading() as connection:
        return {row[0]: Intent(*row) for row in connection.execute(_FIND, given)}


def write_intents(
    connection: Connection, recipe: str, step: str, run_id: int, new: Iterable[Intent]
) -> None:
    """Write down what is about to be sent; an earlier intent of the same key gives way."""
    rows = [
        {
            "recipe": recipe,
            "step": step,
            "record_key": intent.key,
            "fingerprint": intent.fingerprint,
            "idempotency_key": intent.idempotency_key,
            "run_id": run_id,
            "sent_at": intent.sent_at,
        }
        for intent in new
    ]
    changing = ("fingerprint", "idempotency_key", "run_id", "sent_at")
    upsert(connection, intents, rows, update=changing)


def forget_intents(connection: Connection, recipe: str, step: str, keys: Collection[str]) -> None:
    """Remove intents whose outcome is being written in the same transaction."""
    if keys:
        given = {"of_recipe": recipe, "of_step": step, "keys": list(keys)}
        connection.execute(_FORGET, given)
