"""``until``: steps are done in rounds until something is so, never more often than the recipe says.

A round is a part of the record with a key of its own: what is written in it is sent once, and what
is searched in it is asked anew. Rounds a few seconds apart follow each other within the run, all
records of a chunk together; those further apart are waits like any other, and cost no thread.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import TemplateError
from engine.recipe.durable_steps import IfNever, UntilStep
from engine.recipe.steps import every_step
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.parked.waiting import place_of, when
from engine.run.traveller import Traveller
from engine.store.waits import Wait

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker

#: Seconds between two rounds that a run waits for by itself.
LONGEST_NAP = 10.0
#: Seconds that a chunk of records spends waiting for rounds to come.
NAPS = 60.0


@dataclass
class Trial:
    """A record in its rounds.

    :param wait: says which round it is at.
    :param again: it has been in rounds before this run.
    """

    traveller: Traveller
    wait: Wait
    again: bool

    @property
    def count(self) -> int:
        """How many rounds there were, with the one at hand."""
        return self.wait.round - self.wait.first_round + 1

    def note(self, **changes: Any) -> None:
        """Write down which round it is at, where that isn't what a record starts with anyway."""
        if self.again or self.wait.round > 1:
            self.traveller.waits += (replace(self.wait, **changes),)


@dataclass(frozen=True, kw_only=True)
class PlannedUntil(Flow):
    """Rounds, compiled.

    :param inner: ids of all steps within; afterwards they are those of the last round.
    """

    done: Expression
    steps: tuple["Planned", ...]
    inner: tuple[str, ...]
    every: timedelta
    at_most: int
    within: timedelta | None
    if_never: IfNever

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return (self.steps,)

    def pass_by(self, scope: dict[str, Any]) -> None:
        scope[self.name] = None
        for id in self.inner:
            scope[id] = None

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        waiter = walker.waiter
        trials = self._begin(walker, travellers)
        seconds, napped = self.every.total_seconds(), 0.0
        while trials:
            trials = self._round(walker, trials)
            if not trials:
                return
            napped += seconds
            if waiter.at_once:
                return
            if waiter.previews or seconds > LONGEST_NAP or napped > NAPS:
                break
            walker.sender.caller.nap(seconds)
        now = waiter.clock()
        for trial in trials:
            self._park(walker, trial.traveller, replace(trial.wait, due_at=now + self.every))

    def _begin(self, walker: "Walker", travellers: list[Traveller]) -> list[Trial]:
        """Return who is due for a round; park again who came before its time."""
        waiter, now = walker.waiter, walker.waiter.clock()
        known = waiter.known(self.id, travellers)
        trials = []
        for traveller in travellers:
            key, part = place_of(traveller)
            before = known.get((key, part))
            if before is None:
                wait = Wait(
                    step=self.id,
                    record_key=key,
                    part=part,
                    state="open",
                    since=now,
                    due_at=now,
                    first_round=1,
                    round=1,
                )
            elif (
                before.state == "over"
            ):  # it has been through: the last round shows whether all is well
                wait = replace(before, state="open", since=now, first_round=before.round)
            elif before.state == "held":
                wait = replace(before, state="open", since=now)
            elif before.due_at > now:
                self._park(walker, traveller, before)
                continue
            else:
                wait = before
            trials.append(Trial(traveller, wait, again=before is not None))
        return trials

    def _round(self, walker: "Walker", trials: list[Trial]) -> list[Trial]:
        """Do one round; return those that need another."""
        parts = []
        for trial in trials:
            traveller = trial.traveller
            for id in self.inner:
                traveller.scope[id] = None
            parts.append(traveller.part(f":{trial.wait.round}", dict(traveller.scope)))
        try:
            walker.walk(self.steps, parts)
        finally:  # also where the run must stop: links keep what was sent
            for trial, part in zip(trials, parts, strict=True):
                trial.traveller.gather([part])
        now = walker.waiter.clock()
        return [
            trial
            for trial, part in zip(trials, parts, strict=True)
            if self._goes_on(trial, part, now)
        ]

    def _goes_on(self, trial: Trial, part: Traveller, now: datetime) -> bool:
        """Take over what a round gave; return whether there is to be another."""
        traveller = trial.traveller
        if part.stranded:
            traveller.stranded = True
            return False
        for id in self.inner:
            traveller.scope[id] = part.scope.get(id)
        traveller.amiss = traveller.amiss or part.amiss
        if part.outcome is not None:
            traveller.end_like(part)
            trial.note(state="held" if part.outcome == "waiting" else "over")
            return False
        try:
            done = self.done.holds(traveller.scope)
        except TemplateError as error:
            traveller.refuse(self.id, error)
            trial.note(state="over")
            return False
        late = self.within is not None and now + self.every - trial.wait.since > self.within
        if not done and trial.count < self.at_most and not late:
            trial.wait = replace(trial.wait, round=trial.wait.round + 1)
            return True
        traveller.scope[self.name] = {"rounds": trial.count}
        trial.note(state="over")
        if not done and self.if_never == "reject":
            rounds = "1 round" if trial.count == 1 else f"{trial.count} rounds"
            traveller.end(
                "rejected",
                code="never",
                reason=f"After {rounds} it was still not so that {self.done.source.strip()}.",
                how_to_fix="Look what it waits for, then retry.",
                step=self.id,
                field="until",
            )
        return False

    def _park(self, walker: "Walker", traveller: Traveller, wait: Wait) -> None:
        until = when(wait.due_at, walker.waiter.clock())
        walker.waiter.park(
            self.id, traveller, wait, f"{until}, to look again whether {self.done.source.strip()}"
        )


def plan_until(planner: "Planner", step: UntilStep) -> PlannedUntil:
    """Compile rounds."""
    with planner.in_rounds():
        steps = planner.plan(step.steps)
    return PlannedUntil(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        done=planner.expression_of(step.done, "until"),
        steps=steps,
        inner=tuple(inner.id.value for inner in every_step(step.steps)),
        every=step.every,
        at_most=step.at_most,
        within=step.within,
        if_never=step.if_never,
    )
