"""What is done from time to time whether or not a recipe runs, by one process at a time."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from engine.host import Host
from engine.recipe.library import Library
from engine.run.upkeep.outages import Outages
from engine.store.database import Store, upsert
from engine.store.tables import duties as table

log = logging.getLogger("bridgework.duties")

#: Duties done at once by one process: a slow one doesn't hold up the others.
AT_ONCE = 4
#: A duty due later than this after its turn was noted by a clock that was wrong: it is done now.
CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class Works:
    """What a duty works with.

    :param enqueue: puts a run that was asked for on the queue.
    """

    store: Store
    host: Host
    library: Library
    enqueue: Callable[[int], None]


@dataclass(frozen=True)
class Duty:
    """Something to do every so often, by whichever process comes first.

    :param act: may be called at any time, and again after a crash; what it raises is logged.
    """

    name: str
    every: timedelta
    act: Callable[[Works], None]


class Duties:
    """The thread that does duties when they are due.

    :param clock: the time now; replaced in tests.
    :param pause: seconds between two looks.
    """

    def __init__(
        self,
        works: Works,
        duties: Sequence[Duty],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = 1.0,
    ) -> None:
        self._works, self._duties, self._clock, self._pause = works, duties, clock, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="duties", daemon=True)
        self._pool = ThreadPoolExecutor(AT_ONCE, "bridgework-duty")
        self._busy: dict[str, Future[None]] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the duties at hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def look(self) -> None:
        """Begin every duty that is due and not being done."""
        for name in list(self._busy):
            if self._busy[name].done():
                del self._busy[name]
        for duty in take_due(self._works.store, self._free(), self._clock()):
            self._busy[duty.name] = self._pool.submit(_do, duty, self._works)

    def _free(self) -> list[Duty]:
        return [duty for duty in self._duties if duty.name not in self._busy]

    def _run(self) -> None:
        outages = Outages(log)
        while not self._stop.wait(self._pause):
            try:
                self.look()
                outages.went_well()
            except Exception:
                outages.failed("duties could not be looked at")


def take_due(store: Store, duties: Sequence[Duty], now: datetime) -> list[Duty]:
    """Return the duties that are due, each to one caller only: all others see it moved on.

    All of them are taken in one transaction: some are due every second, and a Bridgework with
    nothing to do should be quiet.
    """
    with store.reading() as connection:
        rows = connection.execute(select(table.c.name, table.c.due_at))
        due_at = {row.name: row.due_at for row in rows}
    due = [
        duty
        for duty in duties
        if not now < due_at.get(duty.name, now) <= now + duty.every + CLOCKS_DIFFER
    ]
    if not due:
        return []
    new = [{"name": duty.name, "due_at": now} for duty in due if duty.name not in due_at]
    taken: set[str] = set()
    with store.writing() as connection:
        upsert(connection, table, new, update=())
        for every in sorted({duty.every for duty in due}):
            names = [duty.name for duty in due if duty.every == every]
            moved_on = connection.execute(
                update(table)
                .where(table.c.name.in_(names))
                .where((table.c.due_at <= now) | (table.c.due_at > now + every + CLOCKS_DIFFER))
                .values(due_at=now + every)
                .returning(table.c.name)
            )
            taken.update(moved_on.scalars())
    return [duty for duty in due if duty.name in taken]


def _do(duty: Duty, works: Works) -> None:
    try:
        duty.act(works)
    except Exception:
        Outages(log).failed(f"the duty {duty.name} failed")
