"""The thread that asks for runs when their schedules are due."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from engine.errors import BridgeworkError
from engine.recipe.model import Recipe
from engine.recipe.schedule import next_times, parse_schedule

log = logging.getLogger("bridgework.schedule")


class Scheduler:
    """Asks for runs when they are due: one thread for all recipes.

    :param due: returns the recipes that are switched on, afresh at every look.
    :param ask: asks for one run; given the recipe and a key that is the same for the same tick.
    :param clock: the time now; replaced in tests.
    """

    def __init__(
        self,
        due: Callable[[], list[Recipe]],
        ask: Callable[[Recipe, str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = 1.0,
    ) -> None:
        self._due, self._ask, self._clock, self._pause = due, ask, clock, pause
        self._looked: datetime = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def look(self) -> None:
        """Ask for every run that became due since the last look."""
        now = self._clock()
        for recipe in self._due():
            try:
                schedule = parse_schedule(recipe.trigger.schedule.value)
                ticks = next_times(schedule, recipe.trigger.timezone.value, self._looked)
                if ticks and ticks[0] <= now:
                    self._ask(recipe, f"{recipe.name}@{ticks[0].astimezone(UTC).isoformat()}")
            except BridgeworkError as error:
                log.warning("%s was not started: %s", recipe.name, error)
            except Exception:
                log.exception("the schedule of %s can't be followed", recipe.name)
        self._looked = now

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            try:
                self.look()
            except Exception:
                log.exception("the scheduler could not look at the recipes")
