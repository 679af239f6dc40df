"""Requests to addresses that outsiders named never reach the network that Bridgework stands in."""

import ipaddress
import socket
from typing import Any

import httpx2
import pytest

from engine.errors import InputError
from engine.http.outward import ALLOW_VARIABLE, check_target, is_public, outward_client, resolve


@pytest.fixture(autouse=True)
def _guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_VARIABLE, raising=False)


def names(monkeypatch: pytest.MonkeyPatch, **addresses: list[str]) -> list[str]:
    """Let names lead to these addresses; returns what was looked up."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = addresses.get(host.split(".")[0])
        if found is None:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1:8443/x",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[::7f00:1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[fec0::1]/",
        "https://192.0.0.8/",
        "https://224.0.0.1/",
        "https://localhost/",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(InputError, match=r"private network|leads nowhere"):
        check_target(url)


def test_a_name_that_leads_into_a_private_network_is_refused_even_beside_a_public_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, inside=["10.0.0.5"], both=["93.184.216.34", "192.168.0.9"])
    for host in ("inside.example", "both.example"):
        with pytest.raises(InputError, match="private network") as refused:
            check_target(f"https://{host}/hook")
        assert ALLOW_VARIABLE in refused.value.hint


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/x", "https"),
        ("ftp://hooks.example/x", "https"),
        ("file:///etc/passwd", "can't be read"),
        ("hooks.example", "can't be read"),
        ("", "can't be read"),
        ("https://", "can't be read"),
        ("https://hooks.example:99999/", "can't be read"),
        ("https://[::1/", "can't be read"),
        ("https://hooks.example/x#part", "can't be read"),
        ("https://hooks.example/\r\nX: y", "can't be read"),
        ("https://hooks.example/" + "x" * 2000, "can't be read"),
        ("https://user:word@hooks.example/", "user name or password"),
        ("https://nobody.example/", "leads nowhere"),
    ],
)
def test_what_is_no_https_address_is_refused_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    names(monkeypatch, hooks=["93.184.216.34"])
    with pytest.raises(InputError, match=said) as refused:
        check_target(url)
    assert refused.value.field == "target_url"
    assert refused.value.hint


def test_a_public_address_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, hooks=["93.184.216.34", "2606:2800:220:1::1"])
    assert check_target("https://hooks.example/x?y=1") == "hooks.example"
    assert resolve("hooks.example", 443) == "93.184.216.34"


def test_private_ones_pass_where_an_admin_allows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "1")
    assert check_target("http://127.0.0.1:8080/x") == "127.0.0.1"
    with pytest.raises(InputError):
        check_target("gopher://127.0.0.1/")


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_is_public_in_disguise_too(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


class Wire(httpx2.BaseTransport):
    """Stands where the network begins; notes what would be connected to."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200 if len(self.requests) != 2 else 302, headers={"Location": "/"})


def test_the_connection_goes_to_the_address_that_was_checked_with_the_hosts_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, hooks=["93.184.216.34"])
    wire = Wire()
    with outward_client(1, wire) as client:
        client.post("https://hooks.example/x", content=b"{}")
        assert client.get("https://hooks.example/y").status_code == 302  # and isn't followed
    first, _ = wire.requests
    assert str(first.url) == "https://93.184.216.34/x"
    assert first.headers["Host"] == "hooks.example"
    assert first.extensions["sni_hostname"] == "hooks.example"
    assert first.read() == b"{}"


def test_a_name_that_leads_inside_by_the_time_it_is_used_is_refused_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, hooks=["93.184.216.34"])
    wire = Wire()
    with outward_client(1, wire) as client:
        client.post("https://hooks.example/x")
        names(monkeypatch, hooks=["127.0.0.1"])
        with pytest.raises(InputError, match="private network"):
            client.post("https://hooks.example/x")
    assert len(wire.requests) == 1
