"""Does one operation of a connector and shows what comes of it: records, requests, differences."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

from engine.authoring.exchanges import Exchange, Exchanges
from engine.calls import call_batch, call_single, guarded, read_trigger
from engine.context import Context, Folders
from engine.drift.differences import Difference, differences
from engine.drift.shape import shape_of
from engine.errors import BridgeworkError, SetupError
from engine.fields import Record, Schema
from engine.host import Host
from engine.http.client import HttpClient
from engine.http.contexts import context_for
from engine.http.sessions import IMPATIENT, connection_for, open_session
from engine.operations import Action, Trigger
from engine.results import Accepted, BadRecord, RowResult
from engine.store.database import Store


@dataclass(frozen=True)
class Tried:
    """What came of trying an operation.

    :param records: what it yielded, found, or was answered.
    :param refused: what the app said of what it didn't take, or of records that can't be.
    :param exchanges: the requests, in their order, and what was answered; without secrets.
    :param differences: from the declared fields, as far as so few records show them.
    :param error: why it ended early; None when it didn't.
    """

    operation: Trigger | Action
    records: list[Record] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    error: BridgeworkError | None = None


def changes_something(operation: Trigger | Action) -> bool:
    """Say whether trying an operation does something at the app, and so needs a yes."""
    return isinstance(operation, Action) and operation.kind != "search"


def try_operation(
    store: Store,
    host: Host,
    operation: Trigger | Action,
    connection: str,
    values: Record,
    *,
    limit: int = 3,
    since: datetime | None = None,
    transport: httpx2.BaseTransport | None = None,
    now: datetime | None = None,
    folders: Folders | None = None,
) -> Tried:
    """Do an operation once, in a connection's name.

    Of a trigger only as much is read as is shown. What goes wrong on the way is part of what is
    shown: no error is raised for it.

    :param values: by field; see :func:`~engine.authoring.values.read_values`.
    :param limit: records of a trigger.
    :param since: reads only what changed since; None reads from the beginning.
    :param folders: where files are that the values name; default: here, and in the home.
    :raises SetupError: there is no such connection, or the trigger has no such "since".
    """
    if since is not None and not (isinstance(operation, Trigger) and operation.takes_since):
        raise SetupError(f"{operation.full_name} can't be asked for what changed since a time.")
    connector = host.connector(operation.connector)
    account = connection_for(store, connector, connection)
    heard = Exchanges()
    found = Tried(operation, exchanges=heard.made)
    repeatable = isinstance(operation, Trigger) or operation.idempotent
    with open_session(
        connector, account, store=store, transport=transport, retry=IMPATIENT
    ) as session:
        heard.listen(session.client)
        context = context_for(
            connector,
            account,
            HttpClient(session, idempotent=repeatable),
            now or datetime.now(UTC),
            folders=folders
            or Folders(search=(Path.cwd(), store.home / "files"), output=store.home / "files"),
        )
        try:
            schema = _do(found, context, values, limit, since)
        except BridgeworkError as error:
            return replace(found, error=error)
    return replace(found, differences=differences(schema, shape_of(found.records)))


def _do(
    found: Tried, context: Context, values: Record, limit: int, since: datetime | None
) -> Schema:
    """Do the operation; return the schema of what it gives."""
    operation = found.operation
    if isinstance(operation, Trigger):
        for item in islice(read_trigger(operation, context, values, since), limit):
            if isinstance(item, BadRecord):
                found.refused.append(f"{item.label or item.key}: {item.reason}")
            else:
                found.records.append(item)
    else:
        for result in _send(operation, context, values):
            if isinstance(result, Accepted):
                found.records.append(dict(result.record))
            elif result is not None:
                found.refused.append(f"{result.reason} {result.hint}".strip())
    if operation.schema is not None:
        known = operation.parameters.get("properties", {})
        with guarded(operation.connector, f"{operation.name} (schema)"):
            return operation.schema(context, **{n: v for n, v in values.items() if n in known})
    return operation.result


def _send(action: Action, context: Context, values: Record) -> Sequence[RowResult | None]:
    key = f"try-{context.now.timestamp():.0f}"
    context = replace(context, key=key, idempotency_key=key)
    if action.kind != "batch":
        return [call_single(action, context, values)]
    own = action.parameters.get("properties", {})
    parameters: dict[str, Any] = {name: value for name, value in values.items() if name in own}
    row = {name: value for name, value in values.items() if name not in own}
    keys = (key,) if action.once else ()
    return call_batch(action, replace(context, idempotency_keys=keys), parameters, [row])
