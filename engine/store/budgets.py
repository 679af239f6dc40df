"""A connection's budget of requests: one row, changed under its lock, so that all workers share it.

A rate's window is cut into slots. A request counts in the slot it falls into, until the whole window
has passed since that slot's end: so no window, wherever it begins, ever holds more requests than the
vendor takes, at the price of a wait that is up to a tenth longer than it must be.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from engine.limits import Rate
from engine.store.database import Store
from engine.store.tables import budgets

#: Slots of a window.
SLOTS = 10
#: Vendors tell when a window ends in whole seconds: ends this near (seconds) are of the same one.
SAME_WINDOW = 2.0


@dataclass(frozen=True)
class Grant:
    """What was given.

    :param requests: that may be sent now; 0 means to wait.
    :param wait: seconds, where none may.
    :param lasts: seconds for which those that may be sent can be held back.
    """

    requests: int
    wait: float = 0.0
    lasts: float = 0.0


def take(
    store: Store, connection: str, rates: Sequence[Rate], wanted: int, now: float | None = None
) -> Grant:
    """Take up to ``wanted`` requests out of a connection's budget.

    :param now: seconds since 1970; default: by the clock that all workers share.
    """
    try:
        return _take(store, connection, rates, wanted, now)
    except IntegrityError:  # another worker was the first to use this connection, just now
        return _take(store, connection, rates, wanted, now)


def tell(
    store: Store,
    connection: str,
    *,
    limit: int | None = None,
    remaining: int | None = None,
    seconds: float = 0.0,
    closed: bool = False,
    now: float | None = None,
) -> None:
    """Note what the vendor said; a connection without a row is given one by its first request.

    :param limit: requests in the first rate's window.
    :param remaining: requests left for the next ``seconds``.
    :param closed: nothing is taken for the next ``seconds``.
    """
    table = budgets.c
    with store.writing() as transaction:
        row = transaction.execute(_row(connection)).first()
        now = _now(transaction, now)  # not before, for the row may have been waited for
        if row is None:
            return
        values: dict[str, Any] = {}
        if limit is not None and limit != row.told:
            values["told"] = limit
        if remaining is not None:
            until = now + seconds
            if row.remaining is not None and abs(row.until - until) < SAME_WINDOW:
                remaining = min(remaining, row.remaining)  # answers may overtake each other
            values |= {"remaining": remaining, "until": until}
        if closed:
            values["closed_until"] = max(row.closed_until, now + seconds)
        if values:
            transaction.execute(
                update(budgets).where(table.connection == connection).values(values)
            )


def _take(
    store: Store, connection: str, rates: Sequence[Rate], wanted: int, now: float | None
) -> Grant:
    with store.writing() as transaction:
        row = transaction.execute(_row(connection)).first()
        now = _now(transaction, now)  # not before, for the row may have been waited for
        spent = {} if row is None else dict(row.spent)
        room, wait, lasts = wanted, 0.0, float("inf")
        if row is not None and row.closed_until > now:
            return Grant(0, row.closed_until - now)
        left = None
        if row is not None and row.remaining is not None and row.until > now:
            left = row.remaining
            if left <= 0:
                return Grant(0, row.until - now)
            room = min(room, left)
        told = None if row is None else row.told
        for number, rate in enumerate(rates):
            requests = told if told and number == 0 else rate.requests
            window = _Window(rate, now, spent.get(_name(rate), ()))
            free = requests - window.used
            if free <= 0:
                wait = max(wait, window.until_one_is_free(requests))
            room = min(room, free)
            lasts = min(lasts, window.rest_of_slot)
            spent[_name(rate)] = window
        if wait > 0:
            return Grant(0, wait)
        values = {
            "spent": {name: window.with_more(room) for name, window in spent.items()},
            "remaining": None if left is None else left - room,
        }
        if row is None:
            fresh = {"connection": connection, "until": 0.0, "closed_until": 0.0}
            transaction.execute(budgets.insert().values(**fresh, **values))
        else:
            mine = budgets.c.connection == connection
            transaction.execute(update(budgets).where(mine).values(**values))
        return Grant(room, lasts=lasts)


class _Window:
    """What counts of a rate's window at this moment."""

    def __init__(self, rate: Rate, now: float, spent: Sequence[Sequence[int]]) -> None:
        self._width = rate.per / SLOTS
        self._now = now
        self._slot = int(now // self._width)
        self._counting = [(slot, n) for slot, n in spent if self._slot - slot <= SLOTS]
        self.used = sum(n for _, n in self._counting)

    @property
    def rest_of_slot(self) -> float:
        return (self._slot + 1) * self._width - self._now

    def until_one_is_free(self, requests: int) -> float:
        """Return the seconds until so many of the earlier requests count no more."""
        left = self.used
        for slot, n in self._counting:
            left -= n
            if left < requests:
                return max(0.001, (slot + SLOTS + 1) * self._width - self._now)
        return self._width  # the vendor takes none at all

    def with_more(self, requests: int) -> list[list[int]]:
        counts = dict(self._counting)
        counts[self._slot] = counts.get(self._slot, 0) + requests
        return [[slot, n] for slot, n in sorted(counts.items())]


def _row(connection: str) -> Any:
    return select(budgets).where(budgets.c.connection == connection).with_for_update()


def _name(rate: Rate) -> str:
    return f"{rate.requests}/{rate.per:g}"


def _now(transaction: Connection, now: float | None) -> float:
    """Return the time in seconds: the database's where several machines share one."""
    if now is not None:
        return now
    if transaction.dialect.name == "sqlite":
        return time.time()
    return float(
        transaction.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    )
