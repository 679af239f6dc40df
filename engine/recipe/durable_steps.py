"""Kinds of steps that a record may stay at: waits, rounds, branches, messages of many records."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from engine.recipe.step_base import BaseStep
from engine.recipe.texts import FieldSet, Text

if TYPE_CHECKING:
    from engine.recipe.steps import Steps

#: What becomes of a record for which it was never so.
IfNever = Literal["reject", "continue"]
#: Values in one message at most: it is read as a whole.
MOST_COLLECTED = 5000
#: No record waits longer; a recipe that seems to want that has a mistake in a date.
LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class WaitStep(BaseStep):
    """A record waits here: some time, counted from when it first comes here, or until a moment.

    :param until: template of the moment; None where ``length`` says how long.
    """

    length: timedelta | None = None
    until: Text | None = None

    @property
    def templates(self) -> tuple[Text, ...]:
        return () if self.until is None else (self.until,)


@dataclass(frozen=True, kw_only=True)
class UntilStep(BaseStep):
    """Steps done in rounds until something is so.

    :param done: bare expression; it reads what the steps of the round gave.
    :param every: from the end of one round to the next.
    :param within: no round begins later after the first; None: ``at_most`` alone ends them.
    :param if_never: ``reject``: the record is rejected when it was not so after the last round.
    """

    done: Text
    steps: "Steps"
    every: timedelta = timedelta(seconds=10)
    at_most: int = 20
    within: timedelta | None = None
    if_never: IfNever = "reject"

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return (self.steps,)

    @property
    def expressions(self) -> tuple[Text, ...]:
        return (*super().expressions, self.done)


@dataclass(frozen=True, kw_only=True)
class ParallelStep(BaseStep):
    """Branches that don't depend on each other; all are taken, at the same time."""

    branches: tuple["Steps", ...]

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return self.branches


@dataclass(frozen=True, kw_only=True)
class CollectStep(BaseStep):
    """Every record leaves a value here, and one message is made of them all.

    :param fields: what a value has; empty where it is the one template ``value``.
    :param size: values in one message at most.
    :param steps: done once for a message; they read the list of its values by the step's id.
    """

    fields: FieldSet = field(default_factory=FieldSet)
    value: Text | None = None
    size: int = MOST_COLLECTED
    steps: "Steps"

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return (self.steps,)

    @property
    def templates(self) -> tuple[Text, ...]:
        return self.fields.texts if self.value is None else (self.value,)
