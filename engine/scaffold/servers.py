"""Where an API is, by its description: the first of its servers, with what differs by account."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from engine.scaffold.design import Setting
from engine.scaffold.names import snake

VARIABLE = re.compile(r"\{([^{}/]+)\}")
#: Where nothing says it: who connects names the host.
HOST = Setting("host", "The API's host name, such as api.example.com.", (), "api.example.com")


def server_of(document: Mapping[str, Any]) -> tuple[str, tuple[Setting, ...]]:
    """Return the API's address, and the settings that its ``{names}`` stand for."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = str(first.get("url") or "/") if isinstance(first, Mapping) else "/"
    declared = first.get("variables") if isinstance(first, Mapping) else None
    variables = declared if isinstance(declared, Mapping) else {}
    settings: list[Setting] = []

    def named(match: re.Match[str]) -> str:
        variable = variables.get(match[1])
        variable = variable if isinstance(variable, Mapping) else {}
        default = str(variable.get("default") or "")
        choices = tuple(map(str, variable.get("enum") or ()))
        if default and len(choices) == 1:
            return default
        if re.fullmatch(r"v?[0-9.]+|https?", default):  # a version or a scheme, no one's own
            return default
        name = snake(match[1])
        about = str(variable.get("description") or "") or "It is part of the API's address."
        if name not in {one.name for one in settings}:
            settings.append(Setting(name, about, choices, default or "example"))
        return f"{{{name}}}"

    whole = VARIABLE.sub(named, url).rstrip("/")
    if "://" not in whole:
        path = "/" + whole.lstrip("/") if whole.strip("/") else ""
        return f"https://{{host}}{path}", (*settings, HOST)
    try:
        parts = urlsplit(whole)
    except ValueError:  # no address that anything could be sent to
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
        return "https://{host}", (HOST,)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", tuple(settings)
