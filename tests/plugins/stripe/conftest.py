"""A practice account and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.line import Clock
from tests.plugins.stripe.books import line


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeStripe:
    return PracticeStripe(seed=1, clock=clock)


@pytest.fixture
def ctx(server: PracticeStripe, clock: Clock) -> Iterator[Context]:
    with line(server, clock) as context:
        yield context
