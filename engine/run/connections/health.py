"""Connections are watched: tried once a day, and their tokens kept alive, though no recipe runs."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx2

from engine.connector import Connector
from engine.errors import AuthError, BridgeworkError, ConnectorError, SetupError
from engine.host import Host
from engine.http.connect import check_connection
from engine.http.sessions import token_cell
from engine.http.settings import asks_consent
from engine.http.urls import addresses
from engine.recipe.library import Library
from engine.run.connections.broken import note_broken, notice_of
from engine.run.upkeep.duties import Works
from engine.store.connections import Connection, get_connection, list_connections
from engine.store.database import Store

log = logging.getLogger("bridgework.connections")

#: A connection is checked this long after the last time; one whose problem may pass, sooner.
CHECK_EVERY = timedelta(days=1)
CHECK_UNWELL_EVERY = timedelta(hours=1)

Transports = Mapping[str, httpx2.BaseTransport]


def _now() -> datetime:
    return datetime.now(UTC)


def check(
    store: Store,
    host: Host,
    library: Library,
    name: str,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], datetime] = _now,
) -> str:
    """Try a connection, tell people if it broke or is well again, and return its label.

    :raises ConnectorError: it doesn't work; the connection remembers why and since when.
    :raises SetupError: there is no such connection, or a setting is missing.
    """
    connector = get_connection(store, name).connector
    title = host.connectors[connector].title if connector in host.connectors else connector

    def notice(error: BridgeworkError) -> tuple[str, str] | None:
        return notice_of(store, library, title, name, error)

    return check_connection(store, host, name, transport=transport, clock=clock, notice=notice)


# -- duties ----------------------------------------------------------------------------------------


def check_connections(
    works: Works, *, transports: Transports | None = None, clock: Callable[[], datetime] = _now
) -> None:
    """Check every connection that was not tried for a day; one that is out of reach, each hour."""
    for connection in list_connections(works.store):
        connector = works.host.connectors.get(connection.connector)
        if connector is None or not connector.needs_connection:
            continue
        if not _due(connection, clock()):
            continue
        transport = (transports or {}).get(connection.name)
        try:
            check(
                works.store,
                works.host,
                works.library,
                connection.name,
                transport=transport,
                clock=clock,
            )
        except (ConnectorError, SetupError) as error:
            log.warning("the connection %s doesn't work: %s", connection.name, error)


def _due(connection: Connection, now: datetime) -> bool:
    if connection.checked_at is None:
        return True
    passing = connection.problem and not connection.needs_person
    return now - connection.checked_at >= (CHECK_UNWELL_EVERY if passing else CHECK_EVERY)


def keep_tokens(
    works: Works, *, transports: Transports | None = None, clock: Callable[[], datetime] = _now
) -> None:
    """Renew tokens near their end, and refresh tokens that lie idle, though no recipe runs."""
    for connection in list_connections(works.store):
        connector = works.host.connectors.get(connection.connector)
        if connector is None or connection.needs_person:
            continue
        if not asks_consent(connector, connection.settings):
            continue  # other log-ins get a token by themselves whenever they need one
        transport = (transports or {}).get(connection.name)
        try:
            _keep_token(works.store, connector, connection.name, transport, clock)
        except AuthError as error:
            note_broken(
                works.store, works.library, connector.title, connection.name, error, at=clock()
            )
            log.warning("the access of %s can't be renewed: %s", connection.name, error)
        except (ConnectorError, SetupError) as error:  # the next look may have more luck
            log.warning("the access of %s was not renewed: %s", connection.name, error)


def _keep_token(
    store: Store,
    connector: Connector,
    name: str,
    transport: httpx2.BaseTransport | None,
    clock: Callable[[], datetime],
) -> None:
    from engine.http.tokens import near_end  # here, because Authlib takes 0.04 s to import

    connection = get_connection(store, name)
    connector = connector.for_connection(connection.settings)
    tokens = connection.tokens
    if tokens is None or not tokens.get("refresh_token"):
        return
    if not near_end(tokens, clock().timestamp()):
        return
    cell = token_cell(
        connector,
        connection,
        addresses(connector, connection.all_settings),
        store=store,
        transport=transport,
        clock=lambda: clock().timestamp(),
    )
    cell.renewed(stale=str(tokens.get("access_token") or ""))
