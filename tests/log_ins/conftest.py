"""The Keep, on loopback and in process."""

from collections.abc import Iterator

import httpx2
import pytest

from engine.host import Host, build_host
from engine.loopback import on_loopback
from tests.log_ins import keep


@pytest.fixture
def host() -> Host:
    return build_host([keep], strict=True)


@pytest.fixture
def server() -> keep.Keep:
    return keep.Keep()


@pytest.fixture
def url(server: keep.Keep) -> Iterator[str]:
    with on_loopback(server) as url:
        yield url


@pytest.fixture
def line(server: keep.Keep) -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=server)
