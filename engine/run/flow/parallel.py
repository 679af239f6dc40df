"""``parallel``: branches that don't depend on each other; their calls are made at the same time.

In every branch a record travels as a twin of itself. A branch in which it fails ends nothing in the
others; afterwards the record is settled by the worst that became of its twins.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import Interrupted
from engine.recipe.durable_steps import ParallelStep
from engine.recipe.steps import every_step
from engine.run.flow.flow import Flow
from engine.run.stopping import Halt
from engine.run.traveller import Traveller
from engine.store.ledger import UNTIL, Outcome

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker

#: How a record's way ended in a branch, the worst first.
ENDED: Sequence[Outcome] = ("unsure", "failed", "rejected", "waiting", "skipped")


@dataclass(frozen=True, kw_only=True)
class PlannedParallel(Flow):
    """Branches, compiled.

    :param inner: for each branch, the ids of all steps within.
    :param busy: how many branches make calls.
    """

    branches: tuple[tuple["Planned", ...], ...]
    inner: tuple[tuple[str, ...], ...]
    busy: int

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return self.branches

    def pass_by(self, scope: dict[str, Any]) -> None:
        for ids in self.inner:
            for id in ids:
                scope[id] = None

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        if not travellers:
            return
        ways = [[traveller.twin() for traveller in travellers] for _ in self.branches]
        try:
            if self.busy < 2 or walker.sender.pretend:
                for steps, twins in zip(self.branches, ways, strict=True):
                    walker.walk(steps, twins)
            else:
                self._at_once(walker, ways)
        finally:  # also where the run must stop: links keep what was sent
            for traveller, *twins in zip(travellers, *ways, strict=True):
                traveller.gather(twins)
        for traveller, *twins in zip(travellers, *ways, strict=True):
            self._settle(traveller, twins)

    def _at_once(self, walker: "Walker", ways: list[list[Traveller]]) -> None:
        """Walk all branches at the same time; where one must stop, the others stop as soon.

        A branch has a caller and memories of its own, and its steps' templates are used by nobody
        else. What they share (sessions, the journal, the database) takes many threads.
        """
        walkers = [walker.branch(f"{self.id}/{number}") for number in range(len(ways))]
        errors: list[BaseException] = []

        def go(number: int) -> None:
            try:
                walkers[number].walk(self.branches[number], ways[number])
            except BaseException as error:
                errors.append(error)
                cause = error.cause if isinstance(error, Halt) else Interrupted("The run stops.")
                for other in walkers:
                    other.sender.caller.stop(cause)

        with ThreadPoolExecutor(len(ways), "bridgework-branch") as pool:
            list(pool.map(go, range(len(ways))))
        # Why it began to stop comes before what that did to the others; that another worker has the
        # run, or somebody stopped it, before all.
        errors.sort(key=lambda error: isinstance(error, Halt))
        if errors:
            raise errors[0]

    def _settle(self, traveller: Traveller, twins: Sequence[Traveller]) -> None:
        if any(twin.stranded for twin in twins):
            traveller.stranded = True
            return
        for ids, twin in zip(self.inner, twins, strict=True):
            for id in ids:
                traveller.scope[id] = twin.scope.get(id)
            traveller.amiss = traveller.amiss or twin.amiss
        ended = [twin for twin in twins if twin.outcome is not None]
        if ended:
            # What waits for a person comes before what only waits for its time.
            traveller.end_like(
                min(ended, key=lambda t: (ENDED.index(t.outcome or "skipped"), t.code == UNTIL))
            )


def plan_parallel(planner: "Planner", step: ParallelStep) -> PlannedParallel:
    """Compile branches."""
    from engine.run.plan_steps import uses_of

    branches = tuple(planner.plan(branch) for branch in step.branches)
    return PlannedParallel(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        branches=branches,
        inner=tuple(
            tuple(inner.id.value for inner in every_step(branch)) for branch in step.branches
        ),
        busy=sum(1 for branch in branches if uses_of(branch)),
    )
