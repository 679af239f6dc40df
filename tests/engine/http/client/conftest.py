"""An archive on a practice server, and a line to it that may be broken."""

from collections.abc import Iterator

import pytest

from tests.engine.http.client.archive import Archive, Line


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    with line.stack:
        yield line


@pytest.fixture
def archive() -> Archive:
    return Archive(total=3)
