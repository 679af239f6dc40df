"""What ends a run, or lets it rest, from outside: somebody stops it, or its program is to end."""

import time
from collections.abc import Callable

from engine.run.stopping import Paused, RunFailed
from engine.store import runs
from engine.store.database import Store
from engine.store.runs import Status


class Brakes:
    """Looks whether a run is to stop.

    :param pause: says whether the program is to end, so that the run goes on elsewhere.
    """

    def __init__(self, store: Store, run_id: int, pause: Callable[[], bool]) -> None:
        self._store, self._run_id, self.pause = store, run_id, pause

    def pause_if_asked(self) -> None:
        """:raises Paused: the program is to end."""
        if self.pause():
            raise Paused

    def stop_if_asked(self) -> None:
        """:raises RunFailed: somebody stopped the run, or who shares it had to."""
        self.pause_if_asked()
        cancelled, halt = runs.wishes(self._store, self._run_id)
        if cancelled:
            raise RunFailed(
                "It was stopped by hand.",
                "What was settled stays; the rest comes with the next run.",
                status="cancelled",
            )
        if halt is not None:
            # One that made way for a newer run did not fail.
            status: Status = "cancelled" if halt.get("status") == "cancelled" else "failed"
            raise RunFailed(halt["message"], halt["hint"], status=status)

    def nap(self, seconds: float) -> None:
        """Wait so long, and look meanwhile."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.stop_if_asked()
            time.sleep(min(left, 0.5))
