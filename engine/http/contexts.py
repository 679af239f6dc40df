"""What a connector's function is given of one connection: its line, and what it may know of it."""

from datetime import datetime
from typing import Any

from engine.auth import NoAuth, OwnAuth
from engine.connector import Connector
from engine.context import Context, Http
from engine.http.client import HttpClient
from engine.store.connections import Connection


def context_for(
    connector: Connector, connection: Connection, http: Http, now: datetime, **more: Any
) -> Context:
    """Return the context of a call in a connection's name.

    Secrets go only to connectors that log in by themselves; for the others the engine does.

    :param more: further fields of :class:`~engine.context.Context`.
    """
    connector = connector.for_connection(connection.settings)
    own = isinstance(connector.auth, NoAuth | OwnAuth)
    if isinstance(http, HttpClient):
        more = {"kept": http.session.kept, "files": http.session.files, **more}
    return Context(
        http=http,
        now=now,
        connection=connection.settings,
        secrets=dict(connection.secrets) if own else {},
        **more,
    )
