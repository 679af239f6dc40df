"""A new key takes over: everything is encrypted again with it, little by little, while others work.

It may be cut short at any instant and begun again: what is done is seen by its own key.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, bindparam, select, tuple_, update

from engine.errors import SetupError
from engine.store import tables
from engine.store.database import Store
from engine.store.kept_files import KeptFiles
from engine.store.keys import Key
from engine.store.sealed import SEALED
from engine.store.vault import Vault

#: Values in one transaction, so short that nobody waits; fewer where they are large.
BATCH = 500
#: Bytes of values in memory at once, about.
LOAD = 8_000_000


@dataclass(frozen=True)
class Resealed:
    """What :func:`reseal` did.

    :param renewed: values that were encrypted again.
    :param lost: values that no key of the ring opens; they are left as they are.
    """

    renewed: int
    lost: int


def is_finished(store: Store) -> bool:
    """Say whether everything was taken over by the key that encrypts now; see :data:`SEALED`."""
    with store.reading() as connection:
        kept = connection.execute(select(tables.canary.c.sealed)).scalar()
    return kept is not None and store.vault.is_newest(kept)


def reseal(store: Store) -> Resealed:
    """Encrypt again whatever isn't encrypted with the newest key; files first."""
    renewed = lost = 0
    for place in store.files.places():
        try:
            if not store.files.is_newest(place):
                store.files.renew(place)
                renewed += 1
        except SetupError:
            lost += 1
        except FileNotFoundError:  # swept meanwhile
            continue
    for column in SEALED:
        for batch in sealed_values(store, column):
            changes = []
            for row in batch:
                *_, sealed = row
                if store.vault.is_newest(sealed):
                    continue
                try:
                    changes.append((row, store.vault.renewed(sealed)))
                except SetupError:
                    lost += 1
            renewed += _replace(store, column, changes)
    return Resealed(renewed, lost)


def values_by_key(store: Store, keys: Sequence[Key]) -> tuple[Counter[str], int]:
    """Count the values that each key opens, by its id, and those that none opens."""
    vaults = [(key.id, Vault([key.secret])) for key in keys]
    opened: Counter[str] = Counter()
    lost = 0

    for column in SEALED:
        for batch in sealed_values(store, column):
            for *_, sealed in batch:
                found = next((id_ for id_, vault in vaults if vault.is_newest(sealed)), None)
                lost += found is None
                opened.update([found] if found else [])
    for place in store.files.places():
        with suppress(FileNotFoundError):  # swept meanwhile
            found = next((id_ for id_, vault in vaults if _opens(store, vault, place)), None)
            lost += found is None
            opened.update([found] if found else [])
    return opened, lost


def _opens(store: Store, vault: Vault, file: Path) -> bool:
    return KeptFiles(store.files.folder, vault).is_newest(file)


def sealed_values(store: Store, column: Column[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows of a sealed column: the primary key's values, then the sealed one."""
    table = column.table
    key = tuple_(*table.primary_key.columns)
    query = (
        select(*table.primary_key.columns, column)
        .where(column.is_not(None))
        .order_by(*table.primary_key.columns)
    )
    after: tuple[Any, ...] | None = None
    size = 10
    while True:
        page = query.limit(size) if after is None else query.where(key > after).limit(size)
        with store.reading() as connection:
            batch = [tuple(row) for row in connection.execute(page)]
        if batch:
            yield batch
        if len(batch) < size:
            return
        after = batch[-1][:-1]
        largest = max(len(row[-1]) for row in batch)
        size = max(1, min(BATCH, LOAD // max(1, largest)))


def _replace(
    store: Store, column: Column[Any], changes: Sequence[tuple[tuple[Any, ...], bytes]]
) -> int:
    """Store the renewed values; one that changed meanwhile is left to whoever changed it."""
    if not changes:
        return 0
    keys = list(column.table.primary_key.columns)
    statement = (
        update(column.table)
        .where(*(part == bindparam(f"key_{n}") for n, part in enumerate(keys)))
        .where(column == bindparam("before"))
        .values({column: bindparam("after")})
    )
    changed = 0
    with store.writing() as connection:
        for (*key, before), after in changes:
            values = {f"key_{n}": value for n, value in enumerate(key)}
            values |= {"before": before, "after": after}
            changed += connection.execute(statement, values).rowcount
    return changed
