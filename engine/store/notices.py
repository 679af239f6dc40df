"""Notices: what people should hear of, each once while it stands.

A notice is written in the transaction that makes it true, and sent later by a duty: so none is lost
by a crash, and nobody waits for a mail server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, null, select, update
from sqlalchemy.engine import Row

from engine.redaction import redact
from engine.store.database import Store, dialect_insert
from engine.store.tables import notices

#: What people choose by, and the kinds of notices that belong to it.
TOPICS = MappingProxyType(
    {
        "failure": (
            "connection_broke",
            "connection_well",
            "run_failed",
            "run_well",
            "webhook_broke",
            "webhook_well",
        ),
        "records": ("rejected_share", "quiet_run", "fields_gone"),
        "pause": ("recipe_paused",),
        "question": ("question",),
        "report": ("report",),
    }
)
TOPIC_OF = MappingProxyType({kind: topic for topic, kinds in TOPICS.items() for kind in kinds})

#: What may stand about a recipe.
RECIPE_KINDS = ("run_failed", "rejected_share", "quiet_run", "recipe_paused")

#: Good news, and the bad news it ends.
RECOVERY = MappingProxyType(
    {
        "connection_well": "connection_broke",
        "run_well": "run_failed",
        "webhook_well": "webhook_broke",
    }
)

#: A reminder of what still stands comes this long after the last word at the earliest. Less than a
#: day, so that tonight's late run still counts as a day after yesterday's.
REMIND_AFTER = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing that people should hear of.

    :param link: a path of the pages, e.g. ``/connections/#clio``; may be empty.
    :param send_to: the e-mail addresses it is meant for; None: whoever wants its kind.
    :param reminder: it says that another one still stands.
    :param stands: nothing has ended it yet.
    :param repeats: how often it came again since.
    """

    id: int
    kind: str
    about: str
    subject: str
    body: str
    html: str
    link: str
    send_to: tuple[str, ...] | None
    reminder: bool
    at: datetime
    stands: bool
    repeats: int
    closed_at: datetime | None

    @property
    def topic(self) -> str:
        return TOPIC_OF[self.kind]


def add_notice(
    connection: Connection,
    *,
    kind: str,
    about: str,
    subject: str,
    body: str,
    link: str = "",
    html: str = "",
    send_to: Sequence[str] | None = None,
    at: datetime | None = None,
) -> bool:
    """Note something that people should hear of; return whether it is news.

    While a notice stands, the same kind about the same thing is not noted again. Good news ends the
    bad news it belongs to, and is noted only where there was some.

    :param kind: one of :data:`TOPIC_OF`.
    :param about: what it concerns: ``connection:clio``, ``recipe:NAME``, ``question:12``.
    :param subject: one line.
    :param body: a few plain sentences: what happened, what it holds up, what to do.
    :param link: the page that shows it, as a path.
    :param html: what a mail shows instead of the body.
    :param send_to: e-mail addresses it is meant for; default: whoever wants its kind.
    :param at: when it happened; default: now.
    :raises ValueError: there is no such kind.
    """
    if kind not in TOPIC_OF:
        raise ValueError(f"there is no kind of notice called {kind!r}")
    at = at or datetime.now(UTC)
    row: dict[str, Any] = {
        "kind": kind,
        "about": about,
        "subject": redact(" ".join(subject.split()))[:300],
        "body": redact(body),
        "html": redact(html),
        "link": link,
        "send_to": null() if send_to is None else list(send_to),
        "reminder": False,
        "at": at,
        "repeats": 0,
    }
    ended = RECOVERY.get(kind)
    if ended is not None:
        if not close_notice(connection, kind=ended, about=about, at=at):
            return False
        connection.execute(insert(notices).values(**row, standing=None))
        return True
    standing = _standing(kind, about)
    added = connection.execute(
        dialect_insert(connection.dialect, notices)
        .values(**row, standing=standing)
        .on_conflict_do_nothing(index_elements=["standing"])
        .returning(notices.c.id)
    )
    if added.first() is not None:
        return True
    connection.execute(
        update(notices)
        .where(notices.c.standing == standing)
        .values(repeats=notices.c.repeats + 1, repeated_at=at)
    )
    return False


def close_notice(
    connection: Connection, *, kind: str, about: str, at: datetime | None = None
) -> bool:
    """End a notice without a word, e.g. when its question is answered; return whether one stood."""
    closed = connection.execute(
        update(notices)
        .where(notices.c.standing == _standing(kind, about))
        .values(standing=None, closed_at=at or datetime.now(UTC))
    )
    return closed.rowcount == 1


def close_notices(connection: Connection, *, kind: str, about: str) -> None:
    """End all notices of a kind about what begins so, without a word."""
    connection.execute(
        update(notices)
        .where(notices.c.standing.startswith(_standing(kind, about), autoescape=True))
        .values(standing=None, closed_at=datetime.now(UTC))
    )


def find_standing(connection: Connection, *, kind: str, about: str) -> Notice | None:
    """Return the notice of this kind that stands, if one does."""
    row = connection.execute(
        select(notices).where(notices.c.standing == _standing(kind, about))
    ).first()
    return None if row is None else notice_of(row)


def remind(
    connection: Connection,
    standing: Notice,
    *,
    subject: str,
    body: str,
    link: str = "",
    at: datetime | None = None,
) -> bool:
    """Say again what still stands, at most once a day; return whether it was said."""
    at = at or datetime.now(UTC)
    table = notices.c
    due = connection.execute(
        update(notices)
        .where(
            table.id == standing.id,
            table.standing.is_not(None),
            (table.reminded_at.is_(None) & (table.at <= at - REMIND_AFTER))
            | (table.reminded_at <= at - REMIND_AFTER),
        )
        .values(reminded_at=at)
    )
    if due.rowcount == 0:
        return False
    connection.execute(
        insert(notices).values(
            kind=standing.kind,
            about=standing.about,
            subject=redact(" ".join(subject.split()))[:300],
            body=redact(body),
            html="",
            link=link or standing.link,
            send_to=null(),
            reminder=True,
            at=at,
            repeats=0,
            closed_at=at,  # only the first one stands
        )
    )
    return True


def list_notices(
    store: Store,
    *,
    topic: str | None = None,
    standing: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Notice]:
    """Return notices, newest first.

    :param topic: only these; see :data:`TOPICS`.
    :param standing: only those that nothing has ended yet.
    :param before: only notices older than this id; for paging.
    """
    query = select(notices).order_by(notices.c.id.desc()).limit(limit)
    if topic is not None:
        query = query.where(notices.c.kind.in_(TOPICS[topic]))
    if standing:
        query = query.where(notices.c.standing.is_not(None), notices.c.kind != "report")
    if before is not None:
        query = query.where(notices.c.id < before)
    with store.reading() as connection:
        return [notice_of(row) for row in connection.execute(query)]


def _standing(kind: str, about: str) -> str:
    return f"{kind} {about}"


def notice_of(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        kind=row.kind,
        about=row.about,
        subject=row.subject,
        body=row.body,
        html=row.html,
        link=row.link,
        send_to=None if row.send_to is None else tuple(row.send_to),
        reminder=row.reminder,
        at=row.at,
        stands=row.standing is not None,
        repeats=row.repeats,
        closed_at=row.closed_at,
    )
