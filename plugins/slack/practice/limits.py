"""How many requests the practice server takes: by method, in tiers, and by channel for posting.

Tiers are documented as "1+, 20+, 50+ and 100+ a minute", posting as about one message a second in a
channel, with short bursts; how long a burst may be isn't, and is ten messages here.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from math import ceil

MINUTE = 60.0
#: Posting: so many in so many seconds.
BURST, BURST_SECONDS = 10, 10.0


class Limits:
    """Counts requests in sliding windows.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, name: str, requests: int, seconds: float = MINUTE) -> int:
        """Count a request, and return 0; or return the seconds until there may be one."""
        times, now = self._times[name], self._clock()
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= requests:
            return max(1, ceil(times[0] + seconds - now))
        times.append(now)
        return 0
