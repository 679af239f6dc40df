"""Requests to addresses that outsiders named: never into the network that Bridgework stands in.

Whoever may say where something is sent could else reach what only Bridgework reaches: a router's
page, a database, the cloud's own credentials. A name is looked up once, its addresses are checked,
and the connection goes to one of those that were checked: a name that changes its mind in between
(DNS rebinding) wins nothing.
"""

import ipaddress
import os
import socket
import ssl
from functools import cache
from urllib.parse import urlsplit

import httpx2

from engine.errors import InputError
from engine.http.lines import Lines

#: ``1`` lets http and private addresses pass: for tests, and for targets in one's own network.
ALLOW_VARIABLE = "BRIDGEWORK_ALLOW_PRIVATE_HOOKS"

LONGEST_URL = 2000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: IPv4 addresses as IPv6-only networks write them (RFC 6052).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Networks that Python 3.11 takes for public, though what is behind them is somebody's own.
NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # for protocols (RFC 6890)
            "::/96",  # IPv4 addresses, as once written (RFC 4291, 2.5.5.1)
            "::ffff:0:0:0/96",  # IPv4 addresses, translated (RFC 2765)
            "64:ff9b:1::/48",  # IPv4 addresses, translated within a site (RFC 8215)
            "fec0::/10",  # a site's own, as once written (RFC 3879)
        ),
    )
)


def private_allowed() -> bool:
    return os.environ.get(ALLOW_VARIABLE, "").strip() == "1"


def check_target(url: str) -> str:
    """Return the host of an address that may be sent to.

    :raises InputError: it is none, isn't https, or leads into a private network.
    """
    host, port = _read(url)
    if not private_allowed():
        resolve(host, port)
    return host


def _read(url: str) -> tuple[str, int]:
    """Return an address's host and port.

    :raises InputError: it is none, or of a kind that isn't sent to.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or len(url) > LONGEST_URL or parts.fragment or not url.isprintable():
        raise _refused("The target address can't be read.", "It looks like https://example.com/…")
    if parts.username is not None or parts.password is not None:
        raise _refused(
            "The target address holds a user name or password.", "Leave them out of the address."
        )
    if parts.scheme != "https" and not (private_allowed() and parts.scheme == "http"):
        raise _refused("The target address must begin with https.", "Give the https address.")
    return host, port or 443


def resolve(host: str, port: int) -> str:
    """Return an IP address of ``host`` that may be sent to.

    :raises InputError: it has none, or one of them is private.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(
            f"The target's name '{host}' leads nowhere.", "Check how it is spelt."
        ) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(ipaddress.ip_address(a)) for a in addresses):
        raise _refused(
            "The target address leads into a private network.",
            f"Only public addresses are sent to. An admin can allow others with {ALLOW_VARIABLE}=1.",
        )
    return addresses[0]


def is_public(address: Address) -> bool:
    """Return whether an address is anybody's to reach, and none of ours in disguise."""
    if any(address in network for network in NOT_PUBLIC):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        disguised = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            disguised = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if address.teredo is not None:
            return False
        if disguised is not None:
            return is_public(disguised)
    return address.is_global and not address.is_multicast


class OutwardTransport(httpx2.BaseTransport):
    """Sends a request to a checked address of its host, with the host's own name and certificate.

    For one host: connections are kept, and what they are kept by is the address.
    """

    def __init__(self, inner: httpx2.BaseTransport | None = None) -> None:
        self._inner = inner or Lines(certificates)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it.

        :raises InputError: as :func:`check_target` does.
        """
        host, port = _read(str(request.url))
        if not private_allowed():
            address = resolve(host, port)
            request = httpx2.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # "Host" among them
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def outward_client(timeout: float, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """Return a client for one host; it follows no redirects and asks no proxy.

    :param timeout: seconds for each part of a request.
    :param transport: what sends, in tests; the target is checked all the same.
    """
    return httpx2.Client(
        transport=OutwardTransport(transport), timeout=timeout, follow_redirects=False
    )


@cache
def certificates() -> ssl.SSLContext:
    """Return the certificates that are trusted, whatever the environment says."""
    return httpx2.create_ssl_context(trust_env=False)


def _refused(message: str, hint: str) -> InputError:
    return InputError(message, hint=hint, field="target_url", code="bad_target")
