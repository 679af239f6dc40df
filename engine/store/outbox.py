"""What is still to be sent to other systems that subscribed.

An event is put into the outbox in the transaction that makes it true, one row for each subscriber.
It stays there until it was taken, so a crash sends it again rather than never: the receiver tells
by its event id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from engine.store.database import Store
from engine.store.tables import outbox, subscriptions

# Built once, because every chunk of every run asks.
_WANTED = (
    select(subscriptions.c.id, subscriptions.c.event)
    .where(subscriptions.c.state == "active")
    .where(subscriptions.c.recipe.in_([bindparam("of_recipe"), ""]))
)


@dataclass(frozen=True)
class Letter:
    """One event for one subscriber."""

    id: int
    event_id: str
    body: str
    created_at: datetime


def wanted_by(connection: Connection, recipe: str) -> dict[str, list[str]]:
    """Return by event the subscriptions that want it of this recipe; usually there are none."""
    found: dict[str, list[str]] = {}
    for id, event in connection.execute(_WANTED, {"of_recipe": recipe}):
        found.setdefault(event, []).append(id)
    return found


def post(
    connection: Connection,
    events: Sequence[tuple[str, str]],
    subscribers: Collection[str],
    now: datetime,
) -> None:
    """Put events into the outbox.

    :param events: id and body of each.
    :param subscribers: ids of the subscriptions they are for.
    """
    rows = [
        {"subscription_id": id, "event_id": event_id, "body": body, "created_at": now}
        for event_id, body in events
        for id in subscribers
    ]
    if rows:
        connection.execute(insert(outbox), rows)


def claim(store: Store, id: str, most: int, now: datetime, lasting: timedelta) -> list[Letter]:
    """Take the oldest events for a subscriber, so that no other process sends them.

    :param lasting: after that they are free again: whoever claimed them died.
    """
    table = outbox.c
    free = or_(table.claimed_until.is_(None), table.claimed_until <= now)
    with store.writing() as connection:
        oldest = select(table.id).where(table.subscription_id == id).order_by(table.id).limit(most)
        ids = list(connection.execute(oldest).scalars())
        # Asked once more: of two processes that saw the same rows, the second gets none of them.
        taken = connection.execute(
            update(outbox)
            .where(table.id.in_(ids), free)
            .values(claimed_until=now + lasting)
            .returning(table.id, table.event_id, table.body, table.created_at)
        ).all()
    return [Letter(*row) for row in sorted(taken)]


def release(store: Store, letters: Sequence[int]) -> None:
    """Give back events that were claimed and not sent."""
    if letters:
        with store.writing() as connection:
            connection.execute(
                update(outbox).where(outbox.c.id.in_(letters)).values(claimed_until=None)
            )


def sweep(store: Store) -> None:
    """Forget events whose subscriber left while they were being written."""
    left = outbox.c.subscription_id.not_in(select(subscriptions.c.id))
    with store.reading() as connection:
        some = connection.execute(select(outbox.c.id).where(left).limit(1)).first()
    if some is not None:
        with store.writing() as connection:
            connection.execute(delete(outbox).where(left))
