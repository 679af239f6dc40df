"""Fields known only once connected: what each app said of them last, and when."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import delete, select
from sqlalchemy.engine import Row

from engine import redaction
from engine.fields import Schema
from engine.host import Host
from engine.live import ReadFields
from engine.store.database import Store, upsert
from engine.store.tables import live_fields


@dataclass(frozen=True)
class StoredFields:
    """Looks up what was read; see :class:`engine.live.LiveFields`."""

    store: Store

    def known(
        self, connection: str, asked: str, parameters: Mapping[str, Any]
    ) -> ReadFields | None:
        table = live_fields.c
        query = select(live_fields).where(
            table.connection == connection,
            table.asked == asked,
            table.digest == _digest(parameters),
        )
        with self.store.reading() as database:
            row = database.execute(query).first()
        return None if row is None else _read(row)

    def everything(self) -> list[ReadFields]:
        with self.store.reading() as database:
            return [_read(row) for row in database.execute(_all())]


def with_live_fields(host: Host, store: Store) -> Host:
    """Return connectors that know what a store knows of their accounts' own fields."""
    return replace(host, live=StoredFields(store))


def fields_of(store: Store, connection: str) -> list[ReadFields]:
    """Return what was read through a connection."""
    with store.reading() as database:
        rows = database.execute(_all().where(live_fields.c.connection == connection))
        return [_read(row) for row in rows]


def keep_fields(
    store: Store,
    connection: str,
    asked: str,
    parameters: Mapping[str, Any],
    *,
    schema: Schema | None,
    at: datetime,
    problem: str = "",
) -> None:
    """Keep what an app said of its fields, or why it could not be read.

    :param schema: None where it could not be read; what was read before then stays.
    """
    row = {
        "connection": connection,
        "asked": asked,
        "digest": _digest(parameters),
        "parameters": dict(parameters),
        "schema": schema,
        "read_at": None if schema is None else at,
        "problem": redaction.redact(problem),
    }
    changes = ["problem"] if schema is None else ["schema", "read_at", "problem"]
    with store.writing() as database:
        upsert(database, live_fields, [row], update=changes)


def forget_fields(
    database: DatabaseConnection, connection: str, *, before: datetime | None = None
) -> None:
    """Forget what was read through a connection.

    :param before: only what was read before then, since another account has the name from then on.
    """
    statement = delete(live_fields).where(live_fields.c.connection == connection)
    if before is not None:
        statement = statement.where(live_fields.c.read_at < before)
    database.execute(statement)


def _all() -> Any:
    table = live_fields.c
    return select(live_fields).order_by(table.connection, table.asked, table.digest)


def _digest(parameters: Mapping[str, Any]) -> str:
    written = json.dumps(dict(parameters), sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def _read(row: Row[Any]) -> ReadFields:
    return ReadFields(
        connection=row.connection,
        asked=row.asked,
        parameters=row.parameters,
        schema=row.schema,
        read_at=row.read_at,
        problem=row.problem,
    )
