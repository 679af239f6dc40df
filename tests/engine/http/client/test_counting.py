"""Every request that is sent is counted for the metrics, by the class of its answer."""

import httpx2
import pytest

from engine.errors import InputError, RetryableError
from engine.http.client import HttpClient
from engine.http.counting import CALLS
from engine.sdk import Fault
from tests.engine.http.client.archive import Archive, Line


class Closed(httpx2.BaseTransport):
    """A line that nobody answers."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)


def counted(http: HttpClient) -> dict[str, int]:
    """Return how often each class of answer came since the last look."""
    name = http.session.connector.name
    return {answer: times for (who, answer), (times, _) in CALLS.read().items() if who == name}


def test_each_try_counts_once(line: Line, archive: Archive) -> None:
    http = line.to(archive)
    before = counted(http)
    archive.faults = [
        Fault("/v1", times=2, status=503),
        Fault("/v1", times=1, status=429, headers={"Retry-After": "1"}),
    ]
    http.get("/by-offset", params={"offset": 0, "limit": 5})
    with pytest.raises(InputError):
        http.get("/nowhere")
    new = {answer: times - before.get(answer, 0) for answer, times in counted(http).items()}
    assert {answer: times for answer, times in new.items() if times} == {
        **{"5xx": 2, "429": 1, "2xx": 1, "4xx": 1}
    }


def test_what_nobody_answers_counts_as_unreachable(line: Line) -> None:
    http = line.to(Closed())
    before = counted(http)
    with pytest.raises(RetryableError):
        http.get("/by-offset")
    assert counted(http)["unreachable"] - before.get("unreachable", 0) == len(line.naps) + 1
