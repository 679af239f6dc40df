"""All rows of all tables from one database to another, of whichever kinds they are."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DataError, IntegrityError

from engine.errors import SetupError
from engine.store.sealed import SEALED
from engine.store.tables import metadata

#: Rows in memory at once; of tables whose values may be large, fewer.
ROWS, LARGE_ROWS = 1000, 5

_LARGE = frozenset(column.table for column in SEALED)


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row of every table into tables that are empty; return how many each has.

    What is JSON is taken over as it is written. Only what PostgreSQL can't hold is changed: a NUL
    in a text.

    :raises SetupError: the target refuses a value, e.g. a text longer than its column.
    """
    counts = {}
    for table in metadata.sorted_tables:
        try:
            counts[str(table.name)] = _copy(table, source, target)
        except (DataError, IntegrityError) as error:
            why = str(error.orig).strip().splitlines()[0]
            raise SetupError(
                f"A row of the table '{table.name}' can't be taken over: {why}",
                hint="Nothing was changed. Restore into SQLite, where the row can be looked at.",
            ) from error
    return counts


def _copy(table: Table, source: Connection, target: Connection) -> int:
    size = LARGE_ROWS if table in _LARGE else ROWS
    postgres = target.dialect.name == "postgresql"
    statement = _inserted(table, target)
    count = 0
    found = source.execute(_selected(table), execution_options={"yield_per": size})
    for some in found.partitions():
        rows = [row._asdict() for row in some]
        target.execute(statement, [_without_nul(row) for row in rows] if postgres else rows)
        count += len(rows)
    if postgres and count:
        _continue_ids(table, target)
    return count


def _selected(table: Table) -> Select[Any]:
    columns = [
        (cast(column, Text) if isinstance(column.type, JSON) else column).label(_name(column))
        for column in table.columns
    ]
    # In order, since runs name earlier ones.
    return select(*columns).order_by(*table.primary_key.columns)


def _inserted(table: Table, target: Connection) -> Any:
    postgres = target.dialect.name == "postgresql"
    values = {}
    for column in table.columns:
        given: Any = bindparam(_name(column), type_=column.type)
        if isinstance(column.type, JSON):
            given = bindparam(_name(column), type_=Text())
            given = cast(given, JSON) if postgres else given
        values[column.name] = given
    return insert(table).values(values)


def _name(column: Column[Any]) -> str:
    return f"copied_{column.name}"  # a column's own name means another thing to SQLAlchemy here


def _without_nul(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _continue_ids(table: Table, target: Connection) -> None:
    """Let PostgreSQL number new rows after those that were copied."""
    (key, *more) = table.primary_key.columns
    if not more and isinstance(key.type, Integer) and key is table.autoincrement_column:
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        target.execute(select(func.setval(sequence, select(func.max(key)).scalar_subquery())))
