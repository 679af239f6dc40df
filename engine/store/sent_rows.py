"""The rows last sent, so that a preview can say what would change in each field.

They are encrypted, and kept together as they were sent: sealing a row by itself would cost more than
all else that is stored of it. Before that they are compressed: rows of one step are much alike, and
an eighth of the bytes is left to seal and store, in a third of the time.
"""

import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine.fields import Record
from engine.store import plain
from engine.store.bulk import among
from engine.store.database import Store
from engine.store.tables import links, sent_rows

#: Parcels of rows that one preview holds in memory.
REMEMBERED = 32

_OF_STEP = select(links.c.record_key, links.c.sent_in).where(
    links.c.recipe == bindparam("of_recipe"),
    links.c.step == bindparam("of_step"),
    links.c.sent_in.is_not(None),
    among(links.c.record_key, "keys"),
)


def keep_rows(
    store: Store, connection: Connection, rows: Iterable[tuple[str, str, Record]]
) -> int | None:
    """Keep rows that were sent, each with its step and key; return the number links name.

    :returns: None where there is none.
    """
    parcel: dict[str, dict[str, Record]] = {}
    for step, key, row in rows:
        parcel.setdefault(step, {})[key] = row
    if not parcel:
        return None
    packed = zlib.compress(plain.dump(parcel), level=1)
    result = connection.execute(insert(sent_rows).values(rows=store.vault.seal_bytes(packed)))
    number = result.inserted_primary_key
    assert number is not None
    return int(number[0])


class SentRows:
    """What was last sent, looked up for one preview of a recipe."""

    def __init__(self, store: Store, recipe: str) -> None:
        self._store, self._recipe = store, recipe
        self._parcel = lru_cache(maxsize=REMEMBERED)(self._open)

    def of(self, step: str, keys: Iterable[str]) -> dict[str, Record]:
        """Return the rows last sent, by key; keys that were never sent are missing."""
        given = {"of_recipe": self._recipe, "of_step": step, "keys": list(keys)}
        with self._store.reading() as connection:
            kept = connection.execute(_OF_STEP, given).all()
        return {
            key: row
            for key, number in kept
            if (row := self._parcel(number).get(step, {}).get(key)) is not None
        }

    def _open(self, number: int) -> Mapping[str, Mapping[str, Record]]:
        query = select(sent_rows.c.rows).where(sent_rows.c.id == number)
        with self._store.reading() as connection:
            sealed = connection.execute(query).scalar()
        return {} if sealed is None else _unpacked(self._store.vault.open_bytes(sealed))


def _unpacked(packed: bytes) -> dict[str, dict[str, Record]]:
    """Return what :func:`keep_rows` packed; the first homes kept rows as plain JSON."""
    rows: dict[str, dict[str, Record]] = plain.load(
        packed if packed.startswith(b"{") else zlib.decompress(packed)
    )
    return rows


def sweep_rows(store: Store) -> int:
    """Delete what no link names any more, since all of it was sent anew; return how many."""
    named = select(links.c.sent_in).where(links.c.sent_in.is_not(None))
    with store.writing() as connection:
        return connection.execute(delete(sent_rows).where(sent_rows.c.id.not_in(named))).rowcount
