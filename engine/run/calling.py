"""The calls of one run: several at once where they are slow, and an end to them when it must be."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from typing import Any

from engine.calls import call_batch, call_single
from engine.context import Context
from engine.errors import (
    AuthError,
    BusyError,
    CannotTell,
    ConnectorError,
    InputError,
    Interrupted,
    PluginCrash,
    SetupError,
)
from engine.fields import Record
from engine.recipe.steps import USUAL, OnError
from engine.results import RowResult
from engine.run.pace import Pace
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row

#: Calls in flight at once where each is slow enough for that to help.
CALLS_IN_FLIGHT = 8
#: Seconds after which whoever waits looks whether it still should.
SHORT_NAP = 0.5
#: After so many failures in a row the other side counts as down, and the run stops.
FAILURES_IN_A_ROW = 3
#: Errors that end a run where it is: what was being sent was not taken, and is sent again.
STOPS = (AuthError, SetupError, BusyError, Interrupted)

Answer = RowResult | ConnectorError | None
#: Is told of what apps answer, as it comes.
Heard = Callable[[PlannedStep, Sequence[Answer]], None]


@dataclass
class Caller:
    """Calls for rows, and knows when the run has to stop.

    :param alive: called before each call; raises where another worker has the run by now.
    :param nap: waits so many seconds; may raise where the run is to stop.
    :param clock: seconds; replaced in tests.
    :param on_error: what the step at hand says of errors.
    :param stopped: why no more calls are made.
    """

    alive: Callable[[], None] = lambda: None
    nap: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    on_error: OnError = USUAL
    stopped: ConnectorError | SetupError | None = None
    _failures: int = 0
    _pool: ThreadPoolExecutor | None = None
    _paces: dict[str, Pace] = field(default_factory=dict)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def call(self, step: PlannedStep, row: Row, link: Link | None) -> Answer:
        """Call the step's function for one row.

        :raises ConnectorError: as the function does.
        """
        self.alive()
        return call_single(step.action, context_of(step, row, link), row.values)

    def call_batch(
        self,
        step: PlannedStep,
        parameters: Mapping[str, Any],
        batch: Sequence[tuple[Row, Record]],
        heard: Heard,
    ) -> Iterator[tuple[Row, Answer]]:
        """Send a batch; one that is refused as a whole is halved until the bad row is alone."""
        self.alive()
        rows = [row for row, _ in batch]
        keys = tuple(row.idempotency_key for row in rows) if step.action.once else ()
        key = blake2b("".join(keys).encode() or rows[0].fingerprint, digest_size=16).hexdigest()
        context = replace(step.context, idempotency_key=key, idempotency_keys=keys)
        try:
            results = call_batch(step.action, context, parameters, [values for _, values in batch])
        except InputError as error:
            if len(batch) == 1:
                yield batch[0][0], error
                return
            middle = len(batch) // 2
            yield from self.call_batch(step, parameters, batch[:middle], heard)
            yield from self.call_batch(step, parameters, batch[middle:], heard)
        except (ConnectorError, SetupError) as error:
            self.failed(error)
            for row in rows:
                if isinstance(error, SetupError) or self.stops(error):
                    row.traveller.stranded = True
                else:
                    yield row, error
        else:
            self.succeeded()
            heard(step, results)
            yield from zip(rows, results, strict=True)

    def pace(self, step: PlannedStep) -> Pace:
        """Return how fast the step's calls go."""
        return self._paces.setdefault(step.id, Pace())

    def each(
        self,
        step: PlannedStep,
        rows: Iterable[Row],
        call: Callable[[Row], Answer],
        answered: Callable[[Row, Answer], None],
    ) -> int:
        """Call for each row, several at once where calls are slow; return how many were begun.

        A row that was under way when the run had to stop is stranded, and was not taken.
        """
        waiting, pace = iter(rows), self.pace(step)
        begun = 0

        def measured(row: Row) -> Answer:
            start = self.clock()
            try:
                return call(row)
            finally:
                pace.took(self.clock() - start)

        flying: dict[Future[Answer], Row] = {}
        while self.stopped is None:
            row = next(waiting, None)
            if row is None:
                break
            begun += 1
            if not pace.at_once():
                self._take(row, partial(measured, row), answered)
                continue
            self._pool = self._pool or ThreadPoolExecutor(CALLS_IN_FLIGHT, "bridgework-call")
            flying[self._pool.submit(call, row)] = row
            if len(flying) >= CALLS_IN_FLIGHT:
                self._land(flying, answered)
        while flying:
            self._land(flying, answered)
        return begun

    def stop(self, why: ConnectorError | SetupError) -> None:
        """Make no more calls; those under way are waited for. Any thread may say so."""
        self.stopped = self.stopped or why

    def beside(self) -> "Caller":
        """Return a caller for what is done at the same time."""

        def nap(seconds: float) -> None:
            while seconds > 0 and other.stopped is None:
                self.nap(min(seconds, SHORT_NAP))
                seconds -= SHORT_NAP

        other = Caller(alive=self.alive, nap=nap, clock=self.clock)
        return other

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, error: ConnectorError | SetupError) -> None:
        """Note that a call failed; so many in a row stop the run."""
        if self.stops(error):
            self.stopped = error
            return
        if isinstance(error, InputError | PluginCrash | BusyError | CannotTell):
            return  # says nothing of the other side's health
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            self.stopped = error

    def stops(self, error: ConnectorError | SetupError) -> bool:
        """Return whether an error ends the run at once, with what was not taken left to the next."""
        if isinstance(error, BusyError) and self.on_error.rate_limited == "fail":
            return False
        return isinstance(error, STOPS)

    def _land(
        self, flying: dict[Future[Answer], Row], answered: Callable[[Row, Answer], None]
    ) -> None:
        done, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in done:
            self._take(flying.pop(future), future.result, answered)

    def _take(
        self,
        row: Row,
        result: Callable[[], Answer],
        answered: Callable[[Row, Answer], None],
    ) -> None:
        try:
            answer = result()
        except SetupError as error:
            self.failed(error)
            row.traveller.stranded = True
        except ConnectorError as error:
            self.failed(error)
            if self.stops(error):
                row.traveller.stranded = True
            else:
                answered(row, error)
        else:
            self.succeeded()
            answered(row, answer)


def context_of(step: PlannedStep, row: Row, link: Link | None) -> Context:
    """Return the step's context for one row."""
    return replace(
        step.context,
        key=row.key,
        target_id=link.target_id if link else None,
        idempotency_key=row.idempotency_key,
    )
