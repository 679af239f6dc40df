"""How many requests the practice organization takes in 24 hours, by all apps together."""

from collections import deque
from collections.abc import Callable

from plugins.salesforce.practice.answers import Refused

DAY = 86_400.0


class Limits:
    """Counts requests of the last 24 hours.

    :param most: of them; a developer organization has 15,000 (documented).
    """

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        self._clock, self.most = clock, most
        self._times: deque[float] = deque()
        self.elsewhere = 0  # used by other apps

    @property
    def used(self) -> int:
        while self._times and self._times[0] <= self._clock() - DAY:
            self._times.popleft()
        return len(self._times) + self.elsewhere

    @property
    def header(self) -> str:
        return f"api-usage={self.used}/{self.most}"

    def count(self) -> None:
        """Count a request.

        :raises Refused: there have been enough.
        """
        if self.used >= self.most:
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._times.append(self._clock())
