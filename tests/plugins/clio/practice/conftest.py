"""A client of the practice server that may do all."""

from collections.abc import Iterator

import httpx2
import pytest

from plugins.clio.practice import PracticeClio
from tests.plugins.clio.practice.api import client_of


@pytest.fixture
def api(server: PracticeClio) -> Iterator[httpx2.Client]:
    with client_of(server) as client:
        yield client
