"""Webhooks out: who subscribed to what recipes do, and how it goes with telling them."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update
from sqlalchemy.engine import Row

from engine import redaction
from engine.errors import InputError
from engine.store.database import Store
from engine.store.notices import add_notice, close_notice
from engine.store.tables import api_tokens, outbox, subscriptions
from engine.store.tokens import digest_of, new_token

Event = Literal["run.finished", "record.created", "record.updated", "record.rejected"]
EVENTS: tuple[Event, ...] = (
    "run.finished",
    "record.created",
    "record.updated",
    "record.rejected",
)

#: The kind of notice that says that a subscription is given up.
BROKE = "webhook_broke"

#: Subscriptions one token may have: enough for any team, and an end to a loop gone wrong.
MOST_SUBSCRIPTIONS = 500


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A subscription as it stands.

    :param recipe: empty: every recipe.
    :param token: name of the token it was made with.
    :param secret: what requests to it are signed with.
    :param failing_since: when the tries in a row that failed began.
    :param waiting: events that are still to be sent.
    """

    id: str
    event: Event
    recipe: str
    token_id: int
    token: str
    target: str = field(repr=False)
    host: str
    secret: str = field(repr=False)
    state: Literal["active", "broken"]
    problem: str
    failures: int
    failing_since: datetime | None
    retry_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    waiting: int = 0


# -- subscriptions -----------------------------------------------------------------------------


def subscribe(
    store: Store,
    *,
    token_id: int,
    target: str,
    host: str,
    event: Event,
    recipe: str,
    now: datetime,
) -> tuple[Subscriber, bool]:
    """Return the subscription of this target to this event, and whether it is new.

    Asked for again, it stays the one it was; one that was broken is tried anew.

    :raises InputError: the token has too many of them.
    """
    table = subscriptions.c
    digest = digest_of(target)
    with store.writing() as connection:
        known = connection.execute(
            select(table.id)
            .where(table.token_id == token_id, table.target_digest == digest)
            .where(table.event == event, table.recipe == recipe)
        ).scalar()
        if known is not None:
            _revive(connection, known)
        else:
            mine = select(func.count()).where(table.token_id == token_id)
            if connection.execute(mine).scalar_one() >= MOST_SUBSCRIPTIONS:
                raise InputError(
                    f"This token has {MOST_SUBSCRIPTIONS} subscriptions already.",
                    hint="Remove those that are no longer needed.",
                    code="too_many",
                )
            row = {
                "id": secrets.token_hex(16),
                "token_id": token_id,
                "event": event,
                "recipe": recipe,
                "target": store.vault.seal(target),
                "target_digest": digest,
                "host": host[:255],
                "secret": store.vault.seal(new_token()),
                "state": "active",
                "created_at": now,
            }
            connection.execute(insert(subscriptions).values(row))
        id = known or str(row["id"])
    found = get_subscriber(store, id)
    assert found is not None
    return found, known is None


def get_subscriber(store: Store, id: str) -> Subscriber | None:
    return next(iter(_read(store, [id])), None)


def list_subscribers(store: Store) -> list[Subscriber]:
    return _read(store)


def unsubscribe(store: Store, id: str) -> bool:
    """Remove a subscription and what was still to be sent; return whether there was one."""
    with store.writing() as connection:
        return end(connection, id)


def end(connection: Connection, id: str) -> bool:
    """Do what :func:`unsubscribe` does, in the caller's transaction."""
    # In the order in which senders write, else they might wait for each other for ever.
    connection.execute(delete(outbox).where(outbox.c.subscription_id == id))
    gone = connection.execute(delete(subscriptions).where(subscriptions.c.id == id))
    close_notice(connection, kind=BROKE, about=_about(id))
    return gone.rowcount == 1


def try_again(store: Store, id: str) -> bool:
    """Take up a subscription that was broken; return whether there was one."""
    with store.writing() as connection:
        return _revive(connection, id)


def _revive(connection: Connection, id: str) -> bool:
    close_notice(connection, kind=BROKE, about=_about(id))
    values = {"state": "active", "problem": "", "failures": 0}
    done = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == id)
        .values(**values, failing_since=None, retry_at=None)
    )
    return done.rowcount == 1


def _about(id: str) -> str:
    return f"subscriber:{id}"


# -- sending -----------------------------------------------------------------------------------


def due_subscribers(store: Store, now: datetime) -> list[Subscriber]:
    """Return the subscriptions that something can be sent to now."""
    table = subscriptions.c
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
    waiting = exists().where(outbox.c.subscription_id == table.id, free)
    query = (
        select(table.id)
        .where(table.state == "active", or_(table.retry_at.is_(None), table.retry_at <= now))
        .where(waiting)
    )
    with store.reading() as connection:
        ids = list(connection.execute(query).scalars())
    return _read(store, ids) if ids else []


def note_sent(store: Store, subscriber: Subscriber, letters: Sequence[int], now: datetime) -> None:
    """Forget events that were taken; all is well with their subscriber."""
    well = {"failures": 0, "failing_since": None, "retry_at": None, "problem": ""}
    with store.writing() as connection:
        connection.execute(delete(outbox).where(outbox.c.id.in_(letters)))
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.id == subscriber.id)
            .values(sent_at=now, **well)
        )


def note_failure(
    store: Store,
    subscriber: Subscriber,
    letters: Sequence[int],
    problem: str,
    now: datetime,
    *,
    retry_at: datetime | None,
) -> None:
    """Put events back that weren't taken.

    :param letters: those that were claimed and not sent.
    :param retry_at: when to try again; None: no more, the subscription is broken and what was to
        be sent to it is forgotten.
    """
    table = subscriptions.c
    values: dict[str, Any] = {"problem": redaction.redact(problem)}
    values["failures"] = table.failures + 1
    values["failing_since"] = func.coalesce(table.failing_since, now)
    with store.writing() as connection:
        if retry_at is None:
            values["state"] = "broken"
            connection.execute(delete(outbox).where(outbox.c.subscription_id == subscriber.id))
            add_notice(
                connection,
                kind=BROKE,
                about=_about(subscriber.id),
                subject=f"{subscriber.host} is no longer told what recipes do",
                body=f"{problem} It was tried for a day; what was still to be sent is dropped. "
                "Try it again on the page of other systems, or remove the subscription there.",
                link="/other-systems/",
                at=now,
            )
        else:
            values["retry_at"] = retry_at
            connection.execute(
                update(outbox).where(outbox.c.id.in_(letters)).values(claimed_until=None)
            )
        connection.execute(update(subscriptions).where(table.id == subscriber.id).values(**values))


# -- rows --------------------------------------------------------------------------------------


def _read(store: Store, ids: Collection[str] | None = None) -> list[Subscriber]:
    waiting = (
        select(func.count())
        .where(outbox.c.subscription_id == subscriptions.c.id)
        .scalar_subquery()
        .label("waiting")
    )
    query = (
        select(subscriptions, api_tokens.c.name.label("token"), waiting)
        .join(api_tokens)
        .order_by(subscriptions.c.created_at, subscriptions.c.id)
    )
    if ids is not None:
        query = query.where(subscriptions.c.id.in_(ids))
    with store.reading() as connection:
        return [_subscriber(store, row) for row in connection.execute(query)]


def _subscriber(store: Store, row: Row[Any]) -> Subscriber:
    target, secret = store.vault.open(row.target), store.vault.open(row.secret)
    redaction.register([{"target": target, "secret": secret}])
    names = row._asdict()
    plain = (
        "id", "event", "recipe", "token_id", "token", "host", "state", "problem", "failures",
        "failing_since", "retry_at", "created_at", "sent_at", "waiting",
    )  # fmt: skip
    return Subscriber(target=target, secret=secret, **{name: names[name] for name in plain})
