"""``join``: two lists of a record put together by a field, in time that grows with their length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.fields import Record
from engine.recipe.filters.errors import shown
from engine.recipe.join_steps import JoinStep, Keep
from engine.recipe.templates.environment import as_text
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.traveller import Traveller

if TYPE_CHECKING:
    from engine.run.plan_steps import Planner
    from engine.run.walk import Walker

#: Merged records of one join: two lists whose entries all belong together would make many.
MOST_PAIRS = 100_000
Entries = list[tuple[str, Record]]


@dataclass(frozen=True, kw_only=True)
class PlannedJoin(Flow):
    """A join, compiled.

    :param left_on: the names that lead to the field, from the entry down; so does ``right_on``.
    """

    left: Expression
    right: Expression
    left_on: tuple[str, ...]
    right_on: tuple[str, ...]
    keep: Keep
    partner: str

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        for traveller in travellers:
            try:
                left = _entries(self.left, self.left_on, traveller.scope)
                right = _entries(self.right, self.right_on, traveller.scope)
                joined = []
                for merged in self._pairs(left, right):
                    joined.append(merged)
                    if len(joined) > MOST_PAIRS:
                        raise self._too_many()
            except TemplateError as error:
                traveller.refuse(self.id, error)
            else:
                traveller.scope[self.name] = joined

    def _pairs(self, left: Entries, right: Entries) -> Iterator[Record]:
        """Yield the merged records, in the order of the left list, then of the right one."""
        partners: dict[str, list[Record]] = {}
        for key, entry in right:
            if key:
                partners.setdefault(key, []).append(entry)
        for key, entry in left:
            found = partners.get(key, [])
            for partner in found:
                yield {**entry, self.partner: partner}
            if not found and self.keep != "both":
                yield {**entry, self.partner: None}
        if self.keep == "all":
            met = {key for key, _ in left}
            yield from ({self.partner: entry} for key, entry in right if not key or key not in met)

    def _too_many(self) -> TemplateError:
        return TemplateError(
            f"These lists make more than {MOST_PAIRS:,} pairs.",
            field="join",
            expression=self.left.source,
            hint="Join them by a field that fewer entries share.",
            code="too_many_pairs",
        )


def _entries(expression: Expression, on: tuple[str, ...], scope: dict[str, Any]) -> Entries:
    """Return a list's entries with what they are joined by; empty text: by nothing.

    :raises TemplateError: it isn't a list of records, or what they are joined by is one.
    """
    items = expression.value(scope)
    if items is None or isinstance(items, Undefined):
        return []
    wrong = not isinstance(items, list | tuple) or not all(isinstance(one, dict) for one in items)
    if wrong:
        raise TemplateError(
            f"{expression.source.strip()!r} is not a list of records but {items!r:.60}.",
            field="join",
            expression=expression.source,
            hint="Name a field that holds several records.",
            code="not_a_list",
        )
    return [(_key(expression, entry, on), entry) for entry in items]


def _key(expression: Expression, entry: Record, on: tuple[str, ...]) -> str:
    """Return what an entry is joined by: as text, without the difference of capitals."""
    value: Any = entry
    for name in on:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    try:
        return as_text(value).strip().casefold()
    except ValueError:  # a list, a record or a number of thousands of digits
        raise TemplateError(
            f"{'.'.join(on)!r} of an entry is not one value but {shown(value)}.",
            field="join",
            expression=expression.source,
            hint="Join the lists by a text or a number.",
            code="not_text",
        ) from None


def plan_join(planner: "Planner", step: JoinStep) -> PlannedJoin:
    """Compile a join."""
    return PlannedJoin(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        left=planner.expression_of(step.left, "left"),
        right=planner.expression_of(step.right, "right"),
        left_on=tuple(step.left_on.value.split(".")),
        right_on=tuple(step.right_on.value.split(".")),
        keep=step.keep,
        partner=step.partner.value,
    )
