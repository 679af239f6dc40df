"""What callers of webhooks were answered: kept, encrypted, with the delivery, the first answer only.

So the same delivery has the same answer however often it is sent, also after a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from engine.store.database import Store
from engine.store.deliveries import stored_id
from engine.store.tables import deliveries
from engine.webhooks import HookReply

#: It stays as it is where it is there: the caller may have it already.
_KEEP = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), deliveries.c.answer.is_(None))
    .values(answer=bindparam("given"), answered_at=bindparam("at"))
)


@dataclass(frozen=True)
class Sight:
    """How a delivery stands.

    :param answer: what its caller gets; None while nobody has said it.
    """

    state: str
    outcome: str | None
    answer: HookReply | None


def keep_answers(store: Store, answers: Mapping[int, HookReply], at: datetime) -> None:
    """Keep what callers are answered, by the ids of their deliveries."""
    with store.writing() as connection:
        keep_answers_within(store, connection, answers, at)


def keep_answers_within(
    store: Store, connection: Connection, answers: Mapping[int, HookReply], at: datetime
) -> None:
    """Keep answers within a transaction that is open."""
    rows = [
        {"delivery": id, "given": store.vault.seal(_document(reply)), "at": at}
        for id, reply in answers.items()
    ]
    if rows:
        connection.execute(_KEEP, rows)


def look_at(store: Store, hook_id: int, delivery_id: str) -> Sight | None:
    """Return how a delivery stands, by the sender's id; None where there is none."""
    table = deliveries.c
    query = select(table.state, table.outcome, table.answer).where(
        table.hook_id == hook_id, table.delivery_id == stored_id(delivery_id)
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    answer = None if row.answer is None else HookReply(**store.vault.open(row.answer))
    return Sight(row.state, row.outcome, answer)


def forget_answers(store: Store, before: datetime) -> int:
    """Forget what callers were answered before a moment; return how many answers that were."""
    with store.writing() as connection:
        gone = connection.execute(
            update(deliveries).where(deliveries.c.answered_at < before).values(answer=None)
        )
        return gone.rowcount


def _document(reply: HookReply) -> dict[str, Any]:
    return {"status": reply.status, "body": reply.body, "headers": dict(reply.headers)}
