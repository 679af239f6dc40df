"""``set``: values worked out once a record, read by later steps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.fields import Record
from engine.recipe.steps import SetStep
from engine.recipe.templates.template import Fields, compile_fields
from engine.run.flow.flow import Flow
from engine.run.rows import put
from engine.run.traveller import Traveller

if TYPE_CHECKING:
    from engine.run.plan_steps import Planner
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class PlannedSet(Flow):
    """Values, compiled."""

    fields: Fields

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        paths = self.fields.paths
        for traveller in travellers:
            try:
                values = self.fields.values(traveller.scope)
            except TemplateError as error:
                traveller.refuse(self.id, error)
                continue
            record: Record = {}
            for path, value in zip(paths, values, strict=True):
                put(record, path, None if isinstance(value, Undefined) else value)
            traveller.scope[self.name] = record


def plan_set(planner: "Planner", step: SetStep) -> PlannedSet:
    """Compile values."""
    return PlannedSet(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        fields=compile_fields(planner.environment, step.fields),
    )
