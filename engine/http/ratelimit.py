"""Keeps requests within what a vendor takes: its rates, its concurrency, and what its answers say.

Only for connectors that declare ``limits`` or ``concurrency``; the others pay nothing for it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any

import httpx2

from engine.connector import Connector
from engine.store import budgets
from engine.store.database import Store
from engine.store.workers import count_live

#: Times a second that the shared budget is asked, at most: faster rates take several at once.
ASKED_PER_SECOND = 20
#: The vendor's word on what remains is noted only when it is so little, since noting costs a write.
LITTLE_LEFT = 20
#: Seconds between two looks at how many workers share a connection's places.
COUNT_EVERY = 5.0
#: A number this large is a time since 1970, not seconds from now.
LONG_AGO = 1_000_000_000


@dataclass
class _Local:
    """What the threads of this process share of one connection.

    :param inside: requests under way.
    :param in_hand: requests taken out of the shared budget and not sent yet.
    """

    asking: threading.Lock = field(default_factory=threading.Lock)
    in_hand: int = 0
    in_hand_until: float = 0.0
    gate: threading.Condition = field(default_factory=threading.Condition)
    inside: int = 0
    places: int = 0
    counted_at: float = float("-inf")


_locals: dict[tuple[str, str], _Local] = {}
_locals_lock = threading.Lock()


class Budget:
    """One connection's budget, as one session uses it.

    :param nap: sleeps so many seconds; may raise, to end the waiting early.
    :param clock: seconds since 1970 in tests; None: the clock that all workers share.
    """

    def __init__(
        self,
        store: Store,
        connection: str,
        connector: Connector,
        nap: Callable[[float], None],
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._store, self._connection, self._connector = store, connection, connector
        self._nap, self._clock = nap, clock
        self._rates = connector.limits
        rates = [rate.requests / rate.per for rate in self._rates]
        self._at_once = max(1, ceil(min(rates, default=0) / ASKED_PER_SECOND))
        self._told: int | None = None
        with _locals_lock:
            self._local = _locals.setdefault((str(store.engine.url), connection), _Local())

    @contextmanager
    def turn(self, check: Callable[[float], None]) -> Iterator[None]:
        """Wait until a request may be sent, and hold its place while the block sends it.

        :param check: given the seconds of a wait before it begins; raises where that is too long.
        """
        while self._rates and (wait := self._take()) > 0:
            check(wait)
            self._nap(min(wait, 1.0))
        cap = self._connector.concurrency
        if cap is None:
            yield
            return
        self._enter(cap)
        try:
            yield
        finally:
            with self._local.gate:
                self._local.inside -= 1
                self._local.gate.notify()

    def heard(self, response: httpx2.Response) -> None:
        """Note what an answer says of the limits."""
        if not self._rates:
            return
        names = self._connector.limit_headers
        limit = _number(response, names.limit)
        remaining = _number(response, names.remaining)
        seconds = _seconds_to_reset(response, names.reset, self._clock or time.time)
        news = limit is not None and limit > 0 and limit != self._told
        little = remaining is not None and seconds is not None and remaining <= LITTLE_LEFT
        if not (news or little):
            return
        self._tell(
            limit=limit if news else None,
            remaining=remaining if little else None,
            seconds=seconds or 0.0,
        )
        self._told = limit or self._told

    def close(self, seconds: float) -> None:
        """Let no worker send anything for so long: the vendor refused a request and said so."""
        if self._rates:
            self._tell(seconds=seconds, closed=True)

    def _tell(self, **said: Any) -> None:
        now = None if self._clock is None else self._clock()
        budgets.tell(self._store, self._connection, now=now, **said)
        with self._local.asking:
            self._local.in_hand = 0

    def _take(self) -> float:
        """Take a request out of the budget; return 0, or the seconds until there may be one."""
        local = self._local
        with local.asking:
            if local.in_hand > 0 and time.monotonic() < local.in_hand_until:
                local.in_hand -= 1
                return 0.0
            asked = time.monotonic()
            now = None if self._clock is None else self._clock()
            grant = budgets.take(self._store, self._connection, self._rates, self._at_once, now)
            if grant.requests:
                local.in_hand = grant.requests - 1
                local.in_hand_until = asked + grant.lasts
            return grant.wait

    def _enter(self, cap: int) -> None:
        """Wait for one of the places that this process has."""
        local = self._local
        while True:
            with local.gate:
                if local.inside < self._places(cap) or local.gate.wait_for(
                    lambda: local.inside < local.places, timeout=1.0
                ):
                    local.inside += 1
                    return
            self._nap(0.0)  # was the run stopped meanwhile?

    def _places(self, cap: int) -> int:
        """Return how many requests this process may have under way: its share of ``cap``."""
        local = self._local
        if time.monotonic() - local.counted_at > COUNT_EVERY:
            local.places = max(1, cap // count_live(self._store))
            local.counted_at = time.monotonic()
        return local.places


def _number(response: httpx2.Response, header: str) -> int | None:
    value = response.headers.get(header, "").strip() if header else ""
    return int(value) if value.isdecimal() else None


def _seconds_to_reset(
    response: httpx2.Response, header: str, clock: Callable[[], float]
) -> float | None:
    """Return the seconds until the window ends; a point in time is read by the vendor's clock.

    :param clock: ours, where the vendor's answer doesn't say what time it is there.
    """
    try:
        value = float(response.headers.get(header, "") if header else "")
    except ValueError:
        return None
    if value < LONG_AGO:
        return max(0.0, value)
    try:
        now = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        now = clock()
    return max(0.0, value - now)
