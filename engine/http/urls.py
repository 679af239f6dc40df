"""Where a connection's requests go: the connector's URLs filled from the connection's settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from engine.auth import OAuth2, TokenAuth
from engine.connector import Connector
from engine.errors import SetupError

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Addresses:
    """The URLs of one connection, and the origins its credentials may be sent to."""

    base_url: str
    authorize_url: str
    token_url: str
    origins: frozenset[str]


def addresses(connector: Connector, settings: Mapping[str, Any]) -> Addresses:
    """Fill the connector's URLs.

    :param settings: all of the connection's settings; ``base_url`` replaces scheme and host of
        every URL, which is how practice servers and proxies are reached.
    :raises SetupError: a URL needs a setting that isn't there.
    """
    values = url_values(connector, settings)
    origin = str(settings.get("base_url") or "")
    auth = connector.auth
    base_url = _fill(connector.base_url, values, origin, connector)
    authorize_url = token_url = ""
    if isinstance(auth, OAuth2):
        authorize_url = _fill(auth.authorize_url, values, origin, connector)
    if isinstance(auth, TokenAuth):
        token_url = _fill(auth.token_url, values, origin, connector)
    origins = {origin_of(url) for url in (base_url, authorize_url, token_url) if url}
    return Addresses(base_url, authorize_url, token_url, frozenset(origins))


def url_values(connector: Connector, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may stand in a connector's URLs: the settings, and what it computes from them."""
    values = dict(settings)
    if connector.url_values_function is not None:
        values.update(connector.url_values_function(settings))
    return values


def filled(text: str, values: Mapping[str, Any], connector: Connector) -> str:
    """Return ``text`` with its ``{names}`` replaced.

    :raises SetupError: a name has no value.
    """

    def value(match: re.Match[str]) -> str:
        if values.get(match[1]):
            return str(values[match[1]])
        raise _lacking(match[1], connector)

    return PLACEHOLDER.sub(value, text)


def origin_of(url: str) -> str:
    """Return scheme, host and port, as credentials are bound to them (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def host_of(url: str) -> str:
    """Return host and port, as people are told them."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _fill(url: str, values: Mapping[str, Any], origin: str, connector: Connector) -> str:
    if not url:
        return ""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if values.get(name):
            return str(values[name])
        if origin and url.index(match[0]) < url.index("/", 8):
            return "replaced"  # part of the host, which the connection replaces below
        raise _lacking(name, connector)

    parts = urlsplit(PLACEHOLDER.sub(value, url))
    if not origin:
        return urlunsplit(parts)
    wanted = urlsplit(origin if "//" in origin else f"http://{origin}")
    return urlunsplit((wanted.scheme, wanted.netloc, parts.path, parts.query, ""))


def _lacking(name: str, connector: Connector) -> SetupError:
    return SetupError(
        f"The connection to {connector.title} lacks the setting {name!r}.",
        hint=f"Add it with `--set {name}=…`.",
    )
