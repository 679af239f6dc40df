"""How one chunk is carried: through every step, then settled in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from engine.errors import Interrupted
from engine.run import lookups, retrying
from engine.run.act import Sender
from engine.run.brakes import Brakes
from engine.run.calling import Caller
from engine.run.conditions import Conditions
from engine.run.connections.preflight import note_refusal
from engine.run.drift.watching import Watch
from engine.run.flow.collect import PlannedCollect
from engine.run.intents import Journal
from engine.run.limits import stop_if_much_was_rejected
from engine.run.links import strand
from engine.run.people.ask import Asker
from engine.run.plan import Plan
from engine.run.plan_steps import PlannedStep
from engine.run.progress import Progress
from engine.run.sameness import count_as_same
from engine.run.settle import Tally, settle
from engine.run.shape import Link, Row
from engine.run.stopping import Halt, RunFailed, failure_of
from engine.run.traveller import Traveller
from engine.run.two_way import echoes
from engine.run.walk import Walker
from engine.run.webhooks import inbox
from engine.store.database import Store
from engine.store.runs import Run
from engine.store.unreported import anything_unreported

#: Does what else belongs into the transaction that settles a chunk, given why it had to stop, if so.
Within = Callable[[Connection, Halt | None], None]


class Carrier:
    """Carries chunks of one run, one after another.

    :param store: fenced: nothing is written any more once the run went to another worker.
    :param tally: of the run so far; what is carried is added.
    """

    def __init__(
        self,
        store: Store,
        plan: Plan,
        run: Run,
        now: datetime,
        how: Conditions,
        brakes: Brakes,
        tally: Tally,
    ) -> None:
        self.store, self.plan, self.run = store, plan, run
        self.brakes, self.tally = brakes, tally
        self.recipe = plan.recipe.name
        self.on_progress = how.on_progress
        self.unreported = anything_unreported(store, self.recipe)
        self.first_run = lookups.is_first_run(store, self.recipe)
        self.journal = Journal(store, self.recipe, run.id)
        self.watch = Watch(store, plan, run.id, now, inbox=run.request.inbox)
        self.sender = Sender(
            run_id=run.id,
            journal=self.journal,
            caller=Caller(alive=how.shift.check, nap=brakes.nap, clock=how.stopwatch),
            arrived=retrying.arrived(store, run),
            twin=plan.twin,
            again=retrying.sent_again(store, run),
            heard=self.watch.answered,
        )
        self.asker = Asker.of_run(store, plan.recipe, run, how.clock)
        self.walker = Walker(self.sender, self.asker, self._links, watch=self.watch)
        self._new = False

    def close(self) -> None:
        """End what sends, and keep what records were seen to look like."""
        self.sender.close()
        self.watch.keep()

    def carry(
        self,
        chunk: list[Traveller],
        *,
        message: PlannedCollect | None = None,
        within: Within | None = None,
    ) -> None:
        """Take a chunk through every step and settle it.

        :param message: they are messages of this step, and not records.
        :raises RunFailed: the run has to stop; the chunk is settled.
        """
        steps = self.plan.steps if message is None else message.steps
        # None was ever sent by its own key: in a first run, look-ups are 5 % of the time for nothing.
        new = self.first_run and message is None and not any(t.met_before for t in chunk)
        self._new = new
        going = chunk
        if message is None:
            if self.run.request.retry is None:
                retrying.hold_back(self.store, self.plan, chunk)
                echoes.leave_echoes(self.store, self.plan, chunk)
            going = self.watch.depart(self.plan, chunk)
        halt: Halt | None = None
        try:
            going = self.walker.walk(steps, going)
        except Halt as stop:
            halt = stop
            if stop.connection:
                note_refusal(self.store, self.plan, stop.connection, stop.cause)
            going = [t for t in chunk if stop.step == steps[-1].id and t.has_done(stop.step)]
        for traveller in going:
            if traveller.outcome is None:
                traveller.arrive()
        if halt is not None:
            strand(self.store, self.recipe, chunk)
        settle(
            self.store,
            self.recipe,
            self.run.id,
            chunk,
            self.tally,
            new=new,
            unreported=self.unreported,
            intents=self.journal.take(),
            within=partial(self._within, within, halt),
        )
        if self.on_progress is not None:
            self.on_progress(Progress(self.tally.read, dict(self.tally.counts)))
        if halt is not None:
            if isinstance(halt.cause, Interrupted):
                self.brakes.stop_if_asked()
            raise RunFailed(*failure_of(halt)) from halt.cause
        stop_if_much_was_rejected(self.store, self.plan, self.run.id)

    def _within(
        self,
        within: Within | None,
        halt: Halt | None,
        connection: Connection,
        settled: Sequence[Traveller],
    ) -> None:
        """Do what belongs into the transaction that settles a chunk."""
        if within is not None:
            within(connection, halt)
        self.asker.keep(connection, settled)
        self.walker.waiter.keep(connection, settled)
        self.walker.collector.keep(connection, settled)
        if self.run.request.inbox:
            inbox.settle_within(self.store, connection, self.plan, self.run.id, settled)

    def _links(self, step: PlannedStep, rows: Sequence[Row]) -> dict[str, Link]:
        """Return what the link table knows of a writing step's rows."""
        if self._new and step.key is None and self.plan.twin is None:
            return {}
        look_up = lookups.links_untold if self.unreported else lookups.links_of
        links = look_up(self.store, self.recipe, step.id, [row.key for row in rows])
        echoes.add_pairs(self.store, self.plan, step, rows, links)
        count_as_same(self.store, self.recipe, step, rows, links)
        return links
