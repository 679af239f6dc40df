"""While a run goes: what records look like is compared with earlier runs, and missed fields are acted on.

The shape of what was read and answered is kept at the run's end, in one write. That a field is gone
is noted at once, before any record without it reaches a step.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from engine.drift.looking import DELIVERED, plain
from engine.drift.readings import Field, Reading, readings
from engine.drift.replacing import replacement
from engine.drift.shape import NAMED, Path, read_path, written
from engine.errors import DatabaseAway
from engine.fields import Record
from engine.operations import Operation
from engine.recipe.library import Library
from engine.results import Accepted
from engine.run.drift.columns import Columns, Lacking, gone_of, is_complete
from engine.run.drift.gone import Gone
from engine.run.drift.kept_records import hold_back
from engine.run.drift.pausing import Amendments, amended
from engine.run.drift.shapes import Sight, has
from engine.run.drift.telling import Telling, notices_of
from engine.run.plan import Plan
from engine.run.plan_steps import PlannedStep
from engine.run.shape import skip
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.shapes import Change, Source, changes_of, end_changes, note_gone
from engine.store.workers import Buried

#: Answers of one call that are looked at.
ANSWERS = 5


class Watch:
    """Looks at the records of one run, or of a preview.

    :param run_id: None: nothing is stored or told.
    :param inbox: its records were delivered by webhooks.
    :ivar live: records are just read, and not as they were kept once.
    """

    def __init__(
        self,
        store: Store,
        plan: Plan,
        run_id: int | None,
        now: datetime,
        *,
        inbox: bool = False,
    ) -> None:
        self.store, self.plan, self.run_id, self.now = store, plan, run_id, now
        self.amendments = Amendments()
        self._delivered = DELIVERED if inbox else ""
        self.telling = Telling(store, run_id)
        self.live = True
        self._operations: dict[Source, Operation] = {step.source: step.action for step in plan.uses}
        for source in plan.sources:
            self._operations[source.source] = source.trigger
            self._operations[self._of(source)] = source.trigger
        self.sight = Sight(store, self._operations, now)
        known = changes_of(store, self._operations.keys())
        self._gone = {
            (one.source, read_path(one.path)): one.reason for one in known if one.kind == "removed"
        }
        self._new = {(one.source, read_path(one.path)) for one in known if one.kind == "added"}
        self._heard: set[tuple[str, str, str]] = set()
        self._lock = Lock()
        self._amended_for: Collection[Field] = ()
        self._described_now: dict[Field, Gone] = {}
        #: What records of this chunk lack, by their sources; each is kept, so that no other is it.
        self._lacking: dict[int, tuple[Record, Lacking]] = {}
        self._amendments: dict[tuple[Lacking, frozenset[Field]], Amendments] = {}
        if self._gone:
            self._amend(self._gone)

    def keep(self) -> None:
        """Add what was seen to what earlier runs saw."""
        with suppress(Buried, DatabaseAway):  # whoever goes on with the run says it
            self.telling.say()
        if self.run_id is not None:
            self.sight.keep(self.run_id, self._gone)

    # -- looking -------------------------------------------------------------------------------

    def depart(self, plan: Plan, chunk: Sequence[Traveller]) -> list[Traveller]:
        """Look at records, and return those that go on to the first step; the others are settled.

        Where a skip rule reads what is gone, nobody can tell: all of them stop.
        """
        self._read(chunk)
        going: list[Traveller] = []
        for amendments, own in self.parties([t for t in chunk if t.outcome is None]):
            stop = amendments.skip
            going += skip(plan, own) if stop is None else stop.let_pass(own)
        return going

    def parties(
        self, travellers: Sequence[Traveller]
    ) -> list[tuple[Amendments, Sequence[Traveller]]]:
        """Return records by what is another for them: those of one file may lack a column."""
        if not self._lacking and not self.columns.of_searches:
            return [(self.amendments, travellers)]
        found: dict[Lacking, list[Traveller]] = {}
        for traveller in travellers:
            _, lacking = self._lacking.get(id(traveller.source), (None, ()))
            found.setdefault(lacking + self.columns.of_answers(traveller), []).append(traveller)
        return [(self._amended(lacking), own) for lacking, own in found.items()]

    def _read(self, chunk: Sequence[Traveller]) -> None:
        going = [traveller for traveller in chunk if traveller.outcome is None]
        if not going:
            return
        with self._lock:
            self._hear()
            self._lacking = {}
            for plan, own in self._by_plan(going):
                self._look_for_columns(plan, own)
                if self.live:
                    few = [t.source for t in own[:: -(-len(own) // NAMED)]]
                    self._look(self._of(plan), few, own)
                elif plan.trigger.schema is None:
                    gone = {path for source, path in self._gone if source == plan.source}
                    hold_back(plan, own, self.sight.before.get(plan.source), gone, self._readings)
            self.telling.say()
            if not self._gone and not self._amended_for:
                return
            lacking = {
                (source, path): reason
                for (source, path), reason in self._gone.items()
                if not self._all_have(source, path, going)
            }
            self._amend(lacking)

    def between_chunks(self) -> None:
        """Go by what is gone, now that no chunk's records tell whether they have it."""
        with self._lock:
            self._lacking = {}
            self._amend(self._gone)

    def answered(self, step: PlannedStep, answers: Sequence[Any]) -> None:
        """Look at what an app answered, a few of its answers at most."""
        few = answers[:: -(-len(answers) // ANSWERS)]
        records = [dict(a.record) for a in few if isinstance(a, Accepted) and a.record]
        if not records:
            return
        with self._lock:
            self._hear()
            self._look(step.source, records, ())
            self.telling.say()

    # -- what is missed ------------------------------------------------------------------------

    def _look(self, source: Source, records: Sequence[Record], every: Sequence[Traveller]) -> None:
        """Look at records; ``every`` stands for those they are a few of."""
        known = [path for of, path in self._gone if of == source]
        back, gone = self.sight.look(source, records, every, known)
        if back:
            self._are_back(source, back)
        if gone:
            kinds = {path: self.sight.kind(source, path) for path in gone}
            self._are_gone({(source, path): "" for path in gone}, kinds)

    def _look_for_columns(self, plan: Plan, own: Sequence[Traveller]) -> None:
        """Note what records lack of a file's columns, or of an account's own fields."""
        found = self.columns.of_records(plan, own)
        if not found:
            return
        self._lacking |= found
        if not self.live or len(found) < len(own):
            return
        source = self._of(plan)
        every = [{path: words for (_, path), words, _ in lacking} for _, lacking in found.values()]
        by_all = set.intersection(*map(set, every))
        reasons = {(source, p): f"{words}." for p, words in every[-1].items() if p in by_all}
        self._are_gone(reasons, {path: self.sight.kind(source, path) for path in by_all})

    def _hear(self) -> None:
        """Take note of what connectors said since."""
        for (connection, operation), paths in list(self.plan.said.items()):
            for path, reason in list(paths.items()):
                if (connection, operation, path) in self._heard:
                    continue
                self._heard.add((connection, operation, path))
                found: dict[Field, str] = {
                    (source, read_path(path)): reason
                    for source in self._operations
                    if source[:2] == (connection, operation)
                }
                self._are_gone(found, {})

    def _are_gone(self, found: Mapping[Field, str], kinds: Mapping[Path, str]) -> None:
        new = {one: reason for one, reason in found.items() if one not in self._gone}
        if not new:
            return
        self._gone.update(new)
        if self.run_id is not None:
            changes = [
                Change(
                    source=source,
                    path=written(path),
                    kind="removed",
                    before=kinds.get(path, ""),
                    reason=reason,
                    found_at=self.now,
                    run_id=self.run_id,
                )
                for (source, path), reason in new.items()
            ]
            described = {one: self._described(*one, reason) for one, reason in new.items()}
            library = Library(self.plan.recipe.path.parent)
            note_gone(self.store, changes, [*notices_of(described, library)])
        self._amend(self._gone)

    def _are_back(self, source: Source, paths: Sequence[Path]) -> None:
        for path in paths:
            self.telling.take_back(self._described(source, path, self._gone.pop((source, path))))
        if self.run_id is not None:
            end_changes(self.store, [(source, written(path)) for path in paths])
        self._amend(self._gone)
        fields = ", ".join(f"'{written(path)}'" for path in paths)
        self.telling.add([f"{self._app(source)} gives {fields} again. What was paused goes on; run it "
                    "once with --full so that earlier records get it too."])  # fmt: skip

    # -- what is done about it -----------------------------------------------------------------

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        return readings(self.plan.recipe)

    @cached_property
    def columns(self) -> Columns:
        """What single records lack, and that for sure."""
        any_complete = any(operation.complete for operation in self._operations.values())
        return Columns(self.plan, self._operations, self._readings if any_complete else ())

    def _amend(self, gone: Mapping[Field, str]) -> None:
        """Go by fields that are gone; of columns each record tells itself whether it has them."""
        gone = {
            (source, path): reason
            for (source, path), reason in gone.items()
            if not is_complete(self._operations[source], path)
        }
        if gone.keys() == set(self._amended_for):
            return
        self._amended_for = set(gone)
        self._described_now = {
            (plain(source), path): self._described(source, path, reason)
            for (source, path), reason in gone.items()
        }
        self.amendments = amended(self.plan, self._readings, self._described_now)
        self.telling.add(self.amendments.sentences)

    def _amended(self, lacking: Lacking) -> Amendments:
        """Return what is another for records that lack something besides what is gone for all."""
        if not lacking:
            return self.amendments
        case = lacking, frozenset(self._amended_for)
        with self._lock:
            if case not in self._amendments:
                apps = {source: self._app(source) for source in self._operations}
                gone = {**self._described_now, **gone_of(lacking, apps)}
                self._amendments[case] = amended(self.plan, self._readings, gone)
                self.telling.add(self._amendments[case].sentences)
                self.telling.say()
            return self._amendments[case]

    def _described(self, source: Source, path: Path, reason: str) -> Gone:
        shape, lately = self.sight.known(source)
        new = lately | {field for of, field in self._new if of == source}
        instead = replacement(path, shape, new)
        named = "" if instead is None else written(instead)
        return Gone(written(path), self._app(source), reason, named)

    # -- small things --------------------------------------------------------------------------

    def _of(self, plan: Plan) -> Source:
        source = plan.source
        return source._replace(operation=source.operation + self._delivered)

    def _by_plan(self, going: Sequence[Traveller]) -> Iterator[tuple[Plan, Sequence[Traveller]]]:
        if not self.plan.several:
            yield self.plan, going
            return
        for plan in self.plan.several:
            own = [t for t in going if self.plan.of_key(t.key).source == plan.source]
            if own:
                yield plan, own

    def _all_have(self, source: Source, path: Path, going: Sequence[Traveller]) -> bool:
        plans = [plan for plan in self.plan.sources if plan.source == plain(source)]
        if not plans:
            return False  # an answer's: it is missed when it is read
        own = [t for plan, mine in self._by_plan(going) if plan in plans for t in mine]
        return all(has(traveller.source, path) for traveller in own)

    def _app(self, source: Source) -> str:
        operation = self._operations[source]
        return self.plan.planner.host.connector(operation.connector).title
