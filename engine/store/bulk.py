"""Many rows in one go: statements compiled once, rows handed to the driver as they are.

SQLAlchemy takes a dictionary a row and works through each; a chunk of 500 ledger rows and links
then costs 5 µs a record more than tuples do (SQLite, measured by ``bench``). The statements are
SQLAlchemy's all the same, so both databases get their own dialect.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, func, select
from sqlalchemy.engine import Dialect


def insert_rows(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    update: tuple[str, ...] = (),
) -> None:
    """Insert ``rows``, each the values of ``columns``; the database fills the other columns.

    The values reach the driver as they are, so only columns of text, numbers and bytes will do.

    :param update: columns to set where the primary key is there already; empty: that is an error.
    """
    if not rows:
        return
    sql, positional = _insert(connection.dialect, table, columns, update)
    given: list[Any] = list(rows)
    if not positional:
        given = [dict(zip(columns, row, strict=True)) for row in rows]
    connection.exec_driver_sql(sql, given)


def among(
    connection: Connection, column: Column[str], values: Sequence[str]
) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of many ``values``.

    On SQLite they travel as one parameter: a statement with 500 of them takes longer to build
    than to carry out. NUL characters are not among what it can compare.
    """
    if connection.dialect.name != "sqlite":
        return column.in_(values)
    given = func.json_each(orjson.dumps(values).decode()).table_valued("value")
    return column.in_(select(given.c.value))


@lru_cache(maxsize=64)
def _insert(
    dialect: Dialect, table: Table, columns: tuple[str, ...], update: tuple[str, ...]
) -> tuple[str, bool]:
    """Return the SQL, and whether its parameters go by position."""
    # The one in use only: PostgreSQL's takes 0.02 s to import.
    statement = import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table).inline()
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=[column.name for column in table.primary_key],
            set_={name: statement.excluded[name] for name in update},
        )
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    order = compiled.positiontup
    assert order is None or tuple(order) == columns
    return compiled.string, order is not None
