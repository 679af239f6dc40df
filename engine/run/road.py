"""One run's way through its recipe: what is read in which order, and which worker carries it on."""

import gc
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial

from engine.errors import ConnectorError, DatabaseAway, Interrupted, SetupError
from engine.run import cut_short, retrying, triggers
from engine.run import read as reading
from engine.run.brakes import Brakes
from engine.run.carrying import Carrier
from engine.run.conditions import Conditions
from engine.run.connections.preflight import look_over, note_refusal
from engine.run.flow import collecting
from engine.run.limits import Gate
from engine.run.parts import Parts
from engine.run.plan import Plan
from engine.run.seen import Seen
from engine.run.settle import Tally
from engine.run.stopping import Paused, RunFailed
from engine.run.traveller import Traveller
from engine.run.two_way import echoes
from engine.run.webhooks import inbox
from engine.run.workers.sharing import LOOK_EVERY, Sharing
from engine.store import collected, runs, waits
from engine.store.database import Store
from engine.store.runs import Run
from engine.store.workers import Buried


class Road:
    """One run's way through its recipe, in this process.

    :param store: fenced: nothing is written any more once the run went to another worker.
    :param run: with ``started_at`` None unless it was cut short before.
    """

    def __init__(self, store: Store, plan: Plan, run: Run, now: datetime, how: Conditions) -> None:
        self.store, self.plan, self.run, self.now = store, plan, run, now
        self.recipe, self.clock = plan.recipe.name, how.clock
        self.brakes = Brakes(store, run.id, how.pause)
        self.seen = Seen(store, plan, run.id, latest_counts=run.request.inbox)
        self.sharing = Sharing(store, plan, run.id, how.shift)
        self.gate = Gate(store, plan, run.request, run.id)
        tally = Tally() if run.started_at is None else self._taken_up()
        self.carrier = Carrier(store, plan, run, now, how, self.brakes, tally)
        self.watch = self.carrier.watch
        self.messages = frozenset(collected.message_keys(store, self.recipe))
        self.latest: datetime | None = None

    def _taken_up(self) -> Tally:
        """Go on where an earlier worker left off; return what it did, as the ledger says."""
        if self.run.request.inbox:  # what is settled waits no more: nothing is read twice
            run = self.run
            return Tally(run.read, run.fixed, Counter(run.counts), Counter(run.messages))
        self.sharing.withdraw(self.brakes.pause_if_asked)
        self.seen.take_up()
        cut_short.forget_unchanged(self.store, self.recipe, self.run.id)
        return cut_short.recount(self.store, self.run)

    def travel(self) -> None:
        """Take every record along.

        :raises RunFailed: the run had to stop; what came before is settled.
        :raises BridgeworkError: a connection doesn't work, so nothing was read.
        """
        request = self.run.request
        # What is in memory by now stays: looking through it for garbage is a tenth of a run's time.
        gc.freeze()
        try:
            try:
                look_over(self.store, self.plan, self.now)
            except Interrupted:
                self.brakes.stop_if_asked()
                raise
            echoes.prepare(self.store, self.plan)
            if request.retry is not None:
                self._say(retrying.words(self.run))
                asked = retrying.asked_for(self.store, self.plan, self.run, self.messages)
                self._go(asked, live=False)
                return self._send_messages(self.messages & frozenset(request.retry))
            if request.inbox:
                self._say("Reading what webhooks delivered.")
                self._go(inbox.chunks(self.store, self.plan))
                self.gate.refuse()
                return self._send_messages()
            read = triggers.asked_for(self.plan, request)
            latest = [self._read(source, last=source is read[-1]) for source in read]
            due = waits.due_records(self.store, self.recipe, self.clock())[: waits.AT_ONCE]
            if request.limit is None:
                self._heal(read)
                self._wake(due)
            self.gate.refuse()
            self._send_messages(self.messages.intersection(due))
            if request.limit is None:
                for source, (moment, parts) in zip(read, latest, strict=True):
                    triggers.move_cursor(self.store, source, self.run.id, moment, self.now)
                    parts.settle(self.run.id)
        except (Paused, Buried, DatabaseAway):
            raise  # the run goes on, and whoever takes it up withdraws
        except Exception:
            self.sharing.withdraw()
            raise
        finally:
            gc.unfreeze()
            self.carrier.close()

    def _read(self, plan: Plan, *, last: bool) -> tuple[datetime | None, Parts]:
        """Read one trigger, perhaps the ``last``; return the latest change and the parts read."""
        full = self.run.request.full
        since = reading.since(self.store, plan, self.now, full=full)
        self._say(triggers.words(plan, since, several=bool(self.plan.several)))
        self.latest = None
        parts = reading.parts_of(self.store, plan, full=full)
        self._go(
            reading.read(plan, since, self.run.request.limit, parts), plan, shared=True, last=last
        )
        return self.latest, parts

    def help(self) -> None:
        """Take along chunks that another worker read, until none is left."""
        try:
            while not self.brakes.pause() and self._carry_parked():
                pass
        except (RunFailed, Paused):
            return  # who reads the run was told with the chunk's settlement
        finally:
            self.carrier.close()

    # -- chunk by chunk ------------------------------------------------------------------------

    def _go(
        self,
        chunks: Iterator[list[Traveller]],
        plan: Plan | None = None,
        *,
        shared: bool = False,
        last: bool = True,
        live: bool = True,
    ) -> None:
        """Take chunks along; perhaps the ``last``, and not ``live`` where they were kept once."""
        self.watch.live = live
        while True:
            self.brakes.stop_if_asked()
            try:
                chunk = next(chunks, None)
            except (ConnectorError, SetupError) as error:
                if isinstance(error, Interrupted):
                    self.brakes.stop_if_asked()
                note_refusal(self.store, self.plan, (plan or self.plan).trigger_connection, error)
                kept = "What was read before is settled." if self.carrier.tally.read else ""
                raise RunFailed(error.message, f"{error.hint} {kept}".strip()) from error
            if chunk is None:
                break
            changes = [reading.moment(t.changed) for t in chunk if t.changed is not None]
            self.latest = max(filter(None, (self.latest, *changes)), default=None)
            self._carry_or_share(chunk, shared)
        for chunk in self.gate.let_through() if last else ():
            self.brakes.stop_if_asked()
            self._carry_or_share(chunk, shared)
        self._finish_shared()

    def _carry_or_share(self, chunk: list[Traveller], shared: bool) -> None:
        """Carry a chunk on here, unless other workers have hands free."""
        while self.sharing.holds(t.key for t in chunk):
            self._carry_parked_or_wait()
        some_unchanged = self.sharing.used or self.carrier.tally.counts["unchanged"] > 0
        chunk = self.seen.part_from(chunk, some_unchanged=some_unchanged)
        chunk = self.gate.pass_on(chunk)
        if shared and self.sharing.wanted():
            parcel = [t for t in chunk if t.outcome is None and not t.met_before]
            self.sharing.park(parcel)
            chunk = [t for t in chunk if t.outcome is not None or t.met_before]
        if chunk:
            self.carrier.carry(chunk)

    def _finish_shared(self) -> None:
        """Carry on what nobody has taken, or gave back, until all of it is settled."""
        while self.sharing.waits():
            self._carry_parked_or_wait()
        if self.sharing.used:
            self.brakes.stop_if_asked()  # another worker may have settled the last one and had to halt

    def _carry_parked_or_wait(self) -> None:
        self.brakes.stop_if_asked()
        if not self._carry_parked():
            time.sleep(LOOK_EVERY)

    def _carry_parked(self) -> bool:
        """Carry on a parked chunk that nobody else has taken; return False where there is none."""
        with self.sharing.taken() as parcel:
            if parcel is None:
                return False
            number, chunk = parcel
            self.carrier.carry(
                chunk, within=lambda connection, halt: self.sharing.done(connection, number, halt)
            )
        return True

    # -- what is read --------------------------------------------------------------------------

    def _heal(self, read: Sequence[Plan]) -> None:
        """Try again what needed attention before: its cause may be gone at the target."""
        for chunk in retrying.to_heal(self.store, self.plan, self.run.id, self.messages, read=read):
            if any(traveller.outcome is None for traveller in chunk):
                self._say(f"Trying {len(chunk)} records again that needed attention before.")
            self._go(iter([chunk]), live=False)

    def _wake(self, due: Sequence[str]) -> None:
        """Take on what waited until now; where Bridgework serves, that is done at its time."""
        keys = [key for key in due if key not in self.messages]
        if keys:
            waited = retrying.by_source(self.plan, keys, partial(retrying.to_continue, self.store))
            self._go(waited, live=False)

    def _send_messages(self, asked: Collection[str] = ()) -> None:
        """Let messages of what was collected go out, also those asked for that went wrong before."""
        collector = self.carrier.walker.collector
        self.watch.between_chunks()
        for step, chunk in collecting.outgoing(self.store, self.plan, collector, asked):
            self.brakes.stop_if_asked()
            self.carrier.carry(chunk, message=step)

    def _say(self, message: str) -> None:
        runs.log(self.store, self.run.id, message)
