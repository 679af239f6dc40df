"""A practice workspace, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import Clock
from tests.plugins.slack.workspace import line_to


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeSlack:
    return PracticeSlack(clock=clock)


@pytest.fixture
def ctx(server: PracticeSlack, clock: Clock) -> Iterator[Context]:
    with line_to(server, clock, "token") as context:
        yield context
