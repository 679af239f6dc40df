"""Where a connection's requests go: the connector's URLs filled from the connection's settings."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from engine.auth import OAuth2, TokenAuth
from engine.connector import Connector
from engine.errors import SetupError
from engine.guard import guarded

PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: What may stand for a placeholder between ``https://`` and the next slash.
HOST_PART = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Addresses:
    """The URLs of one connection, and the origins its credentials may be sent to.

    :param base_url: of the API; empty while it isn't known.
    :param elsewhere: the app's own origins, where another server stands in for it; by the origin
        that takes their place.
    """

    base_url: str
    authorize_url: str
    token_url: str
    origins: frozenset[str]
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def reached(self, url: str) -> str:
        """Return where a whole URL is reached: the stand-in's, if one stands in for its origin."""
        other = self.elsewhere.get(origin_of(url))
        return url if other is None else _moved(url, other)


def addresses(
    connector: Connector, settings: Mapping[str, Any], *, connecting: bool = False
) -> Addresses:
    """Fill the connector's URLs.

    :param settings: all of the connection's settings; ``base_url`` replaces scheme and host of
        every URL, which is how practice servers and proxies are reached.
    :param connecting: the base URL may lack what ``after_connect`` or the first token brings, e.g.
        a data centre.
    :raises SetupError: a URL needs a setting that isn't there.
    """
    connector = connector.for_connection(settings)
    values = url_values(connector, settings)
    origin = str(settings.get("base_url") or "")
    auth = connector.auth
    authorize_url = auth.authorize_url if isinstance(auth, OAuth2) else ""
    token_url = auth.token_url if isinstance(auth, TokenAuth) else ""
    declared = (connector.base_url, authorize_url, token_url)
    found = [_fill(url, values, origin, connector) for url in declared[1:]]
    try:
        found.insert(0, _fill(connector.base_url, values, origin, connector))
    except SetupError:
        later = connector.after_connect_function is not None
        if isinstance(auth, TokenAuth):
            later = later or bool(auth.keeps)
        if not (connecting and later):
            raise
        found.insert(0, "")
    elsewhere = {}
    for url in declared if origin else ():
        with suppress(SetupError):  # its host isn't known, so nobody can ask for it
            if url:
                elsewhere[origin_of(_fill(url, values, "", connector))] = origin
    origins = frozenset(origin_of(url) for url in found if url)
    return Addresses(found[0], found[1], found[2], origins, elsewhere)


def url_values(connector: Connector, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may stand in a connector's URLs: the settings, and what it computes from them.

    What it computes may be empty on purpose; an empty setting is one that wasn't given.
    """
    values = {name: value for name, value in settings.items() if value not in (None, "")}
    if connector.url_values_function is not None:
        with guarded(connector.name, "url_values"):
            values.update(connector.url_values_function(settings))
    return values


def filled(text: str, values: Mapping[str, Any], connector: Connector) -> str:
    """Return ``text`` with its ``{names}`` replaced.

    :raises SetupError: a name has no value.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] in values:
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
            given = str(values[name])
            if "://" in url[: match.start()] and "/" not in url[8 : match.start()]:
                _check_host_part(name, given, connector)
            return given
        if origin and "://" in url and url.index(match[0]) < url.index("/", 8):
            return "replaced"  # part of the host, which the connection replaces below
        raise _lacking(name, connector)

    whole = PLACEHOLDER.sub(value, url)
    return _moved(whole, origin) if origin else whole


def _check_host_part(name: str, given: str, connector: Connector) -> None:
    """Refuse what would end the host, and so lead to another one than the connector declares.

    :raises SetupError: it is no part of a host's name.
    """
    if not HOST_PART.fullmatch(given):
        raise SetupError(
            f"The setting {name!r} of the connection to {connector.title} is no part of a host's "
            "name.",
            hint="It has letters, digits, dots and dashes only.",
        )


def _moved(url: str, origin: str) -> str:
    parts = urlsplit(url)
    wanted = urlsplit(origin if "//" in origin else f"http://{origin}")
    return urlunsplit((wanted.scheme, wanted.netloc, parts.path, parts.query, ""))


def _lacking(name: str, connector: Connector) -> SetupError:
    return SetupError(
        f"The connection to {connector.title} lacks the setting {name!r}.",
        hint=f"Add it with `--set {name}=…`.",
    )
