"""Under which conditions a process carries a run out: its right to write, its clock, its patience."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.http.client import RetryPolicy
from engine.run.plan import Transports
from engine.run.progress import Progress
from engine.run.workers.attendance import Shift


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What one process brings to a run, or to a part of it.

    :param shift: under which it works.
    :param pause: asked before every chunk; when it says so, the process lets the run go.
    :param clock: the time now; replaced in tests.
    :param stopwatch: seconds, by which calls are quick or slow; replaced in tests, since on a busy
        machine every call may be slow.
    :param on_progress: called after every chunk.
    :param transports: by connection name, instead of the network; for tests.
    :param retry: how patient requests are; default: as engine.http says.
    """

    shift: Shift
    pause: Callable[[], bool] = lambda: False
    clock: Callable[[], datetime] = utc_now
    stopwatch: Callable[[], float] = time.monotonic
    on_progress: Callable[[Progress], None] | None = None
    transports: Transports | None = None
    retry: RetryPolicy | None = None
