"""What connectors declared when somebody last accepted it, or when they were first used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.store.database import Store, upsert
from engine.store.tables import declarations


@dataclass(frozen=True)
class Declared:
    """What one connector declares of its operations.

    :param version: of what it was installed from; empty where that has none.
    :param operations: by full name, as :mod:`engine.drift.declared` writes them.
    """

    connector: str
    version: str
    operations: Mapping[str, Any]


def declarations_of(store: Store, names: Sequence[str] | None = None) -> dict[str, Declared]:
    """Return what is kept of connectors, by name.

    :param names: only of these; default: of all.
    """
    query = select(declarations)
    if names is not None:
        query = query.where(declarations.c.connector.in_(names))
    with store.reading() as connection:
        return {
            row.connector: Declared(row.connector, row.version, row.declared)
            for row in connection.execute(query)
        }


def keep_declarations(store: Store, found: Sequence[Declared], now: datetime) -> None:
    """Keep what connectors declare, in the place of what they declared before."""
    rows = [
        {
            "connector": one.connector,
            "version": one.version,
            "declared": one.operations,
            "accepted_at": now,
        }
        for one in found
    ]
    with store.writing() as connection:
        upsert(connection, declarations, rows, update=["version", "declared", "accepted_at"])
