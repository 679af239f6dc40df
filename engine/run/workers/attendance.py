"""A process at work: it beats while it lives, and looks after others that stopped beating."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import Connection

from engine.run.upkeep.outages import Outages
from engine.store.database import Store
from engine.store.silence import silence
from engine.store.workers import (
    Beat,
    Buried,
    beat,
    bury,
    fence,
    list_workers,
    sign_in,
    sign_out,
)

log = logging.getLogger("bridgework.worker")

#: Seconds between two beats.
BEAT_EVERY = 1.0


class Shift:
    """The right to work at runs, under one worker's id; ended when the worker is buried."""

    def __init__(self, store: Store, worker: str, clock: Callable[[], float]) -> None:
        self._store, self.worker, self._clock = store, worker, clock
        self._patience = silence()
        self._sure_until = clock()
        self._lock = threading.Lock()
        #: Numbers of the chunks that a thread of this process is at, and held while one is taken.
        self.in_hand: set[int] = set()
        self.taking = threading.Lock()

    @property
    def store(self) -> Store:
        """The store for all that this shift writes: nothing once it is buried."""
        return replace(self._store, fence=self._fence)

    def beat(self) -> bool:
        """Say that this worker lives; return whether it still counts as alive."""
        with self._lock:
            before = self._clock()
            alive = beat(self._store, self.worker)
            # Who watches saw this beat later than now, and waits that long before burying.
            self._sure_until = before + self._patience if alive else before
            return alive

    def check(self) -> None:
        """Make sure, before something is sent, that nobody else may be sending it by now.

        :raises Buried: this process slept, and its work was given to others.
        """
        if self._clock() >= self._sure_until and not self.beat():
            raise Buried

    def end(self) -> None:
        """Let nothing more be sent by threads that are late in ending: their work goes to others."""
        with self._lock:
            self._sure_until = float("-inf")

    def _fence(self, connection: Connection) -> None:
        fence(connection, self.worker)


class Attendance:
    """Keeps this process signed in while the block runs; one that was buried signs in anew.

    :param serves: it takes runs from the queue, and buries others that died.
    :param clock: seconds; replaced in tests.
    :param on_death: told which runs a dead worker left.
    :param on_beat: called after each beat.
    """

    def __init__(
        self,
        store: Store,
        *,
        serves: bool = False,
        clock: Callable[[], float] = time.monotonic,
        on_death: Callable[[list[int]], None] = lambda runs: None,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._serves, self._clock = store, serves, clock
        self._on_death, self._on_beat = on_death, on_beat
        self._seen: dict[str, _Seen] = {}
        self._looked = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attendance", daemon=True)
        self.shift = self._begin()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self.shift.end()
        if self._serves:
            bury(self._store, self.shift.worker)  # what its threads are still at goes to others
        else:
            sign_out(self._store, self.shift.worker)

    def _begin(self) -> Shift:
        shift = Shift(self._store, sign_in(self._store, serves=self._serves), self._clock)
        shift.beat()
        return shift

    def _run(self) -> None:
        outages = Outages(log)
        while not self._stop.wait(BEAT_EVERY):
            try:
                if not self.shift.beat():
                    log.warning("this process was taken for dead, and begins anew")
                    self.shift = self._begin()
                if self._serves:
                    self.bury_the_dead()
                self._on_beat()
                outages.went_well()
            except Exception:
                outages.failed("the heartbeat failed")

    def bury_the_dead(self) -> None:
        """Give back the work of every worker that ended, or whose beat stood still too long.

        No clock but this process's own counts. After a pause of its own it starts watching anew:
        it may be the one who slept.
        """
        now = self._clock()
        if now - self._looked > max(silence() / 2, 3 * BEAT_EVERY):
            self._seen.clear()
        self._looked = now
        here = {one.id: one for one in list_workers(self._store) if one.id != self.shift.worker}
        self._seen = {
            id: seen
            if (seen := self._seen.get(id)) and seen.beats == one.beats
            # A beat that moved, or a worker never seen before: its time starts now.
            else _Seen(one.beats, now)
            for id, one in here.items()
        }
        for one in here.values():
            if one.process_is_gone or now - self._seen[one.id].since >= silence():
                self._bury(one)

    def _bury(self, worker: Beat) -> None:
        left = bury(self._store, worker.id)
        at = f"while it carried out {_called(left)}" if left else "without a run in hand"
        log.warning("a worker (process %s) died %s", worker.pid, at)
        self._on_death(left)


def _called(numbers: list[int]) -> str:
    """Return the name of runs in a sentence: ``run 6``, ``runs 6 and 7``."""
    return f"run{'s' if len(numbers) > 1 else ''} {' and '.join(map(str, numbers))}"


@dataclass(frozen=True)
class _Seen:
    beats: int
    since: float
