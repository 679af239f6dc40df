"""How many requests a practice server takes: so many in a window of seconds that moves on."""

from collections import defaultdict, deque
from collections.abc import Callable
from math import ceil


class RequestWindow:
    """Remembers when requests were taken, each kind of them for itself.

    :param clock: seconds since 1970; the server's own.
    :param seconds: how long a request counts.
    """

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def used(self, kind: str = "") -> int:
        """Return how many requests count now."""
        return len(self._counting(kind))

    def wait(self, most: int, kind: str = "") -> int:
        """Count a request and return 0; or return the whole seconds until one more may come."""
        times = self._counting(kind)
        if len(times) >= most:
            oldest = times[0] if times else self._clock()
            return max(1, ceil(oldest + self._seconds - self._clock()))
        times.append(self._clock())
        return 0

    def _counting(self, kind: str) -> deque[float]:
        times = self._times[kind]
        while times and times[0] <= self._clock() - self._seconds:
            times.popleft()
        return times
