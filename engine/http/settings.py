"""What a connection may and must be given, as its app's connector declares it."""

from collections.abc import Mapping
from typing import Any

from engine.auth import ApiKey, Basic, ClientCredentials, JwtBearer, OAuth2
from engine.connector import Connector
from engine.errors import SetupError
from engine.fields import Schema
from engine.http.urls import PLACEHOLDER

#: The setting that says which of an app's ways to log in a connection uses.
LOG_IN = "log_in"
#: Settings of an OAuth connection that were got elsewhere and make its consent page unnecessary.
TOKENS = ("access_token", "refresh_token")

_LOG_IN: dict[str, Schema] = {
    "username": {"type": "string", "title": "User name"},
    "password": {"type": "string", "title": "Password"},
    "api_key": {"type": "string", "title": "API key"},
    "client_id": {"type": "string", "title": "App key"},
    "client_secret": {"type": "string", "title": "App secret"},
}


def setting_schemas(connector: Connector) -> dict[str, Schema]:
    """Return the schema of everything a connection to this app may be given, by name.

    Where a way to log in is still to be chosen, of what any of them may be given.
    """
    known: dict[str, Schema] = {}
    if connector.log_ins:
        known[LOG_IN] = {
            "type": "string",
            "title": "How to log in",
            "enum": list(connector.log_ins),
        }
    for way in _ways(connector):
        for name, schema in way.settings_schema.get("properties", {}).items():
            known.setdefault(name, schema)
        for name in _needed_to_log_in(way):
            known.setdefault(name, _LOG_IN.get(name, {"type": "string"}))
        if isinstance(way.auth, OAuth2):
            known.update({name: {"type": "string"} for name in TOKENS})
    return known


def required_settings(connector: Connector) -> tuple[str, ...]:
    """Return the names of the settings that a connection can't do without.

    Of a connector :meth:`~engine.connector.Connector.for_connection`; else of the first way.
    """
    way = connector.for_connection({})
    declared = way.settings_schema.get("required", ())
    return tuple(dict.fromkeys([*declared, *_needed_to_log_in(way)]))


def secret_settings(connector: Connector) -> frozenset[str]:
    """Return the names of settings that are never shown again once entered.

    Where a way to log in is still to be chosen, of all of them.
    """
    hidden = set()
    for way in _ways(connector):
        for name, part in way.settings_schema.get("properties", {}).items():
            if part.get("writeOnly"):
                hidden.add(name)
        match way.auth:
            case ApiKey(setting=name) | Basic(setting=name) | JwtBearer(setting=name):
                hidden.add(name)
            case OAuth2() | ClientCredentials():
                hidden.add("client_secret")
    return frozenset(hidden)


def way_of(connector: Connector, settings: Mapping[str, Any]) -> Connector:
    """Return the connector as a connection is logged in; the first way where that one is no more.

    For what is shown of a connection; whoever uses one is told by ``for_connection``.
    """
    try:
        return connector.for_connection(settings)
    except SetupError:
        return connector.for_connection({})


def asks_consent(connector: Connector, settings: Mapping[str, Any]) -> bool:
    """Return whether a connection of these settings is made on the app's own consent page."""
    return isinstance(way_of(connector, settings).auth, OAuth2)


def of_other_ways(connector: Connector) -> frozenset[str]:
    """Return the names of settings that only the ways to log in ask for that were not chosen."""
    if not connector.log_in:
        return frozenset()
    mine = set(setting_schemas(connector))
    others = (set(setting_schemas(way)) for way in connector.ways.values())
    return frozenset(set().union(*others) - mine)


def _ways(connector: Connector) -> list[Connector]:
    """Return the way that was chosen; else all there are."""
    return [connector] if connector.log_in else list(connector.ways.values())


def _needed_to_log_in(connector: Connector) -> list[str]:
    match connector.auth:
        case ApiKey(setting=name):
            return [name]
        case Basic(username=username, setting=name, key_alone=alone):
            return [name] if username or alone else ["username", name]
        case OAuth2() | ClientCredentials():
            return ["client_id", "client_secret"]
        case JwtBearer() as auth:
            texts = (auth.issuer, auth.subject, auth.audience, *auth.claims.values())
            named = [name for text in texts for name in PLACEHOLDER.findall(text)]
            declared = connector.settings_schema
            optional = {*declared.get("properties", ())} - {*declared.get("required", ())}
            return [*(name for name in named if name not in optional), auth.setting]
    return []
