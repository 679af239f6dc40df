"""Third stage: rows are sent, in batches or one by one, and every answer becomes an outcome."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from engine.calls import call_find
from engine.errors import CannotTell, ConnectorError
from engine.results import Accepted
from engine.run.calling import Answer, Caller, Heard, context_of
from engine.run.intents import (
    Journal,
    in_doubt,
    may_go_again,
    send_key,
    settle_unsure,
    still_under_way,
)
from engine.run.outcomes import (
    apply_policy,
    is_done,
    may_have_arrived,
    settle_accepted,
    settle_refusal,
    settle_unchanged,
    stop_at_rejection,
)
from engine.run.plan_steps import PlannedStep
from engine.run.searching import Searcher
from engine.run.shape import Link, Row, by_parameters, split_unchanged
from engine.run.stopping import Halt
from engine.run.two_way.twin import Twin
from engine.store.intents import Intent

#: Links of single calls are stored this often (seconds), so that a crash leaves little to ask about.
JOURNAL_EVERY = 2.0


@dataclass
class Sender:
    """Sends the rows of one run.

    :param run_id: the run that new links are noted with.
    :param caller: makes the calls; knows when the other side is down.
    :param journal: stores links before their chunk is settled, and what is about to be sent.
    :param pretend: a preview: nothing is sent, and links say what would become of a row.
    :param twin: the recipe in the other direction, which has to know of writes.
    :param arrived: records that a person says are there, with the step that was to send them.
    :param again: unsure records that a person says are to be sent again.
    :param heard: told of what apps answer, as it comes.
    """

    run_id: int
    journal: Journal
    caller: Caller = field(default_factory=Caller)
    pretend: bool = False
    arrived: Mapping[str, str] = field(default_factory=dict)
    twin: Twin | None = None
    again: Collection[str] = ()
    heard: Heard = lambda step, answers: None

    def __post_init__(self) -> None:
        self.searcher = Searcher(self.caller, self.heard)
        self._beside: list[Sender] = []

    def beside(self) -> "Sender":
        """Return a sender for what is done at the same time; it is closed with this one."""
        other = replace(self, caller=self.caller.beside())
        self._beside.append(other)
        return other

    def act(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> None:
        """Do ``step`` for every row; each traveller gets its result, or is settled.

        Rows that were sent just so before are not sent again.

        :param links: of the step's keys; new ones are added.
        :raises Halt: the run must stop; rows that were not sent are marked as stranded.
        """
        self.caller.on_error = step.on_error
        if step.action.kind == "search":
            self.searcher.search(step, rows)
        else:
            if step.action.once:
                rows = self._ask_first(step, rows, links)
            changed, unchanged = split_unchanged(step, rows, links)
            for row, link in unchanged:
                settle_unchanged(step, row, link)
            self._write(step, changed, links)
        if self.caller.stopped is not None:
            raise Halt(self.caller.stopped)

    def close(self) -> None:
        for other in self._beside:
            other.close()
        self.caller.close()

    # -- what may have been sent before ---------------------------------------------------------

    def _ask_first(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> list[Row]:
        """Settle the rows that are there already, or may be; return those that may be sent."""
        for row in rows:
            if self.arrived.get(row.traveller.key) == step.id:
                self.settle(step, row, Accepted({}), links)
                self.journal.told(step, row)
        left = self.journal.left(step, rows)
        self._decided(step, rows, left, links)
        doubtful, kept = in_doubt(rows, left, links)
        for row in kept:
            self.journal.told(step, row)
        intents = {id(row): intent for row, intent in doubtful}

        def ask(row: Row) -> Answer:
            intent, context = intents[id(row)], context_of(step, row, links.get(row.key))
            context = replace(context, idempotency_key=intent.idempotency_key)
            return call_find(step.action, context, row.values, intent.sent_at)

        def ask_patiently(row: Row) -> Answer:
            answer = ask(row)
            wait = 0.0 if self.pretend else still_under_way(intents[id(row)], datetime.now(UTC))
            if answer is None and wait > 0:
                self.caller.nap(wait)
                answer = ask(row)
            return answer

        def answered(row: Row, answer: Answer) -> None:
            intent = intents[id(row)]
            if isinstance(answer, Accepted) and row.fingerprint != intent.fingerprint:
                # What arrived is the record's earlier state; the change is sent to the same place.
                links[row.key] = Link(answer.target_id, intent.fingerprint, self.run_id)
            elif answer is not None:
                self.settle(step, row, answer, links)
            if not isinstance(answer, ConnectorError):
                self.journal.told(step, row)

        if step.action.find is not None:
            asked = [row for row, _ in doubtful]
            for row in asked[self.caller.each(step, asked, ask_patiently, answered) :]:
                row.traveller.stranded = True
        else:
            for row, intent in doubtful:
                if may_go_again(step, row, intent, datetime.now(UTC)):
                    self.journal.send_again(row, intent)
                else:
                    settle_unsure(step, row)
                    self._unsure(step, row)
        return [row for row in rows if not is_done(step, row)]

    def _decided(
        self, step: PlannedStep, rows: list[Row], left: dict[str, Intent], links: dict[str, Link]
    ) -> None:
        """Do what a person decided about unsure parts of a record; their intents tell which."""
        for row in rows:
            record = row.traveller.record
            if not record or row.key not in left:
                continue
            if self.arrived.get(record) == step.id:
                self.settle(step, row, Accepted({}), links)
            elif record not in self.again:
                continue
            self.journal.told(step, row)
            del left[row.key]

    # -- writes --------------------------------------------------------------------------------

    def _write(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> None:
        """Send each key's rows one after another, different keys together."""
        while rows:
            now: dict[str, Row] = {}
            later: list[Row] = []
            for row in rows:
                if row.key in now:
                    later.append(row)
                else:
                    now[row.key] = row
            first = list(now.values())
            if self.pretend:
                for row in first:
                    self._pretend(step, row, links)
            elif step.action.kind == "batch":
                self._write_batches(step, first, links)
            else:
                self._write_singles(step, first, links)
            rows = []
            for row in later:
                link = links.get(row.key)
                if link is not None and link.fingerprint == row.fingerprint:
                    settle_unchanged(step, row, link)
                elif self.caller.stopped is not None:
                    row.traveller.stranded = True
                else:
                    rows.append(row)

    def _write_singles(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> None:
        done: list[Row] = []
        last = self.caller.clock()

        def journal(coming: Sequence[Row] = ()) -> None:
            nonlocal last
            self.journal.keep(step, done, coming)
            done.clear()
            last = self.caller.clock()

        def noted() -> Iterator[Row]:
            start, pace = 0, self.caller.pace(step)
            while start < len(rows):
                coming = rows[start : start + pace.together]
                start += len(coming)
                journal(coming)
                began = self.caller.clock()
                yield from coming
                pace.noted(self.caller.clock() - began)

        def answered(row: Row, answer: Answer) -> None:
            self.heard(step, (answer,))
            self.settle(step, row, answer, links)
            done.append(row)
            if self.caller.clock() - last >= JOURNAL_EVERY:
                journal()

        for row in rows:
            row.idempotency_key = row.idempotency_key or send_key(step, row, links.get(row.key))
        reached = self.caller.each(
            step,
            noted() if step.action.once else rows,
            lambda row: self.caller.call(step, row, links.get(row.key)),
            answered,
        )
        if step.action.once:
            self._leave_open(step, rows[:reached])
            journal()
        for row in rows[reached:]:
            row.traveller.stranded = True

    def _write_batches(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> None:
        once, done = step.action.once, list[Row]()
        for parameters, members in by_parameters(step, rows):
            for start in range(0, len(members), step.action.size):
                batch = members[start : start + step.action.size]
                if self.caller.stopped is not None:
                    for row, _ in batch:
                        row.traveller.stranded = True
                    continue
                if once:
                    for row, _ in batch:
                        link = links.get(row.key)
                        row.idempotency_key = row.idempotency_key or send_key(step, row, link)
                    coming = [row for row, _ in batch]
                    self.journal.keep(step, done, coming)
                    done = coming
                for row, answer in self.caller.call_batch(step, parameters, batch, self.heard):
                    self.settle(step, row, answer, links)
                self._leave_open(step, [row for row, _ in batch])
        self.journal.keep(step, done)

    def _leave_open(self, step: PlannedStep, rows: Iterable[Row]) -> None:
        """Let the next run ask about rows whose call was cut short: a part of it may be done."""
        if step.action.once and step.action.can_tell:
            for row in rows:
                if row.traveller.stranded:
                    self.journal.untold(step, row)

    def _unsure(self, step: PlannedStep, row: Row) -> None:
        """Forget the intent of an unsure record; a part's stays, and tells which part it was."""
        if row.traveller.record:
            self.journal.untold(step, row)
        else:
            self.journal.told(step, row)

    def _pretend(self, step: PlannedStep, row: Row, links: dict[str, Link]) -> None:
        link = links.get(row.key)
        target_id = link.target_id if link else f"(new {step.action.noun.one})"
        # Later steps may read more than the id: what was answered before, else as in the sample.
        known = (link.result if link else None) or step.action.sample or {}
        answer = Accepted({**known, "id": target_id}, created=link is None)
        self.settle(step, row, answer, links)

    def settle(self, step: PlannedStep, row: Row, answer: Answer, links: dict[str, Link]) -> None:
        """Make of an answer what becomes of the record."""
        if not isinstance(answer, Accepted):
            assert answer is not None
            settle_refusal(step, row, answer)
            apply_policy(step, row, answer)
            may_be_there = may_have_arrived(step, answer)
            if isinstance(answer, CannotTell) or (may_be_there and not step.action.can_tell):
                self._unsure(step, row)
            elif may_be_there:
                self.journal.untold(step, row)
            if not self.pretend:
                rejected = stop_at_rejection(step, [row.traveller])
                self.caller.stopped = self.caller.stopped or rejected
            return
        written = None if self.twin is None else self.twin.written(step.id, answer)
        links[row.key] = settle_accepted(
            step, row, answer, links.get(row.key), run_id=self.run_id, written=written
        )
