"""What a recipe's limits do to a run: too much that is new is held, too much that is rejected stops it.

Both keep a mistake at the source small: a filter taken off, a list imported twice, a renamed field.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from sqlalchemy import select, true

from engine.errors import TemplateError
from engine.run import lookups
from engine.run import read as reading
from engine.run.flow.each import PlannedEach
from engine.run.flow.until import PlannedUntil
from engine.run.plan import Plan
from engine.run.plan_steps import Planned, PlannedStep, collects_of
from engine.run.rows import Refused
from engine.run.shape import key_of, skip
from engine.run.stopping import RunFailed
from engine.run.telling.losses import newly_lost, tried, tried_again
from engine.run.traveller import Traveller
from engine.store import runs
from engine.store.database import Store
from engine.store.pairs import pairs_of
from engine.store.runs import RunRequest
from engine.store.tables import runs as runs_table

#: A run with fewer new and changed records isn't stopped: two of five rejected say little.
LEAST_TRIED = 20
#: Of more new records than this no exact number is said.
MOST_COUNTED = 10_000
#: Earlier runs that are looked at for one that read its source to the end.
LOOKED_AT = 20


#: Steps within them send parts of a record, with keys that begin with its own.
IN_PARTS = (PlannedEach, PlannedUntil)


class Gate:
    """Holds new records until all is read, and lets them through if they are not too many.

    New is what none of the recipe's steps has sent and nobody had to look at before. A recipe's
    first run holds nothing: there everything is new.

    :param run_id: the run's; None for one that is only looked at before.
    """

    def __init__(
        self, store: Store, plan: Plan, asked: RunRequest, run_id: int | None = None
    ) -> None:
        self._store, self._plan, self._asked = store, plan, asked
        most = plan.recipe.limits.new
        self._most = 0 if most is None else most
        free = most is None or asked.release or asked.retry is not None
        self._shut = not free and has_read_before(store, plan.recipe.name, run_id)
        self._held: dict[str, Traveller] = {}  # never more than the limit
        self._met: set[str] = set()

    @property
    def over(self) -> bool:
        """Whether more new records came than go through by themselves."""
        return len(self._met) > self._most

    def pass_on(self, chunk: list[Traveller]) -> list[Traveller]:
        """Return those of a chunk that go on now; those a skip rule leaves out are settled."""
        if not self._shut:
            return chunk
        going = skip(self._plan, (t for t in chunk if t.outcome is None and not t.met_before))
        known_ones = self._known(going)
        new = {id(traveller) for traveller in going if traveller.key not in known_ones}
        passed = [traveller for traveller in chunk if id(traveller) not in new]
        passed += [t for t in going if id(t) in new and not self._keep(t)]
        return passed

    def count(self, travellers: Sequence[Traveller]) -> None:
        """Count the new ones among records that no skip rule leaves out, and hold none."""
        if self._shut:
            known_ones = self._known(travellers)
            self._met.update(t.key for t in travellers if t.key not in known_ones)

    def let_through(self) -> Iterator[list[Traveller]]:
        """Yield what was held, in chunks, if it is not too much; from now on nothing is held."""
        if self.over:
            return
        held, self._held, self._shut = list(self._held.values()), {}, False
        for start in range(0, len(held), self._plan.chunk):
            yield held[start : start + self._plan.chunk]

    def refuse(self) -> None:
        """End a run in which too much was new.

        :raises RunFailed: with the status ``held``.
        """
        if self.over:
            raise RunFailed(
                f"{self.counted()} came, and the recipe lets {self._most:,} through by itself, so "
                "none of them was sent.",
                "Look whether that is right. If it is, let them through: with the button on the "
                f"recipe's page, or with `bridgework run {self._plan.recipe.name} --release`.",
                status="held",
            )

    def foretold(self) -> str:
        """Say that a run would hold what is new; empty where it wouldn't."""
        if not self.over:
            return ""
        return (
            f"A run would hold {self.counted()}: the recipe lets {self._most:,} through by itself."
        )

    def counted(self) -> str:
        noun, met = self._plan.noun, len(self._met)
        more = "More than " if met >= MOST_COUNTED else ""
        return f"{more}{met:,} new {noun.one if met == 1 else noun.many}"

    def _keep(self, traveller: Traveller) -> bool:
        """Hold a new record; return False for one that is settled instead."""
        key = traveller.key
        earlier = self._held.get(key)
        if earlier is None:
            if len(self._met) < max(MOST_COUNTED, self._most + 1):
                self._met.add(key)
            if self.over:
                self._held.clear()
            else:
                self._held[key] = traveller
        elif self._asked.inbox or reading.is_newer(traveller.changed, earlier.changed):
            traveller.deliveries = (*earlier.deliveries, *traveller.deliveries)
            self._held[key] = traveller
        elif traveller.source != earlier.source:
            reading.repeat(traveller)
            return False
        return True

    # -- what is known ---------------------------------------------------------------------------

    def _known(self, travellers: Sequence[Traveller]) -> set[str]:
        """Return the keys of those that some step sent, or that needed attention before."""
        store, recipe = self._store, self._plan.recipe.name
        found = lookups.keys_with_problems(store, recipe, [t.key for t in travellers])
        if (twin := self._plan.twin) is not None:  # what the other direction made is no news
            keys = [t.key for t in travellers if t.key not in found]
            found |= pairs_of(store, twin.name, twin.to_here, keys).keys()
        for step in self._alone:
            rest = [t for t in travellers if t.key not in found]
            if not rest:
                return found
            own_keys = {t.key: key for t in rest if (key := _key(step, t)) is not None}
            linked = lookups.links_of(store, recipe, step.id, list(own_keys.values()))
            found |= {own for own, key in own_keys.items() if key in linked}
        for step_id in self._collecting:
            rest_keys = [t.key for t in travellers if t.key not in found]
            found |= set(lookups.links_of(store, recipe, step_id, rest_keys))
        if self._in_loops:
            found |= {t.key for t in travellers if t.key in self._with_entries}
        return found

    @cached_property
    def _alone(self) -> list[PlannedStep]:
        """The writing steps that are done once for a record."""
        return [step for step, in_loop in _uses(self._plan.steps) if not in_loop]

    @cached_property
    def _collecting(self) -> list[str]:
        return [step.id for step in collects_of(self._plan.steps)]

    @cached_property
    def _in_loops(self) -> list[str]:
        return [step.id for step, in_loop in _uses(self._plan.steps) if in_loop]

    @cached_property
    def _with_entries(self) -> frozenset[str]:
        """The keys of records some of whose entries were sent; a loop's links begin with them."""
        keys = lookups.linked_keys(self._store, self._plan.recipe.name, self._in_loops)
        return frozenset(
            key[:place] for key in keys for place, letter in enumerate(key) if letter == ":"
        )


def has_read_before(store: Store, recipe: str, run_id: int | None = None) -> bool:
    """Return whether a run of the recipe, earlier than this one, read all there was, and ended well."""
    table = runs_table.c
    query = (
        select(table.request)
        .where(table.recipe == recipe, true() if run_id is None else table.id < run_id)
        .where(table.status.in_(("succeeded", "partial")))
        .where(table.origin.in_(("manual", "schedule", "webhook")))
        .order_by(table.id.desc())
        .limit(LOOKED_AT)
    )
    with store.reading() as connection:
        return any(asked.get("limit") is None for asked in connection.execute(query).scalars())


def stop_if_much_was_rejected(store: Store, plan: Plan, run_id: int) -> None:
    """End a run in which too much of what is new or changed did not come over.

    :raises RunFailed: it is so.
    """
    share = plan.recipe.limits.rejected
    if share is None:
        return
    run = runs.get_run(store, run_id)
    assert run is not None
    if run.request.retry is not None:
        return
    with store.reading() as connection:
        lost, all_tried = newly_lost(connection, run), tried(run, tried_again(connection, run))
    if all_tried < LEAST_TRIED or lost <= share * all_tried:
        return
    message = (
        f"It stopped itself: {lost:,} of the first {all_tried:,} new or changed "
        f"{run.source_noun.many} did not come over, and the recipe stops over {100 * share:.4g} %."
    )
    hint = "The report tells why. What was settled stays; the rest comes with the next run."
    with store.writing() as connection:  # also for the workers that share the run
        runs.change_run(connection, run_id, halt={"message": message, "hint": hint})
    raise RunFailed(message, hint)


def _key(step: PlannedStep, traveller: Traveller) -> str | None:
    """Return what the step's links know a record by; None where only an earlier step tells."""
    try:
        return key_of(step, traveller)
    except (TemplateError, Refused):
        return None


def _uses(steps: Sequence[Planned], in_loop: bool = False) -> Iterator[tuple[PlannedStep, bool]]:
    for step in steps:
        if isinstance(step, PlannedStep) and step.writes:
            yield step, in_loop
        for block in step.blocks:
            yield from _uses(block, in_loop or isinstance(step, IN_PARTS))
