"""The recipe that bridges in the other direction, and what it has to know of this one's writes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import BridgeworkError, SetupError
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.load import load_recipe
from engine.recipe.model import Recipe
from engine.recipe.steps import EachStep, Step, Steps
from engine.results import Accepted
from engine.run.moments import moment
from engine.store.pairs import Written

#: Clocks of two apps are taken to differ by no more than this (seconds).
CLOCKS = 120.0


@dataclass(frozen=True)
class Twin:
    """The recipe that bridges in the other direction, as far as this one has to know it.

    :param name: the other recipe's.
    :param title: what people call it.
    :param reads: the connection that it reads, and this recipe writes to.
    :param cursor: the field by which its trigger tells when a record changed.
    :param to_here: ids of its steps that make, of each of its records, one that this recipe reads.
    :param paired: ids of this recipe's steps that do the like.
    """

    name: str
    title: str
    reads: str
    cursor: str | None
    to_here: tuple[str, ...]
    paired: frozenset[str]

    def written(self, step: str, answer: Accepted) -> Written | None:
        """Return what is to be remembered of a write."""
        if step not in self.paired:
            return None
        now = time.time()
        if not answer.changed:
            return Written(None, None, self.name, self.to_here)
        mark = answer.record.get(self.cursor) if self.cursor else None
        at = moment(mark)
        # An older one is of the change before: the target answers what it had read by then.
        if at is None or abs(at.timestamp() - now) > CLOCKS:
            return Written(None, now, self.name, self.to_here)
        return Written(at.isoformat(), now, self.name, self.to_here)


def twin_of(recipe: Recipe, host: Host) -> Twin | None:
    """Return the recipe in the other direction, where there is one.

    :raises SetupError: there is no such recipe, or it can't be used.
    """
    if recipe.two_way is None:
        return None
    name = recipe.two_way.value
    try:
        other = load_recipe(recipe.path.parent / f"{name}.yaml")
        trigger, own = (host.operation(one.trigger.use.value) for one in (other, recipe))
    except BridgeworkError as error:
        raise SetupError(
            f"The recipe {name!r}, which bridges in the other direction, can't be used.",
            hint=f"`bridgework check {recipe.path}` says more.",
        ) from error
    assert isinstance(trigger, Trigger)
    assert isinstance(own, Trigger)
    return Twin(
        name=other.name,
        title=other.title,
        reads=other.trigger.connection_name,
        cursor=trigger.cursor,
        to_here=tuple(_paired(other, trigger, recipe.trigger.connection_name)),
        paired=frozenset(_paired(recipe, own, other.trigger.connection_name)),
    )


def _paired(recipe: Recipe, trigger: Trigger, connection: str) -> Iterator[str]:
    """Yield the steps that write one record to a connection for each that the recipe reads."""
    own = f"{recipe.trigger.record.value}.{trigger.key}"
    for step in _outside_loops(recipe.steps):
        if step.connection_name == connection and (step.key is None or step.key.value == own):
            yield step.id.value


def _outside_loops(steps: Steps) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Step):
            yield step
        if not isinstance(step, EachStep):
            for block in step.blocks:
                yield from _outside_loops(block)
