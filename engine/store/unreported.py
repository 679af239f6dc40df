"""What steps did for records that are not settled yet, by the links that were kept of it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select

from engine.store.bulk import among, insert_rows
from engine.store.database import Store
from engine.store.ledger import Outcome
from engine.store.tables import unreported

_OF_STEP = (
    unreported.c.recipe == bindparam("of_recipe"),
    unreported.c.step == bindparam("of_step"),
    among(unreported.c.record_key, "keys"),
)
_COLUMNS = ("recipe", "step", "record_key", "outcome")
_FIND = select(unreported.c.record_key, unreported.c.outcome).where(*_OF_STEP)
_FORGET = delete(unreported).where(*_OF_STEP)


def note_unreported(
    connection: Connection, recipe: str, done: Sequence[tuple[str, str, Outcome]]
) -> None:
    """Note what was done, as step, key and outcome, together with the links of it."""
    outcomes = {(step, key): outcome for step, key, outcome in done}
    # In one order everywhere, as links are.
    rows = [(recipe, *of, outcomes[of]) for of in sorted(outcomes)]
    insert_rows(connection, unreported, _COLUMNS, rows, update=("outcome",))


def anything_unreported(store: Store, recipe: str) -> bool:
    query = select(unreported.c.step).where(unreported.c.recipe == recipe).limit(1)
    with store.reading() as connection:
        return connection.execute(query).first() is not None


def find_unreported(
    store: Store, recipe: str, step: str, keys: Sequence[str]
) -> Mapping[str, Outcome]:
    """Return what this step did for the keys, where no report says it yet."""
    given = {"of_recipe": recipe, "of_step": step, "keys": keys}
    with store.reading() as connection:
        rows = connection.execute(_FIND, given)
        return {row.record_key: row.outcome for row in rows}


def forget_unreported(
    connection: Connection, recipe: str, done: Mapping[str, Sequence[str]]
) -> None:
    """Forget what a report says now.

    :param done: keys by step.
    """
    for step, keys in done.items():
        connection.execute(_FORGET, {"of_recipe": recipe, "of_step": step, "keys": list(keys)})
