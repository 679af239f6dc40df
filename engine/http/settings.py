"""What a connection may and must be given, as its app's connector declares it."""

from engine.auth import ApiKey, Basic, ClientCredentials, JwtBearer, OAuth2
from engine.connector import Connector
from engine.fields import Schema
from engine.http.urls import PLACEHOLDER

#: Settings of an OAuth connection that were got elsewhere and make its consent page unnecessary.
TOKENS = ("access_token", "refresh_token")

_LOG_IN: dict[str, Schema] = {
    "username": {"type": "string", "title": "User name"},
    "client_id": {"type": "string", "title": "App key"},
    "client_secret": {"type": "string", "title": "App secret"},
}


def setting_schemas(connector: Connector) -> dict[str, Schema]:
    """Return the schema of everything a connection to this app may be given, by name."""
    known: dict[str, Schema] = dict(connector.settings_schema.get("properties", {}))
    for name in _needed_to_log_in(connector):
        known.setdefault(name, _LOG_IN.get(name, {"type": "string"}))
    if isinstance(connector.auth, OAuth2):
        known.update({name: {"type": "string"} for name in TOKENS})
    return known


def required_settings(connector: Connector) -> tuple[str, ...]:
    """Return the names of the settings that a connection can't do without."""
    declared = connector.settings_schema.get("required", ())
    return tuple(dict.fromkeys([*declared, *_needed_to_log_in(connector)]))


def _needed_to_log_in(connector: Connector) -> list[str]:
    match connector.auth:
        case ApiKey(setting=name):
            return [name]
        case Basic(username=username, setting=name):
            return [name] if username else ["username", name]
        case OAuth2() | ClientCredentials():
            return ["client_id", "client_secret"]
        case JwtBearer() as auth:
            texts = (auth.issuer, auth.subject, auth.audience, *auth.claims.values())
            return [*(name for text in texts for name in PLACEHOLDER.findall(text)), auth.setting]
    return []
