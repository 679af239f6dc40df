"""Connecting an account: the consent round trip, the test before saving, the test at any time."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from engine.auth import OAuth2, TokenAuth
from engine.calls import guarded
from engine.connector import Connector
from engine.context import Context
from engine.errors import AuthError, BridgeworkError, ConnectorError, SetupError
from engine.host import Host
from engine.http.accounts import ask_account, own_account
from engine.http.client import HttpClient
from engine.http.contexts import context_for
from engine.http.grants import exchange_code, insist_on_refresh, stored_form
from engine.http.renewal import endpoint_for
from engine.http.sessions import IMPATIENT, open_session, token_cell
from engine.http.settings import LOG_IN, of_other_ways, secret_settings
from engine.http.tokens import TokensInHand
from engine.http.urls import addresses, filled, url_values
from engine.operations import PERSON
from engine.store.connections import (
    Connection,
    connection_lock,
    get_connection,
    mark_checked,
    save_connection,
)
from engine.store.database import Store
from engine.store.locks import exclusive

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Authorization:
    """A consent page someone was sent to; kept until they come back.

    :param verifier: PKCE's; proves that who brings the code back is who asked (RFC 7636).
    """

    url: str
    state: str
    verifier: str
    redirect_uri: str


def new_connection(
    connector: Connector, name: str, settings: Mapping[str, Any], *, practice: bool = False
) -> Connection:
    """Sort settings into public and secret ones; OAuth tokens given directly become its tokens.

    What only another way to log in asks for is left out. Nothing is stored: see
    :func:`add_connection`.

    :raises SetupError: there is no such way to log in.
    """
    connector = connector.for_connection(settings)
    foreign = of_other_ways(connector)
    given = {name: value for name, value in settings.items() if name not in foreign}
    if connector.log_in:
        given[LOG_IN] = connector.log_in
    tokens = None
    if isinstance(connector.auth, OAuth2):
        answer = {key: given.pop(key, None) for key in ("access_token", "refresh_token")}
        if any(answer.values()):
            tokens = stored_form(answer, datetime.now(UTC).timestamp())
    hidden = secret_settings(connector)
    return Connection(
        name=name,
        connector=connector.name,
        settings={key: value for key, value in given.items() if key not in hidden},
        secrets={key: value for key, value in given.items() if key in hidden},
        tokens=tokens,
        practice=practice,
    )


def begin_oauth(connector: Connector, connection: Connection, redirect_uri: str) -> Authorization:
    """Return the consent page to send a person to.

    :raises SetupError: a setting its address needs is missing.
    """
    # Here, because only connecting needs it and it takes 0.1 s to import.
    from authlib.common.security import generate_token
    from authlib.integrations.httpx_client import OAuth2Client

    connector = connector.for_connection(connection.settings)
    assert isinstance(connector.auth, OAuth2)
    places = addresses(connector, connection.all_settings, connecting=True)
    if not places.authorize_url.lower().startswith(("https://", "http://")):  # people will open it
        raise SetupError(
            f"The consent page of {connector.title} has no web address.",
            hint="It begins with https://.",
        )
    values = url_values(connector, connection.all_settings)
    scopes = " ".join(filled(scope, values, connector) for scope in connector.auth.scopes)
    verifier = generate_token(64)
    with OAuth2Client(
        client_id=str(connection.all_settings.get("client_id") or ""),
        redirect_uri=redirect_uri,
        scope=scopes.strip() or None,
        code_challenge_method="S256",
    ) as client:
        url, state = client.create_authorization_url(
            places.authorize_url,
            state=secrets.token_urlsafe(24),
            code_verifier=verifier,
            **connector.auth.consent_parameters,
        )
    return Authorization(str(url), str(state), verifier, redirect_uri)


def finish_oauth(
    connector: Connector,
    connection: Connection,
    authorization: Authorization,
    callback_url: str,
    *,
    transport: httpx2.BaseTransport | None = None,
) -> Connection:
    """Return the connection with the tokens that the code in ``callback_url`` stands for.

    :raises AuthError: consent was refused, or no refresh token came back.
    """
    connector = connector.for_connection(connection.settings)
    assert isinstance(connector.auth, OAuth2)
    places = addresses(connector, connection.all_settings, connecting=True)
    tokens = exchange_code(
        endpoint=endpoint_for(connector, connection, places, transport),
        auth=connector.auth,
        callback_url=callback_url,
        state=authorization.state,
        redirect_uri=authorization.redirect_uri,
        verifier=authorization.verifier,
    )
    return replace(connection, tokens=tokens)


def add_connection(
    store: Store,
    connector: Connector,
    connection: Connection,
    *,
    replace_account: bool = False,
    transport: httpx2.BaseTransport | None = None,
    clock: Clock = _now,
) -> Connection:
    """Try a connection, and store it only if it works; return it with its label.

    :param replace_account: a connection of this name may become another account's.
    :raises AuthError: it is not accepted, isn't connected yet, or would not last.
    :raises ConnectorError: the app can't be reached or answers nonsense.
    :raises SetupError: the account is connected already, or is another than before.
    """
    if connection.name == PERSON:
        raise SetupError(
            f"No connection can be called {PERSON!r}: in recipes it means that a person does a step.",
            hint="Choose another name.",
        )
    connector = connector.for_connection(connection.settings)
    if isinstance(connector.auth, OAuth2) and connection.tokens is None:
        raise AuthError(
            f"{connector.title} has not given access yet.", hint="Open its consent page first."
        )
    if isinstance(connector.auth, OAuth2) and connector.auth.refreshes:
        insist_on_refresh(connector.title, connection.tokens or {})
    # Renewed on the way, they would else be lost, and with them a refresh token for one use only.
    keeper = TokensInHand(connection.tokens)
    _get_kept_values(connector, connection, keeper, transport, clock)
    connection = replace(connection, tokens=keeper.tokens)
    with _opened(
        connector, connection, clock, keeper=keeper, transport=transport, connecting=True
    ) as context:
        more = _after_connect(connector, context)
    known = replace(connection, settings={**connection.settings, **more})
    with _opened(connector, known, clock, keeper=keeper, transport=transport) as context:
        account = ask_account(connector, context)
    checked = replace(
        known,
        label=account.label,
        account_id=account.id,
        address=addresses(connector, known.all_settings).base_url,
        tokens=keeper.tokens,
        problem="",
        problem_code="",
        broken_since=None,
        checked_at=clock(),
    )
    # The second lock keeps out who renews the old tokens at this moment.
    with exclusive(store, "accounts", 30), connection_lock(store, checked.name):
        checked = own_account(store, checked, replace_account=replace_account)
        save_connection(store, checked)
    return checked


def check_connection(
    store: Store,
    host: Host,
    name: str,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Clock = _now,
    notice: Callable[[BridgeworkError], tuple[str, str] | None] = lambda error: None,
) -> str:
    """Try a stored connection, note how it went, and return its label.

    :param notice: subject and body of what people should hear of a failure; None for nothing.
    :raises ConnectorError: it doesn't work; the connection remembers why.
    :raises SetupError: there is no such connection.
    """
    connection = get_connection(store, name)
    try:
        connector = host.connector(connection.connector).for_connection(connection.settings)
        with _opened(connector, connection, clock, store=store, transport=transport) as context:
            account = ask_account(connector, context)
    except (ConnectorError, SetupError) as error:
        mark_checked(
            store,
            name,
            problem=str(error),
            code=error.code,
            notice=notice(error),
            at=clock(),
        )
        raise
    mark_checked(
        store,
        name,
        label=account.label,
        account_id=account.id,
        address=addresses(connector, connection.all_settings).base_url,
        at=clock(),
    )
    return account.label


@contextmanager
def _opened(
    connector: Connector, connection: Connection, clock: Clock, **how: Any
) -> Iterator[Context]:
    """Open a connection for a question or two, as someone waits for the answer."""
    with open_session(
        connector,
        connection,
        retry=IMPATIENT,
        clock=lambda: clock().timestamp(),
        **how,
    ) as session:
        http = HttpClient(session, idempotent=True)
        yield context_for(connector, connection, http, clock())


def _get_kept_values(
    connector: Connector,
    connection: Connection,
    keeper: TokensInHand,
    transport: httpx2.BaseTransport | None,
    clock: Clock,
) -> None:
    """Get a token where its answer says what addresses need, and nobody has seen one yet.

    So it is where nobody consents (client credentials), and where tokens were got elsewhere.
    """
    if not isinstance(connector.auth, TokenAuth):
        return
    if not set(connector.auth.keeps) - (keeper.tokens or {}).get("values", {}).keys():
        return
    cell = token_cell(
        connector,
        connection,
        addresses(connector, connection.all_settings, connecting=True),
        keeper=keeper,
        transport=transport,
        clock=lambda: clock().timestamp(),
    )
    cell.renewed(stale=str((keeper.tokens or {}).get("access_token") or ""))


def _after_connect(connector: Connector, context: Context) -> Mapping[str, Any]:
    """Return what the connector reads once after connecting; its URLs may need it from then on."""
    if connector.after_connect_function is None:
        return {}
    with guarded(connector.name, "after_connect"):
        return connector.after_connect_function(context)
