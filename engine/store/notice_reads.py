"""Which notices each user has read."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select

from engine.store.database import Store, upsert
from engine.store.tables import notice_reads, notices, users


def unread_count(store: Store, user_id: int) -> int:
    """Return how many notices of their time here a user has not read yet.

    Reports are for reading by mail, and don't count.
    """
    with store.reading() as connection:
        query = select(func.count()).select_from(notices).where(_unread(user_id))
        return int(connection.execute(query).scalar_one())


def mark_read(store: Store, user_id: int, ids: Sequence[int] | None = None) -> None:
    """Note that a user has read these notices, or all there are."""
    with store.writing() as connection:
        query = select(notices.c.id).where(_unread(user_id))
        if ids is not None:
            query = query.where(notices.c.id.in_(list(ids)))
        rows = [{"user_id": user_id, "notice_id": id} for id in connection.execute(query).scalars()]
        upsert(connection, notice_reads, rows, update=[])


def unread_among(store: Store, user_id: int, ids: Sequence[int]) -> frozenset[int]:
    """Return which of these notices a user has not read yet."""
    with store.reading() as connection:
        query = select(notices.c.id).where(_unread(user_id), notices.c.id.in_(list(ids)))
        return frozenset(connection.execute(query).scalars())


def _unread(user_id: int) -> ColumnElement[bool]:
    read = (
        select(notice_reads.c.notice_id)
        .where(notice_reads.c.user_id == user_id, notice_reads.c.notice_id == notices.c.id)
        .exists()
    )
    joined = select(users.c.created_at).where(users.c.id == user_id).scalar_subquery()
    return and_(notices.c.kind != "report", notices.c.at >= joined, ~read)
