"""Questions that people have not heard of yet, and the notices that told them of others."""

from collections.abc import Collection

from sqlalchemy import Connection, and_, select, update

from engine.store.database import Store
from engine.store.questions import AT_ONCE, Question, question_of, table
from engine.store.tables import questions

_UNTOLD = and_(table.state == "open", table.told_in == "")


def untold_recipes(store: Store) -> list[str]:
    """Return the recipes with open questions that nobody has heard of yet."""
    query = select(table.recipe).where(_UNTOLD).distinct().order_by(table.recipe)
    with store.reading() as connection:
        return list(connection.execute(query).scalars())


def untold(store: Store, recipe: str) -> list[Question]:
    """Return the recipe's open questions that nobody has heard of yet, the first asked first."""
    query = select(questions).where(_UNTOLD, table.recipe == recipe).order_by(table.id)
    with store.reading() as connection:
        rows = connection.execute(query.limit(AT_ONCE)).all()
    return [question_of(store, row) for row in rows]


def mark_told(connection: Connection, ids: Collection[int], about: str) -> int:
    """Note in which notice people hear of questions; return how many of them are still open."""
    done = connection.execute(
        update(questions)
        .where(table.id.in_(ids), table.state == "open", table.told_in == "")
        .values(told_in=about)
    )
    return done.rowcount


def told_and_open(connection: Connection) -> frozenset[str]:
    """Return what the notices are about of which a question is still open."""
    query = select(table.told_in).where(table.state == "open", table.told_in != "").distinct()
    return frozenset(connection.execute(query).scalars())
