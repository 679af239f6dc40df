"""A practice account, and a line to it through Bridgework's own HTTP client."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from engine.http.client import HttpClient
from plugins.mailchimp.practice.server import PracticeMailchimp
from tests.plugins.line import Clock
from tests.plugins.mailchimp.account import open_context


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeMailchimp:
    return PracticeMailchimp(seed=1, clock=clock)


@pytest.fixture
def ctx(server: PracticeMailchimp) -> Iterator[Context]:
    context = open_context(server)
    yield context
    assert isinstance(context.http, HttpClient)
    context.http.session.close()
