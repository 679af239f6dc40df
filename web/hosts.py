"""Under which names the pages answer: a page of somebody else can't pass itself off as ours.

Another site may let its own name lead to this computer (DNS rebinding), and then its scripts are "from
here" to a browser. The name that the browser asks for still is the other site's, so it is looked at.
"""

import os
from ipaddress import ip_address
from socket import gethostname
from urllib.parse import urlsplit

from flask import Flask, Response, request

from engine.public_address import public_url

#: Further names, with commas between; ``*`` for any.
HOSTS_VARIABLE = "BRIDGEWORK_HOSTS"
REFUSED = (
    "Bridgework doesn't answer under the name '{name}'. If it is one of yours, set BRIDGEWORK_PUBLIC_URL"
    " to the whole address, or add the name to BRIDGEWORK_HOSTS, and start Bridgework again.\n"
)


def answer_to_known_names(app: Flask, *, listening: str = "") -> None:
    """Refuse requests for a name that isn't this installation's.

    No other site can have an IP address as its name, nor one without a dot, such as a computer's in the
    office or a container's: these are taken.

    :param listening: the name or address that ``serve --host`` was told.
    """
    further = os.environ.get(HOSTS_VARIABLE, "").split(",")
    known = {_name(name) for name in (gethostname(), listening, public_url() or "", *further)}
    known.discard("")

    @app.before_request
    def refuse_other_names() -> Response | None:
        name = _name(request.host)
        if "*" in known or name in known or _is_nobodys(name):
            return None
        return app.response_class(REFUSED.format(name=name), status=421, mimetype="text/plain")


def _name(host: str) -> str:
    """Return the name in a ``Host`` header or a whole address, without its port, as browsers send it."""
    host = host.strip()
    try:
        name = urlsplit(host if "://" in host else f"//{host}").hostname or ""
    except ValueError:  # brackets that hold no address
        return ""
    name = name.rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return ""


def _is_nobodys(name: str) -> bool:
    """Say whether no other site can be called so."""
    try:
        return bool(ip_address(name))
    except ValueError:
        return name.endswith(".localhost") or (name != "" and "." not in name)
