"""What this process asks of apps, counted for the metrics; to count costs about a microsecond."""

import threading
import time
from collections.abc import Mapping

import httpx2


class Tally:
    """Counts what happens by its labels, and the seconds it took; threads may count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, ...], tuple[int, float]] = {}

    def count(self, *labels: str, seconds: float = 0.0) -> None:
        with self._lock:
            times, took = self._counted.get(labels, (0, 0.0))
            self._counted[labels] = (times + 1, took + seconds)

    def read(self) -> Mapping[tuple[str, ...], tuple[int, float]]:
        """Return how often each came, and the seconds of all together."""
        with self._lock:
            return dict(self._counted)


#: Requests, by connector and class of answer: ``2xx``, ``4xx``, ``429``, ``5xx``, ``unreachable``,
#: ``none`` where the request was not sent, e.g. because its token could not be renewed.
CALLS = Tally()
#: Renewals of tokens, by app and what came of them: ``renewed``, ``refused``, ``unreachable``.
RENEWALS = Tally()


def class_of(status: int) -> str:
    """Return the class of an answer; being told to wait is one of its own."""
    return "429" if status == 429 else f"{status // 100}xx"


def sent(
    client: httpx2.Client,
    request: httpx2.Request,
    *,
    auth: httpx2.Auth | None,
    stream: bool,
    connector: str,
) -> httpx2.Response:
    """Send a request and count it, by the connector's name and what came of it."""
    began, answer = time.perf_counter(), "none"
    try:
        response = client.send(request, auth=auth, stream=stream)
        answer = class_of(response.status_code)
        return response
    except httpx2.TransportError:
        answer = "unreachable"
        raise
    finally:
        CALLS.count(connector, answer, seconds=time.perf_counter() - began)
