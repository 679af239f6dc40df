"""``collect``: a value of every record is kept for one message, which goes out at the run's end.

The record goes on at once. Its value is kept in the transaction that settles it, and the message
travels later as a record of its own (engine.run.flow.collecting).
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.recipe.durable_steps import CollectStep
from engine.recipe.templates.sizes import is_small
from engine.recipe.templates.template import Expression, Fields, compile_fields
from engine.run.flow.flow import Flow
from engine.run.parked.waiting import place_of
from engine.run.rows import put
from engine.run.traveller import Sent, Traveller
from engine.store import plain
from engine.store.collected import Collected
from engine.store.ledger import Outcome

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class PlannedCollect(Flow):
    """What is collected, and the steps of its message, compiled.

    :param value: where it is one template; else ``fields`` make a record of it.
    :param size: values in one message at most.
    """

    fields: Fields
    value: Expression | None
    size: int
    steps: tuple["Planned", ...]

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return (self.steps,)

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        found: list[tuple[Traveller, Any, bytes]] = []
        for traveller in travellers:
            try:
                value = self._value(traveller.scope)
            except TemplateError as error:
                traveller.refuse(self.id, error)
                continue
            content = blake2b(plain.dump([self.id, value]), digest_size=16).digest()
            found.append((traveller, value, content))
        links = walker.collector.links(self.id, [traveller.key for traveller, _, _ in found])
        for traveller, value, content in found:
            link = links.get(traveller.key)
            same = link is not None and link.fingerprint == content
            outcome: Outcome = "created" if link is None else "unchanged" if same else "updated"
            traveller.sent.append(
                Sent(self.id, traveller.key, None, content, outcome, kept=same, settles=True)
            )
            if not same:
                key, part = place_of(traveller)
                one = Collected(step=self.id, record_key=key, part=part, value=value)
                traveller.collected += (one,)

    def _value(self, scope: dict[str, Any]) -> Any:
        """Return what is collected of a record.

        :raises TemplateError: a template can't be filled from it.
        """
        if self.value is not None:
            return _filled(self.value.value(scope))
        record: dict[str, Any] = {}
        for path, value in zip(self.fields.paths, self.fields.values(scope), strict=True):
            put(record, path, _filled(value))
        return record


def _filled(value: Any) -> Any:
    """Return a value as it can be stored: what is empty within it is nothing.

    :raises TemplateError: there is too much of it.
    """
    if not is_small(value):
        raise TemplateError(
            "There is too much to collect of this record.",
            field="collect",
            expression="",
            hint="Collect the fields that the message needs.",
            code="too_long",
        )
    return _without_blanks(value)


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_without_blanks(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_blanks(one) for name, one in value.items()}
    return None if isinstance(value, Undefined) else value


def plan_collect(planner: "Planner", step: CollectStep) -> PlannedCollect:
    """Compile what is collected."""
    return PlannedCollect(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        fields=compile_fields(planner.environment, step.fields),
        value=None if step.value is None else planner.template(step.value, "collect"),
        size=step.size,
        steps=planner.plan(step.steps),
    )
