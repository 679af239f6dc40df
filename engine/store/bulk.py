"""Many rows or keys in one statement, at little more than the database's own price.

Measured on SQLite, for a record's ledger row and link: rows as tuples save 5 µs over SQLAlchemy's
dictionaries, many rows a statement another 2 µs, values that all rows share and that are given once
another 0.5 µs; keys as one parameter save 1 µs a look-up over an ``IN`` of 500. The SQL is
SQLAlchemy's all the same, so that each database gets its own dialect.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE, TypeDecorator, TypeEngine

from engine.store.database import dialect_insert

#: Rows in one statement: as many as fit, then tens, then the rest one by one.
TOGETHER = (200, 20)


def insert_rows(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    update: tuple[str, ...] = (),
) -> None:
    """Insert ``rows``, each the values of ``columns``, which stand in the table's own order.

    The database fills the other columns. The values reach the driver as they are, so only columns
    of text, numbers and bytes will do.

    :param update: columns to set where the primary key is there already; empty: that is an error.
    """
    if not rows:
        return
    shape = (connection.dialect, table, columns, update)
    if not connection.dialect.positional:  # PostgreSQL's driver sends many rows together itself
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.exec_driver_sql(_insert(*shape), named)
        return
    done = 0
    if len(rows) >= TOGETHER[-1]:
        shared = tuple(n for n in range(len(columns) - 1) if _all_share(rows, n))
        once = tuple(rows[0][n] for n in shared)
        own = [n for n in range(len(columns)) if n not in shared]
        pick = itemgetter(*own) if len(own) > 1 else itemgetter(slice(own[0], None))
        for size in TOGETHER:
            while len(rows) - done >= size:
                values = (*once, *chain.from_iterable(map(pick, rows[done : done + size])))
                connection.exec_driver_sql(_repeated(*shape, shared, size), values)
                done += size
    if done < len(rows):
        connection.exec_driver_sql(_insert(*shape), list(rows[done:]))


def among(column: Column[str], parameter: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the texts given as ``parameter``.

    The texts must hold no NUL characters.
    """
    return _Among(column, bindparam(parameter, type_=_Texts()))


class _Texts(TypeDecorator[Sequence[str]]):
    """Many texts as one parameter: JSON on SQLite, which has no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text()))

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        assert value is not None
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else list(value)


class _Among(FunctionElement[Any]):
    # Not Boolean: SQLAlchemy would write "= 1" behind it for SQLite, and no index serves that.
    type = NULLTYPE
    inherit_cache = True


@compiles(_Among)
def _any_of_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, given = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({given})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: Any, **options: Any) -> str:
    column, given = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 - SQL of SQLAlchemy's


def _all_share(rows: Sequence[tuple[Any, ...]], place: int) -> bool:
    value = rows[0][place]
    return rows[-1][place] == value and all(row[place] == value for row in rows)


@lru_cache(maxsize=64)
def _insert(
    dialect: Dialect, table: Table, columns: tuple[str, ...], update: tuple[str, ...]
) -> str:
    assert columns == tuple(column.name for column in table.columns if column.name in columns)
    statement = dialect_insert(dialect, table).inline()
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=[column.name for column in table.primary_key],
            set_={name: statement.excluded[name] for name in update},
        )
    return str(statement.compile(dialect=dialect, column_keys=columns))


@lru_cache(maxsize=64)
def _repeated(
    dialect: Dialect,
    table: Table,
    columns: tuple[str, ...],
    update: tuple[str, ...],
    shared: tuple[int, ...],
    rows: int,
) -> str:
    """Return the statement for many rows; its first parameters are the values that they share.

    SQLAlchemy takes 0.01 s to write it, and has no word for a parameter that stands twice.
    """
    one_row = _insert(dialect, table, columns, update)
    row = f"({', '.join('?' * len(columns))})"
    assert one_row.count(f"VALUES {row}") == 1
    once = {place: f"?{number}" for number, place in enumerate(shared, start=1)}
    own = count(len(shared) + 1)
    every = (
        ", ".join(once.get(place) or f"?{next(own)}" for place in range(len(columns)))
        for _ in range(rows)
    )
    return one_row.replace(row, ", ".join(f"({one})" for one in every), 1)
