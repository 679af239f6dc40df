"""The way through a recipe's steps: a chunk of records goes through each step together.

A run, a preview and a try without any connection walk the same way; what differs is what sends.
"""

from collections.abc import Callable, Iterable, Sequence

from engine.run.act import Sender
from engine.run.drift.watching import Watch
from engine.run.flow.collector import Collector
from engine.run.flow.find_or_create import create
from engine.run.outcomes import stop_at_rejection
from engine.run.parked.waiting import Waiter
from engine.run.people.ask import Asker, PlannedAsk
from engine.run.people.task_steps import ByHand
from engine.run.plan_steps import Planned, PlannedStep
from engine.run.shape import Link, Row, shape
from engine.run.stopping import Halt
from engine.run.traveller import Traveller

#: Outcomes after which the steps under ``otherwise`` stand in.
STOOD_IN_FOR = frozenset({"rejected", "failed"})


class Walker:
    """Takes records through steps.

    :param links: what is known of the rows of a writing step, by their keys.
    :param on_rows: told of the rows of every step before they are sent.
    :param watch: knows which steps are amended, since fields that they read are gone.
    """

    def __init__(
        self,
        sender: Sender,
        asker: Asker,
        links: Callable[[PlannedStep, Sequence[Row]], dict[str, Link]],
        on_rows: Callable[[PlannedStep, Sequence[Row]], None] = lambda step, rows: None,
        watch: Watch | None = None,
    ) -> None:
        self.sender = sender
        self.asker = asker
        self.waiter = Waiter(asker.store, asker.recipe, asker.run_id, asker.clock)
        self.collector = Collector(asker.store, asker.recipe, asker.run_id)
        self.by_hand = ByHand(asker, sender)
        self._links = links
        self._on_rows = on_rows
        self.watch = watch
        self._branches: dict[str, Walker] = {}

    def branch(self, name: str) -> "Walker":
        """Return the walker of a branch that is walked at the same time; always the same one."""
        if name not in self._branches:
            sender = self.sender.beside()
            other = Walker(sender, self.asker, self._links, self._on_rows, self.watch)
            other.waiter, other.collector = self.waiter, self.collector
            self._branches[name] = other
        return self._branches[name]

    def walk(self, steps: Iterable[Planned], travellers: Sequence[Traveller]) -> list[Traveller]:
        """Take travellers through steps, one after another; return those that go on.

        :raises Halt: the run must stop; those not settled by then are read again.
        """
        going = list(travellers)
        for step in steps:
            if not going:
                break
            try:
                going = self.step(step, going)
            except Halt as halt:
                halt.step = halt.step or step.id
                raise
        return going

    def step(self, step: Planned, travellers: Sequence[Traveller]) -> list[Traveller]:
        """Take travellers through one step; return those that go on."""
        parties = [] if self.watch is None else self.watch.parties(travellers)
        if not any(step.id in amendments.steps for amendments, _ in parties):
            return self._go(step, travellers)
        going: list[Traveller] = []
        for amendments, own in parties:
            amended = amendments.steps.get(step.id)
            if amended is None:
                going += self._go(step, own)
            else:
                kept = own if amended.stop is None else amended.stop.let_pass(own)
                going += self._go(amended.step, kept)
        return going

    def _go(self, step: Planned, travellers: Sequence[Traveller]) -> list[Traveller]:
        if isinstance(step, PlannedStep):
            return self._use(step, travellers)
        if isinstance(step, PlannedAsk):
            return self.asker.ask(step, travellers)
        return step.go(self, travellers)

    def _use(self, step: PlannedStep, travellers: Sequence[Traveller]) -> list[Traveller]:
        rows = shape(step, travellers)
        try:
            self._stop_at_rejection(step, travellers)
            self._on_rows(step, rows)
            links = self._links(step, rows) if rows and step.writes else {}
            if step.person is not None and self.asker.leaves_to_people:
                self.by_hand.do(step, rows, links)
            else:
                self.sender.act(step, rows, links)
            if step.creates:
                create(self, step, rows)
            if step.otherwise:
                self._stand_in(step, travellers)
            self._stop_at_rejection(step, travellers)  # by a search that found nothing
        except Halt as halt:
            halt.step, halt.connection = halt.step or step.id, halt.connection or step.connection
            raise
        return [t for t in travellers if t.outcome is None and not t.stranded]

    def _stand_in(self, step: PlannedStep, travellers: Sequence[Traveller]) -> None:
        """Take those a step failed for through the steps that stand in for it."""
        failed = [
            t
            for t in travellers
            if t.outcome in STOOD_IN_FOR and t.step == step.id and not (t.in_doubt or t.stranded)
        ]
        for traveller in failed:
            traveller.scope[step.name] = None
            traveller.scope["error"] = {
                "reason": traveller.reason,
                "code": traveller.code,
                "field": traveller.field,
            }
            traveller.go_on()
        self.walk(step.otherwise, failed)

    def _stop_at_rejection(self, step: PlannedStep, travellers: Sequence[Traveller]) -> None:
        if self.sender.pretend:
            return  # a preview shows every rejection
        if (rejected := stop_at_rejection(step, travellers)) is not None:
            raise Halt(rejected)
