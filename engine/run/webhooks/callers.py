"""Callers who wait for a recipe's answer: a few at once, for a while, and nothing is lost by it.

What they sent is on the disk before they wait. Whoever gets no answer in time, or finds all places
taken, is told that it is accepted.
"""

import os
import threading
import time
from collections.abc import Sequence

from engine.errors import BridgeworkError, SetupError
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.steps import every_step
from engine.run.upkeep.duties import Works
from engine.run.webhooks.inbox import read_inboxes
from engine.run.webhooks.replies import ACCEPTED
from engine.store.answered import Sight, look_at
from engine.store.hooks import Hook
from engine.webhooks import Delivery, HookReply

SECONDS_VARIABLE = "BRIDGEWORK_ANSWER_SECONDS"
#: Seconds that a caller waits for its answer, and the most that may be set.
SECONDS, MOST_SECONDS = 20, 300
#: Seconds between two looks for an answer: the first ones, and all after a while.
FIRST_LOOK, LAST_LOOK = 0.01, 0.1
#: Seconds between two looks whether a run has to be asked for, e.g. because one was under way.
NUDGE_EVERY = 0.25


def answer_seconds() -> int:
    """Return how many seconds a caller waits for its answer.

    :raises SetupError: the setting is no number of seconds.
    """
    given = os.environ.get(SECONDS_VARIABLE) or str(SECONDS)
    if not given.isdecimal() or int(given) > MOST_SECONDS:
        raise SetupError(
            f"{SECONDS_VARIABLE} is {given!r}, which is no number of seconds up to {MOST_SECONDS}.",
            hint="Write a whole number, e.g. 20; with 0 nobody waits.",
        )
    return int(given)


class Callers:
    """The places of those who wait, in one process.

    :param places: how many may wait at once; each keeps one of the threads that answer requests.
    """

    def __init__(self, works: Works, places: int) -> None:
        self._works = works
        self._places = threading.BoundedSemaphore(places)

    def answer(self, hook: Hook, delivered: Sequence[Delivery]) -> HookReply | None:
        """Wait for what the recipe answers; None where it has no answers.

        Of several deliveries in one request, the first one's answer counts.
        """
        if not delivered or not self._answers(hook.recipe):
            return None
        id = delivered[0].id
        if (known := _reply(look_at(self._works.store, hook.id, id))) is not None:
            return known  # it was sent once more
        if not self._places.acquire(blocking=False):
            return ACCEPTED
        try:
            return self._wait(hook, id)
        finally:
            self._places.release()

    def _answers(self, recipe: str) -> bool:
        try:
            steps = self._works.library.load(recipe).steps
        except BridgeworkError:  # what came waits until the recipe is right again
            return False
        return any(isinstance(step, AnswerStep) for step in every_step(steps))

    def _wait(self, hook: Hook, id: str) -> HookReply:
        end = time.monotonic() + answer_seconds()
        pause, nudge_at = FIRST_LOOK, 0.0
        while (now := time.monotonic()) < end:
            if now >= nudge_at:
                read_inboxes(self._works, only=hook.recipe)
                nudge_at = now + NUDGE_EVERY
            time.sleep(min(pause, end - now))
            pause = min(pause * 1.2, LAST_LOOK)
            if (reply := _reply(look_at(self._works.store, hook.id, id))) is not None:
                return reply
        return ACCEPTED


def _reply(sight: Sight | None) -> HookReply | None:
    """Return what is answered by now; None while that isn't known."""
    if sight is None:  # forgotten meanwhile
        return ACCEPTED
    if sight.answer is not None:
        return sight.answer
    match sight.state, sight.outcome:
        case "waiting", _:
            return None
        case "done", "created" | "updated" | "unchanged":
            return HookReply()
    return ACCEPTED
