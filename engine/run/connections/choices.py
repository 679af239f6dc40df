"""The choices an app has for a field, e.g. its audiences, asked for while a person chooses."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

import httpx2

from engine.calls import guarded
from engine.errors import SetupError
from engine.fields import Option, field_hints
from engine.host import Host
from engine.http.client import HttpClient, RetryPolicy
from engine.http.contexts import context_for
from engine.http.sessions import connection_for, open_session
from engine.operations import Operation
from engine.store.database import Store

#: Choices that are offered; who has more types the value.
MOST_OPTIONS = 500
#: A person waits for the answer.
PATIENCE = RetryPolicy(attempts=1)


def options_of(
    store: Store,
    host: Host,
    field: str,
    connection: str,
    *,
    transport: httpx2.BaseTransport | None = None,
) -> list[Option]:
    """Ask an app for the choices it has for a field.

    :param field: ``connector.operation.field``.
    :param connection: the account to ask with.
    :raises SetupError: there is no such field or connection, or the field has no choices.
    :raises ConnectorError: the app doesn't answer as it should.
    """
    operation, options = _declared(host, field)
    connector = host.connector(operation.connector)
    account = connection_for(store, connector, connection)
    with open_session(
        connector, account, store=store, transport=transport, retry=PATIENCE
    ) as session:
        http = HttpClient(session, idempotent=True)
        context = context_for(connector, account, http, datetime.now(UTC))
        with guarded(operation.connector, operation.name):
            return list(islice(options(context), MOST_OPTIONS))


def has_options(host: Host, field: str) -> bool:
    """Return whether an app can be asked for the choices of ``connector.operation.field``."""
    try:
        _declared(host, field)
    except SetupError:
        return False
    return True


def _declared(host: Host, field: str) -> tuple[Operation, Callable[..., Iterator[Option]]]:
    """Return a field's operation, and the function that knows its choices.

    :raises SetupError: there is no such field, or it has no choices.
    """
    full_name, _, name = field.rpartition(".")
    operation = host.operation(full_name)
    picked = field_hints(operation.function, name)
    if picked is not None and picked.options is not None:
        return operation, picked.options
    raise SetupError(
        f"{operation.full_name} has no field {name!r} with choices.",
        hint="Name a field whose connector knows its choices.",
    )
