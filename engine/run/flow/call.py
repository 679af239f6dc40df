"""``call``: another recipe's steps are done for each record, those of a whole chunk together.

Its templates read the inputs and its own steps, nothing of the recipe that calls it. Its steps go
by the call's id and their own, so that two calls of one recipe have links of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.recipe.called import INPUTS, OUTPUTS
from engine.recipe.steps import CallStep
from engine.run.flow.flow import Flow
from engine.run.rows import Refused, RowBuilder, row_builder
from engine.run.traveller import Traveller

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class PlannedCall(Flow):
    """A call, compiled.

    :param inputs: builds what the recipe is given.
    :param defaults: of inputs that are not given.
    """

    inputs: RowBuilder
    defaults: Mapping[str, Any]
    steps: tuple["Planned", ...]

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return (self.steps,)

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        going = []
        for traveller in travellers:
            outer = traveller.scope
            try:
                given = self.inputs.build(outer)
            except Refused as refused:
                refused.end(traveller, self.id)
                continue
            traveller.scope = {INPUTS: {**self.defaults, **given}}
            going.append((traveller, outer))
        try:
            walker.walk(self.steps, [traveller for traveller, _ in going])
        finally:  # also where the run must stop: whoever settles the record knows its own names
            for traveller, outer in going:
                outer[self.name] = traveller.scope.get(OUTPUTS) or {}
                traveller.scope = outer


def plan_call(planner: "Planner", step: CallStep) -> PlannedCall:
    """Compile a call, and the steps of the recipe that is called."""
    called = step.called
    assert called is not None  # `check` says so first
    inner = planner.within_call(step, called)
    return PlannedCall(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        inputs=row_builder(
            planner.environment,
            called.inputs,
            step.fields,
            app=f"The recipe {called.title!r}",
            noun=planner.noun,
        ),
        defaults=called.inputs.defaults,
        steps=inner.plan(called.steps),
    )
