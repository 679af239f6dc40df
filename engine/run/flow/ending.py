"""``reject``, ``skip`` and ``stop``: where the recipe itself ends a record's way, or the run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InputError, TemplateError
from engine.recipe.steps import Ending, EndStep
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.stopping import Halt
from engine.run.traveller import Traveller, storable

if TYPE_CHECKING:
    from engine.run.plan_steps import Planner
    from engine.run.walk import Walker

#: Characters of a reason that a record gives.
LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True)
class PlannedEnd(Flow):
    """Where a way ends, compiled."""

    ending: Ending
    reason: Expression

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        for traveller in travellers:
            try:
                reason = storable(self.reason.text(traveller.scope), LONGEST_REASON)
            except TemplateError as error:
                traveller.refuse(self.id, error)
                continue
            if self.ending == "stop":
                # All others of the chunk are read again, as this one is.
                raise Halt(
                    InputError(reason, hint=f"The recipe stops then, at '{traveller.title}'.")
                )
            traveller.end(
                "rejected" if self.ending == "reject" else "skipped",
                code="rule",
                reason=reason,
                how_to_fix="Correct it at the source, then retry."
                if self.ending == "reject"
                else "",
                step=self.id,
            )


def plan_end(planner: "Planner", step: EndStep) -> PlannedEnd:
    """Compile where a way ends."""
    return PlannedEnd(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        ending=step.ending,
        reason=planner.template(step.reason, step.ending),
    )
