"""The database as it is at one moment, as a SQLite file; others read and write meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from engine.backup.rows import copy_rows
from engine.store.database import Store, make_private, migrate, open_engine
from engine.store.tables import metadata


def take_snapshot(store: Store, file: Path) -> dict[str, int]:
    """Write the database into a file that isn't there yet; return how many rows each table has."""
    if store.engine.dialect.name == "sqlite":
        return _copied_whole(store, file)
    return _copied_by_rows(store, file)


def _copied_whole(store: Store, file: Path) -> dict[str, int]:
    make_private(str(file))
    source = store.engine.raw_connection()
    try:
        with closing(sqlite3.connect(file)) as target:
            # In one go: in several, every write of somebody else would begin it anew.
            assert source.driver_connection is not None
            source.driver_connection.backup(target, pages=-1)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
    finally:
        source.close()
    with closing(sqlite3.connect(file)) as found:
        return {
            str(table.name): found.execute(str(select(func.count()).select_from(table))).fetchone()[
                0
            ]
            for table in metadata.sorted_tables
        }


def _copied_by_rows(store: Store, file: Path) -> dict[str, int]:
    target = open_engine(f"sqlite:///{file}")
    try:
        migrate(target)
        moment = store.engine.execution_options(isolation_level="REPEATABLE READ")
        writes = target.execution_options(bridgework_writes=True)
        with moment.connect() as rows, writes.begin() as copy:
            counts = copy_rows(rows, copy)
    finally:
        target.dispose()
    with closing(sqlite3.connect(file)) as found:
        found.execute("PRAGMA journal_mode=DELETE")
    return counts
