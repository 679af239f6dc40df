"""Deliveries: each notice once to each recipient, tried again until it is sent or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from engine.redaction import redact
from engine.store.database import Store
from engine.store.notices import Notice, notice_of
from engine.store.tables import notice_deliveries, notices

#: Whoever takes a delivery has this long to send it; after a crash it is taken again.
LEASE = timedelta(minutes=10)
#: How long after a failed try the next one comes; the last of them again and again…
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
#: …until the notice is this old.
GIVEN_UP_AFTER = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One notice on its way to one recipient.

    :param recipient: ``mail:ann@firm.example`` or ``channel:3``.
    :param tries: how often it was tried, this time included.
    """

    id: int
    recipient: str
    tries: int
    notice: Notice


@dataclass(frozen=True)
class Trouble:
    """Why the last notice to a recipient was not sent.

    :param next_try: None where it was given up.
    """

    problem: str
    since: datetime
    next_try: datetime | None


@dataclass(frozen=True)
class Sent:
    """What became of a notice on its way to one recipient; ``at`` is None while it isn't sent."""

    recipient: str
    at: datetime | None
    problem: str


def waiting_for_recipients(store: Store, limit: int = 100) -> list[Notice]:
    """Return the notices whose deliveries are not written yet, oldest first."""
    with store.reading() as connection:
        rows = connection.execute(
            select(notices)
            .where(notices.c.handed_out_at.is_(None))
            .order_by(notices.c.id)
            .limit(limit)
        )
        return [notice_of(row) for row in rows]


def hand_out(
    store: Store,
    notice: Notice,
    recipients: Sequence[str],
    now: datetime,
    *,
    body: str | None = None,
    html: str | None = None,
    problem: str = "",
) -> None:
    """Write a notice's deliveries, once, however many processes are at it.

    :param body: replaces the notice's text, which may be made only now.
    :param html: replaces what a mail shows.
    :param problem: why it can't be sent to any of them.
    """
    values: dict[str, Any] = {"handed_out_at": now}
    if body is not None:
        values["body"] = redact(body)
    if html is not None:
        values["html"] = redact(html)
    with store.writing() as connection:
        taken = connection.execute(
            update(notices)
            .where(notices.c.id == notice.id, notices.c.handed_out_at.is_(None))
            .values(**values)
        )
        if taken.rowcount == 0 or not recipients:
            return
        connection.execute(
            insert(notice_deliveries),
            [
                {
                    "notice_id": notice.id,
                    "recipient": recipient,
                    "due_at": None if problem else now,
                    "tried_at": now if problem else None,
                    "problem": problem,
                }
                for recipient in dict.fromkeys(recipients)
            ],
        )


def due_recipients(store: Store, now: datetime) -> list[str]:
    """Return who has a notice coming that is due."""
    table = notice_deliveries.c
    with store.reading() as connection:
        found = connection.execute(select(table.recipient).where(table.due_at <= now).distinct())
        return list(found.scalars())


def take_next(store: Store, recipients: Sequence[str], now: datetime) -> Delivery | None:
    """Take the oldest delivery that is due for one of the recipients; nobody else gets it then."""
    table = notice_deliveries.c
    query = (
        select(table.id, table.recipient, table.tries, table.due_at, table.notice_id)
        .where(table.due_at <= now, table.recipient.in_(recipients))
        .order_by(table.id)
        .limit(1)
    )
    while True:
        with store.writing() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            taken = connection.execute(
                update(notice_deliveries)
                .where(table.id == row.id, table.due_at == row.due_at)
                .values(due_at=now + LEASE, tries=row.tries + 1, tried_at=now)
            )
            if taken.rowcount == 0:
                continue
            notice = connection.execute(select(notices).where(notices.c.id == row.notice_id)).one()
            return Delivery(
                id=row.id,
                recipient=row.recipient,
                tries=row.tries + 1,
                notice=notice_of(notice),
            )


def mark_sent(store: Store, delivery: Delivery, now: datetime) -> None:
    with store.writing() as connection:
        connection.execute(
            update(notice_deliveries)
            .where(notice_deliveries.c.id == delivery.id)
            .values(sent_at=now, due_at=None, problem="")
        )


def mark_failed(
    store: Store,
    delivery: Delivery,
    problem: str,
    now: datetime,
    *,
    permanent: bool = False,
    after: timedelta | None = None,
) -> None:
    """Note why a delivery failed, and when it is tried again, if it is.

    :param after: how long the other side asks to be left alone.
    """
    wait = max(WAITS[min(delivery.tries, len(WAITS)) - 1], after or timedelta())
    old = now + wait - delivery.notice.at > GIVEN_UP_AFTER
    with store.writing() as connection:
        connection.execute(
            update(notice_deliveries)
            .where(notice_deliveries.c.id == delivery.id)
            .values(due_at=None if permanent or old else now + wait, problem=redact(problem))
        )


def put_off(store: Store, recipients: Sequence[str], now: datetime, until: datetime) -> None:
    """Let what is due for these recipients wait: their line is down just now."""
    table = notice_deliveries.c
    with store.writing() as connection:
        connection.execute(
            update(notice_deliveries)
            .where(table.due_at <= now, table.recipient.in_(recipients))
            .values(due_at=until)
        )


def try_again_now(store: Store, recipient: ColumnElement[bool], now: datetime) -> None:
    """Try at once what failed before, and forget the problem: settings changed, or a test came through.

    :param recipient: which ones; see :func:`to_mail` and :func:`to_recipient`.
    """
    table = notice_deliveries.c
    with store.writing() as connection:
        connection.execute(
            update(notice_deliveries)
            .where(recipient, table.due_at.is_not(None), table.problem != "")
            .values(due_at=now)
        )
        connection.execute(
            update(notice_deliveries)
            .where(recipient, table.due_at.is_(None), table.problem != "")
            .values(tried_at=None)
        )


def to_mail() -> ColumnElement[bool]:
    return notice_deliveries.c.recipient.startswith("mail:")


def to_recipient(recipient: str) -> ColumnElement[bool]:
    return notice_deliveries.c.recipient == recipient


def troubles(store: Store) -> dict[str, Trouble]:
    """Return the recipients whose last try failed, and why."""
    table = notice_deliveries.c
    last = (
        select(table.recipient, func.max(table.tried_at).label("tried_at"))
        .where(table.tried_at.is_not(None))
        .group_by(table.recipient)
        .subquery()
    )
    query = (
        select(notice_deliveries)
        .join(
            last,
            and_(table.recipient == last.c.recipient, table.tried_at == last.c.tried_at),
        )
        .where(table.problem != "")
    )
    with store.reading() as connection:
        return {
            row.recipient: Trouble(row.problem, row.tried_at, row.due_at)
            for row in connection.execute(query)
        }


def deliveries_of(store: Store, notice_ids: Sequence[int]) -> dict[int, list[Sent]]:
    """Return what became of these notices, by their id."""
    table = notice_deliveries.c
    found: dict[int, list[Sent]] = {}
    with store.reading() as connection:
        rows = connection.execute(
            select(notice_deliveries)
            .where(table.notice_id.in_(list(notice_ids)))
            .order_by(table.recipient)
        )
        for row in rows:
            found.setdefault(row.notice_id, []).append(
                Sent(row.recipient, row.sent_at, row.problem)
            )
    return found


def forget_before(store: Store, before: datetime) -> int:
    """Remove old notices that are over, with their deliveries; return how many."""
    with store.writing() as connection:
        old = and_(
            notices.c.at < before,
            or_(notices.c.standing.is_(None), notices.c.kind == "report"),
        )
        ids = select(notices.c.id).where(old)
        connection.execute(delete(notice_deliveries).where(notice_deliveries.c.notice_id.in_(ids)))
        return connection.execute(delete(notices).where(old)).rowcount
