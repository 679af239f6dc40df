"""Requests to addresses that whoever connects an app types in: to public ones, by https.

A connection to any API could else reach what only Bridgework reaches: a router's page, a database,
the cloud's own credentials. The rules are those of :mod:`engine.http.outward`; hosts within one's
own network that are meant are named by an admin, one by one.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from engine.connector import Connector
from engine.errors import SetupError
from engine.http.lines import Lines
from engine.http.outward import certificates, is_public
from engine.store.connections import Connection

#: Hosts that may be private and may be asked by http, e.g. ``erp.firm.example, 10.0.0.5:8080``.
HOSTS_VARIABLE = "BRIDGEWORK_PRIVATE_HOSTS"


def transport_for(
    connector: Connector, connection: Connection, transport: httpx2.BaseTransport | None
) -> httpx2.BaseTransport | None:
    """Return what sends a connection's requests; None is the network as it is.

    :param transport: what is to send them in any case, in tests.
    """
    if transport is not None or not connector.public_only:
        return transport
    return PublicTransport(besides=practice_host(connection))


def practice_host(connection: Connection) -> str:
    """Return where a connection's practice server is, on this computer; empty without one.

    Nothing else of the network counts as reached for practice, whatever an address says.
    """
    if not connection.practice:
        return ""
    place = urlsplit(str(connection.settings.get("base_url") or ""))
    return place.netloc.lower() if place.hostname in ("127.0.0.1", "localhost") else ""


def excepted_hosts() -> frozenset[str]:
    """Return the hosts that an admin lets connections reach, though they are private."""
    written = os.environ.get(HOSTS_VARIABLE, "")
    return frozenset(name.strip().lower() for name in written.split(",") if name.strip())


class PublicTransport(httpx2.BaseTransport):
    """Sends a request to a checked address of its host, with the host's own name and certificate.

    A name is looked up once, and the connection goes to an address that was checked: a name that
    changes its mind in between (DNS rebinding) wins nothing. No proxy is asked.

    :param line: makes what sends to one host; connections are kept by address, so each host has one.
    :param besides: a host with its port that is reached wherever it is.
    """

    def __init__(
        self, line: Callable[[], httpx2.BaseTransport] | None = None, besides: str = ""
    ) -> None:
        self._line = line or _line
        self._besides = besides
        self._lines: dict[str, httpx2.BaseTransport] = {}
        self._making = threading.Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it.

        :raises SetupError: it doesn't go by https, or leads into a private network.
        :raises httpx2.ConnectError: the host's name leads nowhere.
        """
        host, port = request.url.host.lower(), request.url.port
        line = self._line_to(f"{host}:{port}")
        if f"{host}:{port}" == self._besides or {host, f"{host}:{port}"} & excepted_hosts():
            return line.handle_request(request)
        if request.url.scheme != "https":
            raise SetupError(
                f"The address of '{host}' must begin with https.",
                hint=f"Correct it. An admin can except a host with {HOSTS_VARIABLE}={host}.",
            )
        checked = httpx2.Request(
            request.method,
            request.url.copy_with(host=public_address(host, port or 443, request)),
            headers=request.headers,  # "Host" among them
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return line.handle_request(checked)

    def _line_to(self, place: str) -> httpx2.BaseTransport:
        with self._making:
            if place not in self._lines:
                self._lines[place] = self._line()
            return self._lines[place]

    def close(self) -> None:
        for line in self._lines.values():
            line.close()


def public_address(host: str, port: int, request: httpx2.Request) -> str:
    """Return an IP address of a host that is anybody's to reach.

    :raises SetupError: one of its addresses is private.
    :raises httpx2.ConnectError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx2.ConnectError(f"'{host}' leads nowhere.", request=request) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(ipaddress.ip_address(one)) for one in addresses):
        raise SetupError(
            f"'{host}' leads into a private network.",
            hint="Only public addresses are asked. An admin can except a host with "
            f"{HOSTS_VARIABLE}={host}.",
        )
    return addresses[0]


def _line() -> httpx2.BaseTransport:
    return Lines(certificates)
