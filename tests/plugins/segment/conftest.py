"""A practice source, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from engine.http.client import HttpClient
from plugins.segment.practice.server import PracticeSegment
from tests.conftest import Clock
from tests.plugins.segment.source import open_source


@pytest.fixture
def app(clock: Clock) -> PracticeSegment:
    return PracticeSegment(seed=1, clock=clock.seconds)


@pytest.fixture
def ctx(app: PracticeSegment) -> Iterator[Context]:
    context = open_source(app)
    yield context
    assert isinstance(context.http, HttpClient)
    context.http.session.close()
