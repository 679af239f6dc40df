"""Answers: each given once, by whoever is first; then a run takes the record on."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from engine.store.database import Store
from engine.store.questions import TO_CONTINUE, Answer, table
from engine.store.tables import questions

#: Until a run for the same answer is asked for again, by how often it was; the last one stays.
PATIENCE = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
#: Questions that one statement names.
IN_ONE_STATEMENT = 500


def mark_answered(
    store: Store, ids: Sequence[int], answer: Answer, *, by: str, note: str, now: datetime
) -> int:
    """Answer questions alike, in one transaction; return how many of them were still open.

    Of two people who answer one question one is the first.
    """
    answered = 0
    with store.writing() as connection:
        for start in range(0, len(ids), IN_ONE_STATEMENT):
            some = ids[start : start + IN_ONE_STATEMENT]
            done = connection.execute(
                update(questions)
                .where(table.id.in_(some), table.state == "open")
                .values(state="answered", answer=answer, answered_by=by, note=note, answered_at=now)
            )
            answered += done.rowcount
    return answered


def mark_lapsed(store: Store, now: datetime) -> int:
    """Close the questions whose time is up; return how many."""
    due = table.state == "open", table.due_at <= now
    with store.reading() as connection:  # almost always there is none: nothing is written then
        if connection.execute(select(table.id).where(*due).limit(1)).first() is None:
            return 0
    with store.writing() as connection:
        done = connection.execute(
            update(questions).where(*due).values(state="lapsed", answered_at=now)
        )
        return done.rowcount


# -- going on --------------------------------------------------------------------------------------


def to_continue(store: Store, now: datetime) -> dict[str, dict[int, str]]:
    """Return, by recipe, the record keys of questions whose answer has not taken effect, by id."""
    query = (
        select(table.recipe, table.id, table.record_key)
        .where(TO_CONTINUE, or_(table.try_at.is_(None), table.try_at <= now))
        .order_by(table.recipe, table.answered_at, table.id)
    )
    found: dict[str, dict[int, str]] = {}
    with store.reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.recipe, {})[row.id] = row.record_key
    return found


def note_try(store: Store, ids: Collection[int], now: datetime) -> None:
    """Note that a run was asked for: it is not asked for again at once, should it fail."""
    with store.writing() as connection:
        rows = connection.execute(select(table.id, table.tries).where(table.id.in_(ids)))
        by_tries: dict[int, list[int]] = {}
        for row in rows:
            by_tries.setdefault(row.tries, []).append(row.id)
        for tries, some in by_tries.items():
            connection.execute(
                update(questions)
                .where(table.id.in_(some))
                .values(tries=tries + 1, try_at=now + PATIENCE[min(tries, len(PATIENCE) - 1)])
            )
