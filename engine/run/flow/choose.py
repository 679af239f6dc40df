"""A choice: each record takes the first branch whose condition holds, all of a branch together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import TemplateError
from engine.recipe.steps import ChooseStep, every_step
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.traveller import Traveller

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class PlannedChoose(Flow):
    """A choice, compiled.

    :param branches: each with its condition; None: it is taken where no other is.
    :param inner: ids of all steps within; they are empty where they weren't done.
    """

    branches: tuple[tuple[Expression | None, tuple["Planned", ...]], ...]
    inner: tuple[str, ...]

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return tuple(steps for _, steps in self.branches)

    def pass_by(self, scope: dict[str, Any]) -> None:
        for id in self.inner:
            scope[id] = None

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        left = travellers
        for condition, steps in self.branches:
            taking: list[Traveller] = []
            others: list[Traveller] = []
            for traveller in left:
                try:
                    holds = condition is None or condition.holds(traveller.scope)
                except TemplateError as error:
                    traveller.refuse(self.id, error)
                else:
                    (taking if holds else others).append(traveller)
            walker.walk(steps, taking)
            left = others


def plan_choose(planner: "Planner", step: ChooseStep) -> PlannedChoose:
    """Compile a choice."""
    branches = [
        (planner.expression(branch.condition, "if"), planner.plan(branch.steps))
        for branch in step.branches
    ]
    within = [inner for block in step.blocks for inner in every_step(block)]
    return PlannedChoose(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        branches=(*branches, (None, planner.plan(step.otherwise))),
        inner=tuple(inner.id.value for inner in within),
    )
