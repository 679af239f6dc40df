"""``for_each``: every entry of a list goes through the steps within, those of a whole chunk together.

An entry travels as a record of its own, with a key of its own, so that batches are full, nothing is
sent twice, and what went well for one entry stays when another fails. Its record is settled by what
became of all its entries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.recipe.steps import EachStep, IfItemFails, every_step
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.traveller import Traveller, storable
from engine.store.ledger import UNTIL, Outcome

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned, Planner
    from engine.run.walk import Walker

#: What became of an entry that needs somebody, the worst first.
AMISS: Sequence[Outcome] = ("unsure", "failed", "rejected", "waiting")
#: Entries whose reasons a record's line in the report repeats.
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class PlannedEach(Flow):
    """A loop, compiled.

    :param item: what templates call the entry.
    :param inner: ids of the steps within, whose results the loop's own result lists.
    """

    items: Expression
    item: str
    key: Expression | None
    steps: tuple["Planned", ...]
    inner: tuple[str, ...]
    if_item_fails: IfItemFails

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return (self.steps,)

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        entries: list[tuple[Traveller, dict[str, Traveller]]] = []
        for traveller in travellers:
            try:
                entries.append((traveller, self._entries(traveller)))
            except TemplateError as error:
                traveller.refuse(self.id, error)
        try:
            walker.walk(self.steps, [entry for _, own in entries for entry in own.values()])
        finally:  # also where the run must stop: links keep what was sent
            for traveller, own in entries:
                traveller.gather(own.values())
        for traveller, own in entries:
            for entry in own.values():
                if entry.outcome is None and not entry.stranded:
                    entry.arrive()
            self._settle(traveller, own)

    def _entries(self, traveller: Traveller) -> dict[str, Traveller]:
        """Return the entries of a record's list as travellers, by their keys.

        :raises TemplateError: it isn't a list, or an entry has no key.
        """
        items = self.items.value(traveller.scope)
        if items is None or isinstance(items, Undefined):
            return {}
        if not isinstance(items, list | tuple):
            raise TemplateError(
                f"{self.items.source!r} is not a list but {items!r:.60}.",
                field="for_each",
                expression=self.items.source,
                hint="A loop needs a list of entries; name a field that holds several.",
                code="not_a_list",
            )
        entries: dict[str, Traveller] = {}
        for place, item in enumerate(items, 1):
            scope = {**traveller.scope, self.item: item}
            key = storable(self._key(item, scope)).replace("~.", "~") or str(place)
            if key in entries:
                key = f"{key}~{place}"  # twice in one list: each has its turn
            # The last colon divides: entry 2:3 of record 1 is another than entry 3 of record 1:2.
            entries[key] = traveller.part(f":{key.replace(':', '~.')}", scope)
        return entries

    def _key(self, item: Any, scope: dict[str, Any]) -> str:
        if self.key is not None:
            return self.key.text(scope)
        id = item.get("id") if isinstance(item, dict) else None
        return "" if id is None or isinstance(id, dict | list) else self.items.text_of(id)

    def _settle(self, traveller: Traveller, own: Mapping[str, Traveller]) -> None:
        if any(entry.stranded for entry in own.values()):
            traveller.stranded = True
            return
        traveller.scope[self.name] = [self._result(key, entry) for key, entry in own.items()]
        for outcome in AMISS:
            amiss = [entry for entry in own.values() if entry.outcome == outcome]
            if not amiss:
                continue
            # What waits for a person comes before what only waits for its time.
            first = min(amiss, key=lambda entry: entry.code == UNTIL)
            reasons = list(dict.fromkeys(entry.reason or "" for entry in amiss))
            said = " ".join(reasons[:NAMED]) + (" …" if len(reasons) > NAMED else "")
            if len(own) > 1:
                said = f"{len(amiss)} of {len(own)} in '{self.items.source.strip()}': {said}"
            ended = {
                "code": first.code or outcome,
                "reason": said,
                "how_to_fix": first.how_to_fix or "",
                "step": first.step or self.id,
                "field": first.field or "",
            }
            if self.if_item_fails == "reject" or outcome in ("unsure", "waiting"):
                traveller.end(outcome, **ended)
                return
            traveller.amiss = traveller.amiss or (outcome, ended)

    def _result(self, key: str, entry: Traveller) -> dict[str, Any]:
        return {
            "item": entry.scope[self.item],
            "key": key,
            "outcome": entry.outcome,
            "reason": entry.reason or "",
            "code": entry.code or "",
            **{id: entry.scope.get(id) for id in self.inner},
        }


def plan_each(planner: "Planner", step: EachStep) -> PlannedEach:
    """Compile a loop."""
    return PlannedEach(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        items=planner.expression_of(step.items, "for_each"),
        item=step.item.value,
        key=planner.expression(step.key, "key"),
        steps=planner.plan(step.steps),
        inner=tuple(inner.id.value for inner in every_step(step.steps)),
        if_item_fails=step.if_item_fails,
    )
