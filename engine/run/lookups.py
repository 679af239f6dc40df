"""What the tables know of records: links, rows of this run, problems still open, how far was read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.engine import Row

from engine.run.shape import Link
from engine.store import plain
from engine.store.bulk import among
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, SAME_KEY, Outcome
from engine.store.tables import cursors, ledger, links, open_problems
from engine.store.unreported import find_unreported

# Statements of every chunk are built once: building one and looking it up takes SQLAlchemy 0.2 ms,
# the database less.
_SEEN = (
    select(ledger.c.record_key, func.min(ledger.c.id))
    .where(ledger.c.run_id == bindparam("of_run"), among(ledger.c.record_key, "keys"))
    .where(ledger.c.code.is_distinct_from(SAME_KEY))
    .group_by(ledger.c.record_key)
)
OF_STEP = (
    links.c.recipe == bindparam("of_recipe"),
    links.c.step == bindparam("of_step"),
    among(links.c.record_key, "keys"),
)
_LINKS = select(
    links.c.record_key, links.c.target_id, links.c.fingerprint, links.c.run_id, links.c.result
).where(*OF_STEP)


def links_of(store: Store, recipe: str, step: str, keys: Sequence[str]) -> dict[str, Link]:
    """Return what the link table knows of the keys, by key."""
    given = {"of_recipe": recipe, "of_step": step, "keys": keys}
    with store.reading() as connection:
        return {
            key: Link(target_id, fingerprint, run_id, None if kept is None else plain.load(kept))
            for key, target_id, fingerprint, run_id, kept in connection.execute(_LINKS, given)
        }


def links_untold(store: Store, recipe: str, step: str, keys: Sequence[str]) -> dict[str, Link]:
    """Return what :func:`links_of` does, with the outcome of those no report has told of yet."""
    found = links_of(store, recipe, step, keys)
    done = find_unreported(store, recipe, step, keys)
    return found | {key: replace(found[key], outcome=done[key]) for key in done if key in found}


def linked_keys(store: Store, recipe: str, steps: Sequence[str]) -> Iterator[str]:
    """Yield the keys that steps have links of."""
    query = select(links.c.record_key).where(links.c.recipe == recipe, links.c.step.in_(steps))
    with store.reading() as connection:
        yield from connection.execute(query).scalars()


def keys_with_problems(store: Store, recipe: str, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that still need attention."""
    table = open_problems.c
    query = select(table.record_key).where(table.recipe == recipe, among(table.record_key, "keys"))
    with store.reading() as connection:
        return set(connection.execute(query, {"keys": keys}).scalars())


def is_first_run(store: Store, recipe: str) -> bool:
    """Return whether no record of the recipe is known yet: neither sent nor still open."""
    with store.reading() as connection:
        found = (
            connection.execute(select(table.c.recipe).where(table.c.recipe == recipe).limit(1))
            for table in (links, open_problems)
        )
        return all(rows.first() is None for rows in found)


def keys_in_ledger(store: Store, run_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of this run's ledger rows for the keys; rows of repeated keys aside."""
    with store.reading() as connection:
        rows = connection.execute(_SEEN, {"of_run": run_id, "keys": keys})
        return {row[0]: row[1] for row in rows}


def rows_so_far(store: Store, run_id: int) -> tuple[Counter[str], Counter[str]]:
    """Count by key the ledger rows of a run that was cut short: of records, and of repeated keys."""
    repeated = func.coalesce(ledger.c.code, "") == SAME_KEY
    query = (
        select(ledger.c.record_key, repeated, func.count())
        .where(ledger.c.run_id == run_id)
        .group_by(ledger.c.record_key, repeated)
    )
    rows: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    with store.reading() as connection:
        for key, is_repeat, count in connection.execute(query):
            (repeats if is_repeat else rows)[key] = count
    return rows, repeats


def open_rows(
    store: Store, recipe: str, keys: Sequence[str], outcomes: Sequence[Outcome] = NEEDS_ATTENTION
) -> dict[str, Row[Any]]:
    """Return the ledger rows, by key, of records that still need attention."""
    table = open_problems.c
    query = (
        select(ledger)
        .join(
            open_problems,
            and_(
                table.run_id == ledger.c.run_id,
                table.record_key == ledger.c.record_key,
                table.outcome == ledger.c.outcome,
            ),
        )
        .where(table.recipe == recipe, table.outcome.in_(outcomes))
        .where(among(table.record_key, "keys"))
    )
    with store.reading() as connection:
        return {row.record_key: row for row in connection.execute(query, {"keys": keys})}


def problems_left(
    store: Store, recipe: str, run_id: int, size: int
) -> Iterator[list[tuple[str, Any]]]:
    """Yield key and kept source of open problems that this run has not come across, in chunks.

    Those that only a person can decide are not among them.
    """
    table, last = open_problems.c, ""
    while True:
        query = (
            select(table.record_key, table.source)
            .where(table.recipe == recipe, table.run_id != run_id, table.record_key > last)
            .where(table.outcome.in_(("rejected", "failed")))
            .order_by(table.record_key)
            .limit(size)
        )
        with store.reading() as connection:
            rows = list(connection.execute(query))
        if not rows:
            return
        last = rows[-1][0]
        yield [(key, store.vault.open(source)) for key, source in rows]


def kept_sources(store: Store, recipe: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the kept sources of open problems, by key."""
    table = open_problems.c
    query = select(table.record_key, table.source).where(
        table.recipe == recipe, table.record_key.in_(keys)
    )
    with store.reading() as connection:
        return {key: store.vault.open(source) for key, source in connection.execute(query)}


def cursor_of(store: Store, recipe: str, trigger: str) -> str | None:
    table = cursors.c
    query = select(table.value).where(table.recipe == recipe, table.trigger == trigger)
    with store.reading() as connection:
        return connection.execute(query).scalar()
