"""How many requests the practice organization takes in 24 hours, by all apps together."""

from collections.abc import Callable

from engine.sdk import RequestWindow
from plugins.salesforce.practice.answers import Refused

DAY = 86_400.0


class Limits:
    """Counts requests of the last 24 hours.

    :param most: of them; a developer organization has 15,000 (documented).
    :ivar elsewhere: how many of them other apps used.
    """

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        self.most, self.elsewhere = most, 0
        self._window = RequestWindow(clock, DAY)

    @property
    def used(self) -> int:
        return self._window.used() + self.elsewhere

    @property
    def header(self) -> str:
        return f"api-usage={self.used}/{self.most}"

    def count(self) -> None:
        """Count a request.

        :raises Refused: there have been enough.
        """
        if self._window.wait(self.most - self.elsewhere):
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
