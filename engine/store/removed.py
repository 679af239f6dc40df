"""What is kept of recipes that were removed long ago: nothing reads it any more."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, union

from engine.store.database import Store
from engine.store.tables import collected, pairs, runs, waits

TABLES = (waits, collected, pairs)


def forget_removed(store: Store, there: Collection[str], before: datetime) -> list[str]:
    """Delete the waits, collected values and pairs of recipes that are gone; return their names.

    Links stay: should such a recipe come back, nothing is made twice.

    :param there: the names of the recipes that there are.
    :param before: a recipe that began a run later is kept, wherever its file is.
    """
    newest = (
        select(runs.c.recipe).group_by(runs.c.recipe).having(func.max(runs.c.created_at) < before)
    )
    kept = union(*(select(table.c.recipe) for table in TABLES))
    with store.reading() as connection:
        unused = set(connection.execute(newest).scalars()) - set(there)
        gone = sorted(unused & set(connection.execute(kept).scalars()))
    for name in gone:
        with store.writing() as connection:
            for table in TABLES:
                connection.execute(delete(table).where(table.c.recipe == name))
    return gone
