"""A practice organization, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from plugins.salesforce.practice import PracticeSalesforce
from tests.plugins.line import Clock
from tests.plugins.salesforce.organization import line_to


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeSalesforce:
    return PracticeSalesforce(clock=clock)


@pytest.fixture
def ctx(server: PracticeSalesforce, clock: Clock) -> Iterator[Context]:
    with line_to(server, clock, "oauth") as context:
        yield context
