"""Apps to connect, on practice servers."""

from collections.abc import Iterator

import pytest

from engine.cli.practice_process import practice_server
from engine.connector import Connector
from engine.host import build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer


@pytest.fixture
def clio() -> Connector:
    return build_host(strict=True).connector("clio")


@pytest.fixture
def server(clio: Connector) -> PracticeServer:
    return practice_server(clio)


@pytest.fixture
def url(server: PracticeServer) -> Iterator[str]:
    with on_loopback(server) as url:
        yield url
