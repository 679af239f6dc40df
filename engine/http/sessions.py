"""Opens a connection's session: its addresses, its credentials, its tokens."""

import httpx2

from engine.auth import ApiKey, Basic, NoAuth, OAuth2
from engine.connector import Connector
from engine.errors import SetupError
from engine.http.client import HttpSession, RetryPolicy
from engine.http.urls import addresses
from engine.store import runs
from engine.store.connections import Connection, get_connection, save_tokens
from engine.store.database import Store


def no_connection(connector: Connector) -> Connection:
    """Return what stands for a connection where the connector needs none."""
    return Connection(name=connector.name, connector=connector.name)


def open_session(
    connector: Connector,
    connection: Connection,
    *,
    store: Store | None = None,
    transport: httpx2.BaseTransport | None = None,
    retry: RetryPolicy | None = None,
    run_id: int | None = None,
) -> HttpSession:
    """Open the line to a connection's app; nothing is sent yet.

    :param store: where refreshed tokens are kept; None while a connection is only being tried.
    :param transport: instead of the network, e.g. ``httpx2.WSGITransport`` in tests.
    :param run_id: the run whose log says when a token was refreshed.
    :raises SetupError: a setting is missing.
    """
    return HttpSession(
        connector=connector,
        addresses=addresses(connector, connection.all_settings),
        auth=_credentials(connector, connection, store, transport, run_id),
        transport=transport,
        retry=retry or RetryPolicy(),
    )


def _credentials(
    connector: Connector,
    connection: Connection,
    store: Store | None,
    transport: httpx2.BaseTransport | None,
    run_id: int | None,
) -> httpx2.Auth | None:
    settings = connection.all_settings

    def setting(name: str) -> str:
        if not settings.get(name):
            raise SetupError(
                f"The connection {connection.name!r} lacks the setting {name!r}.",
                hint=f"Add it again with `--set {name}=…`.",
            )
        return str(settings[name])

    match connector.auth:
        case NoAuth():
            return None
        case ApiKey() as auth:
            return HeaderAuth(auth.header, auth.prefix + setting(auth.setting))
        case Basic() as auth:
            return httpx2.BasicAuth(auth.username or setting("username"), setting(auth.setting))
        case OAuth2() as auth:
            # Here, because Authlib takes 0.04 s to import and only OAuth connections need it.
            from engine.http.tokens import BearerAuth, TokenCell

            return BearerAuth(
                TokenCell(
                    title=connector.title,
                    auth=auth,
                    token_url=addresses(connector, settings).token_url,
                    client_id=str(settings.get("client_id") or ""),
                    client_secret=str(settings.get("client_secret") or ""),
                    load=lambda: _stored_tokens(connection, store),
                    save=lambda tokens: _keep_tokens(connection, store, tokens),
                    transport=transport,
                    on_refresh=lambda: _say_refreshed(connector, store, run_id),
                )
            )


def _stored_tokens(connection: Connection, store: Store | None) -> dict[str, object] | None:
    tokens = connection.tokens if store is None else get_connection(store, connection.name).tokens
    return None if tokens is None else dict(tokens)


def _keep_tokens(connection: Connection, store: Store | None, tokens: object) -> None:
    assert isinstance(tokens, dict)
    if store is not None:
        save_tokens(store, connection.name, tokens)


def _say_refreshed(connector: Connector, store: Store | None, run_id: int | None) -> None:
    if store is not None and run_id is not None:
        runs.log(store, run_id, f"The access to {connector.title} ran out and was renewed.")


class HeaderAuth(httpx2.Auth):
    """Adds one header to every request."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx2.Request):  # type: ignore[no-untyped-def]  # httpx2's generator
        request.headers[self._name] = self._value
        yield request
