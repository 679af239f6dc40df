"""Pairs of records that bridges in both directions keep the same, and who wrote last."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, literal, null, select, update

from engine.store.bulk import among, insert_rows
from engine.store.database import Store, take_turns
from engine.store.tables import links, pairs

_COLUMNS = ("recipe", "step", "target_id", "record_key", "mark", "sent_at")


@dataclass(frozen=True, slots=True)
class Written:
    """What is to be remembered of a write by a recipe with ``two_way``.

    :param mark: when the target says that the record changed by it; None where it doesn't say.
    :param at: seconds since 1970, when it answered; None where it changed nothing there.
    :param twin: the recipe in the other direction.
    :param steps: those of its steps that write what this recipe reads.
    """

    mark: str | None
    at: float | None
    twin: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A record that a recipe wrote.

    :param record_key: of the record that it was made of.
    """

    record_key: str
    mark: str | None
    sent_at: float | None


def note_written(
    connection: Connection, recipe: str, written: Sequence[tuple[str, str, str, Written]]
) -> None:
    """Note what a recipe wrote, in the transaction that stores its links, before these.

    What the other recipe last sent to where these records come from is out of date by now: it is
    sent again when the record changes, even to what it was before.

    :param written: step, id at the target, key of the record, and what is to be remembered.
    """
    if not written:
        return
    # Both recipes change each other's links; in turns, for else each could wait for the other.
    one, other = sorted((recipe, written[0][3].twin))
    take_turns(connection, f"pairs of {one} and {other}")
    for changed in (True, False):  # what changed nothing leaves the mark of the change before
        rows = {
            (step, target): (recipe, step, target, key, said.mark, said.at)
            for step, target, key, said in written
            if (said.at is not None) == changed
        }
        update_too = _COLUMNS[3:] if changed else ("record_key",)
        ordered = [rows[name] for name in sorted(rows)]
        insert_rows(connection, pairs, _COLUMNS, ordered, update=update_too)
    # Only where an echo is known exactly: else two recipes could send to and fro for ever.
    stale = [target for _, target, _, said in written if said.mark is not None]
    said = written[0][3]
    if stale and said.steps:
        connection.execute(
            update(links)
            .where(links.c.recipe == said.twin, links.c.step.in_(said.steps))
            .where(among(links.c.record_key, "targets"))
            .values(fingerprint=b""),
            {"targets": stale},
        )


def pairs_of(
    store: Store, recipe: str, steps: Sequence[str], targets: Sequence[str]
) -> dict[str, Pair]:
    """Return what a recipe's steps wrote, by its id at the target."""
    query = select(pairs.c.target_id, pairs.c.record_key, pairs.c.mark, pairs.c.sent_at).where(
        pairs.c.recipe == recipe, pairs.c.step.in_(steps), among(pairs.c.target_id, "targets")
    )
    with store.reading() as connection:
        rows = connection.execute(query, {"targets": targets})
        return {row.target_id: Pair(row.record_key, row.mark, row.sent_at) for row in rows}


def pair_earlier(store: Store, recipe: str, steps: Sequence[str]) -> None:
    """Make pairs of what a recipe wrote before it had ``two_way``; nothing where it has some."""
    with store.writing() as connection:
        take_turns(connection, f"first pairs of {recipe}")
        mine = select(pairs.c.recipe).where(pairs.c.recipe == recipe).limit(1)
        if connection.execute(mine).first() is not None:
            return
        of_links = links.c
        rows = connection.execute(
            select(
                literal(recipe), of_links.step, of_links.target_id, of_links.record_key,
                null(), null(),
            )
            .where(of_links.recipe == recipe, of_links.step.in_(steps))
            .where(of_links.target_id.is_not(None))
        )  # fmt: skip
        found = {(row[1], row[2]): tuple(row) for row in rows}
        insert_rows(
            connection, pairs, _COLUMNS, [found[name] for name in sorted(found)],
            update=_COLUMNS[3:],
        )  # fmt: skip
