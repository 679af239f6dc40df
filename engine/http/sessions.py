"""Opens a connection's session: its addresses, its credentials, its tokens."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import httpx2

from engine.auth import ApiKey, Basic, NoAuth, OwnAuth, TokenAuth
from engine.connector import Connector
from engine.errors import DatabaseAway, SetupError
from engine.files import Files, NoFiles
from engine.http.client import HttpSession, RetryPolicy
from engine.http.public import transport_for
from engine.http.ratelimit import Budget
from engine.http.urls import Addresses, addresses, filled, url_values
from engine.store import runs
from engine.store.connections import (
    Connection,
    connection_lock,
    get_connection,
    save_tokens,
)
from engine.store.database import Store

log = logging.getLogger("bridgework.tokens")

#: Where a person waits for the answer: fail soon rather than try for minutes.
IMPATIENT = RetryPolicy(attempts=2, longest_wait=5)

#: Seconds between the tries to store new tokens.
PAUSES = (0.1, 0.5, 2, 5, 10)

if TYPE_CHECKING:
    from engine.http.grants import Tokens
    from engine.http.tokens import TokenCell, TokenKeeper


def connection_for(store: Store, connector: Connector, name: str) -> Connection:
    """Return the connection called ``name``; without a log-in and a name it may be missing.

    :raises SetupError: it is missing, or belongs to another connector.
    """
    try:
        connection = get_connection(store, name)
    except SetupError:
        named = name != connector.name and connector.may_have_connection
        if connector.needs_connection or named:
            raise
        return no_connection(connector)
    if connection.connector != connector.name:
        raise SetupError(
            f"The connection {name!r} is one to {connection.connector!r}, not to "
            f"{connector.title}.",
            hint="Name another connection in the recipe's `connection:`.",
        )
    return connection


def no_connection(connector: Connector) -> Connection:
    """Return what stands for a connection where the connector needs none."""
    return Connection(name=connector.name, connector=connector.name)


def open_session(
    connector: Connector,
    connection: Connection,
    *,
    store: Store | None = None,
    keeper: "TokenKeeper | None" = None,
    transport: httpx2.BaseTransport | None = None,
    retry: RetryPolicy | None = None,
    run_id: int | None = None,
    connecting: bool = False,
    clock: Callable[[], float] = time.time,
    stopping: Callable[[], bool] | None = None,
    files: Files | None = None,
) -> HttpSession:
    """Open the line to a connection's app; nothing is sent yet.

    :param store: where renewed tokens are kept; None while a connection is only being tried.
    :param keeper: keeps the tokens instead of ``store``.
    :param transport: instead of the network, e.g. ``httpx2.WSGITransport`` in tests.
    :param run_id: the run whose log says when a token was renewed.
    :param connecting: what ``after_connect`` brings isn't there yet.
    :param clock: seconds since 1970.
    :param stopping: asked while a request waits its turn; True ends the waiting.
    :param files: keeps files instead of ``store``.
    :raises SetupError: a setting is missing.
    """
    connector = connector.for_connection(connection.settings)
    places = addresses(connector, connection.all_settings, connecting=connecting)
    auth: httpx2.Auth | None
    match connector.auth:
        case NoAuth() | OwnAuth():
            auth = None
        case ApiKey() as way:
            auth = _key_auth(way, connector, connection)
        case Basic() as way:
            auth = _basic_auth(way, connection)
        case way:
            # Here, because Authlib takes 0.04 s to import and only these connections need it.
            from engine.http.tokens import BearerAuth

            cell = token_cell(
                connector,
                connection,
                places,
                store=store,
                keeper=keeper,
                transport=transport,
                run_id=run_id,
                clock=clock,
            )
            auth = BearerAuth(cell, way, connector.title, connector.expired_function)
    session = HttpSession(
        connector=connector,
        addresses=places,
        auth=auth,
        transport=transport_for(connector, connection, transport),
        retry=retry or RetryPolicy(),
        stopping=stopping,
        files=files or (NoFiles() if store is None else store.files),
    )
    if store is not None and run_id is not None:
        session.on_wait = partial(_say_waiting, store, run_id, connector.title)
    if store is not None and (connector.limits or connector.concurrency):
        own_clock = None if clock is time.time else clock
        session.budget = Budget(store, connection.name, connector, session.nap, own_clock)
    return session


def _basic_auth(way: Basic, connection: Connection) -> httpx2.BasicAuth:
    key = connection.required(way.setting)
    if way.key_alone:
        return httpx2.BasicAuth(key, "")
    return httpx2.BasicAuth(way.username or connection.required("username"), key)


def token_cell(
    connector: Connector,
    connection: Connection,
    places: Addresses,
    *,
    store: Store | None = None,
    keeper: "TokenKeeper | None" = None,
    transport: httpx2.BaseTransport | None = None,
    run_id: int | None = None,
    clock: Callable[[], float] = time.time,
) -> "TokenCell":
    """Return the tokens of a connection whose log-in has any; see :func:`open_session`.

    :raises SetupError: a setting is missing.
    """
    from engine.http.renewal import grant_for
    from engine.http.tokens import TokenCell, TokensInHand

    if keeper is None:
        keeper = (
            TokensInHand(connection.tokens)
            if store is None
            else StoredTokens(store, connection.name)
        )

    def say_renewed() -> None:
        if store is not None and run_id is not None:
            runs.log(store, run_id, f"The access to {connector.title} ran out and was renewed.")

    return TokenCell(
        title=connector.title,
        grant=grant_for(connector, connection, places, transport=transport, clock=clock),
        keeper=keeper,
        clock=clock,
        on_renewal=say_renewed,
        keeps=connector.auth.keeps if isinstance(connector.auth, TokenAuth) else (),
    )


def _key_auth(way: ApiKey, connector: Connector, connection: Connection) -> httpx2.Auth:
    values = url_values(connector, connection.all_settings)
    key = connection.required(way.setting)
    if way.query:
        return QueryAuth(filled(way.query, values, connector), key)
    prefix = filled(way.prefix, values, connector)
    return HeaderAuth(filled(way.header, values, connector), prefix + key)


def _say_waiting(store: Store, run_id: int, title: str, ends: datetime) -> None:
    runs.log(store, run_id, f"{title} takes no more requests until {ends:%H:%M:%S} UTC; waiting.")


class StoredTokens:
    """The tokens of a connection in the database, shared by all processes."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name

    def load(self) -> "Tokens | None":
        return get_connection(self._store, self._name).tokens

    def save(self, tokens: "Tokens") -> None:
        """Keep new tokens, and wait for a database that is away: the vendor has voided the old ones.

        :raises DatabaseAway: it stayed away.
        """
        for pause in PAUSES:
            try:
                return save_tokens(self._store, self._name, tokens)
            except DatabaseAway:
                log.warning("the new tokens of %s can't be stored yet", self._name, exc_info=True)
                time.sleep(pause)
        return save_tokens(self._store, self._name, tokens)

    def alone(self) -> AbstractContextManager[None]:
        return connection_lock(self._store, self._name)


class HeaderAuth(httpx2.Auth):
    """Adds one header to every request."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx2.Request):  # type: ignore[no-untyped-def]  # httpx2's generator
        request.headers[self._name] = self._value
        yield request


class QueryAuth(httpx2.Auth):
    """Adds one parameter to the address of every request."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx2.Request):  # type: ignore[no-untyped-def]  # httpx2's generator
        request.url = request.url.copy_set_param(self._name, self._value)
        yield request
