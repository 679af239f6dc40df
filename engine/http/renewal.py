"""From a connector's declared log-in and a connection's settings to the way its tokens are got."""

import time
from collections.abc import Callable

import httpx2

from engine.auth import ClientCredentials, JwtBearer, OAuth2, TokenAuth
from engine.connector import Connector
from engine.http.grants import (
    ClientCredentialsGrant,
    Grant,
    JwtBearerGrant,
    RefreshGrant,
    TokenEndpoint,
)
from engine.http.public import transport_for
from engine.http.urls import Addresses, filled, url_values
from engine.store.connections import Connection


def endpoint_for(
    connector: Connector,
    connection: Connection,
    places: Addresses,
    transport: httpx2.BaseTransport | None = None,
) -> TokenEndpoint:
    """Return where a connection's tokens come from, and as whom it asks.

    :raises SetupError: a setting is missing.
    """
    auth = connector.auth
    settings = connection.all_settings
    if isinstance(auth, ClientCredentials):
        client_id, secret = connection.required("client_id"), connection.required("client_secret")
    elif isinstance(auth, JwtBearer):  # the signature says who asks
        client_id = secret = ""
    else:
        client_id = str(settings.get("client_id") or "")
        secret = str(settings.get("client_secret") or "")
    return TokenEndpoint(
        title=connector.title,
        url=places.token_url,
        client_id=client_id,
        client_secret=secret,
        basic=isinstance(auth, OAuth2 | ClientCredentials)
        and (settings.get("client_auth") if auth.client_auth == "setting" else auth.client_auth)
        == "basic",
        transport=transport_for(connector, connection, transport),
    )


def grant_for(
    connector: Connector,
    connection: Connection,
    places: Addresses,
    *,
    transport: httpx2.BaseTransport | None = None,
    clock: Callable[[], float] = time.time,
) -> Grant:
    """Return how a connection comes by its next token.

    :raises SetupError: a setting is missing.
    """
    auth = connector.auth
    assert isinstance(auth, TokenAuth)
    endpoint = endpoint_for(connector, connection, places, transport)
    if isinstance(auth, OAuth2):
        return RefreshGrant(endpoint)
    values = url_values(connector, connection.all_settings)

    def text(written: str) -> str:
        return filled(written, values, connector)

    scopes = " ".join(text(scope) for scope in auth.scopes).strip()
    scope = {"scope": scopes} if scopes else {}
    if isinstance(auth, ClientCredentials):
        more = {name: said for name, value in auth.parameters.items() if (said := text(value))}
        return ClientCredentialsGrant(endpoint, {**scope, **more})
    return JwtBearerGrant(
        endpoint=endpoint,
        issuer=text(auth.issuer),
        subject=text(auth.subject),
        audience=text(auth.audience) or places.token_url,
        claims={name: text(value) for name, value in auth.claims.items()},
        parameters=scope,
        private_key=connection.required(auth.setting),
        setting=auth.setting,
        algorithm=auth.algorithm,
        lifetime=auth.lifetime,
        clock=clock,
    )
