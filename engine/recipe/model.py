"""A recipe as the loader leaves it: every value still text, every text with its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from engine.operations import PERSON
from engine.recipe.inputs import Inputs
from engine.recipe.steps import Step, Steps, Use, called_too
from engine.recipe.tables import Table
from engine.recipe.texts import Position, Text

#: After which runs the report is sent.
ReportWhen = Literal["always", "anything needs attention", "failure"]
#: What becomes of a run that is asked for while another of the recipe is active.
Mode = Literal["single", "queued", "restart"]
#: What becomes of a scheduled time that passed while Bridgework was stopped.
Missed = Literal["run once late", "skip"]


@dataclass(frozen=True)
class SkipRule:
    """Records for which ``condition`` holds are left out, and the report says why.

    :param condition: a bare expression.
    :param reason: a template.
    """

    condition: Text
    reason: Text


@dataclass(frozen=True, kw_only=True)
class TriggerUse(Use):
    """Where the records come from, and when.

    :param id: tells it from the recipe's other triggers; templates read it as ``trigger.id``.
    :param record: the record's name in templates.
    :param schedule: as written, e.g. ``every day at 20:30``; ``manual`` when nothing is written.
    :param first_run: how far back the first run reads; None reads everything.
    :param overlap: how far behind its cursor each later run starts again.
    :param named: the recipe writes its ``id``.
    :param missed: what becomes of scheduled times that passed while Bridgework was stopped.
    :param jitter: each scheduled run begins up to this much later.
    """

    id: Text
    record: Text
    schedule: Text
    timezone: Text
    missed: Missed = "run once late"
    jitter: timedelta = timedelta()
    first_run: timedelta | None = None
    overlap: timedelta = timedelta(minutes=10)
    named: bool = False
    position: Position


@dataclass(frozen=True)
class ReportRule:
    """Who is told of the recipe's runs, and of which.

    :param send_to: e-mail addresses.
    :param tell_if_rejected_over: the share of rejected records that is worth a notice, from 0 to 1;
        None where the recipe doesn't say.
    """

    send_to: tuple[str, ...] = ()
    when: ReportWhen = "anything needs attention"
    tell_if_rejected_over: float | None = None


@dataclass(frozen=True)
class Limits:
    """When a run does not go on by itself.

    :param new: more new records than this are held until a person lets them through.
    :param rejected: the share of new and changed records, from 0 to 1; where more did not come
        over, the run stops.
    :param position: of what says ``new``.
    """

    new: int | None = None
    rejected: float | None = None
    position: Position | None = None


@dataclass(frozen=True)
class Blueprint:
    """Where a recipe is made from.

    :param name: as the recipe names it, with its place there.
    :param text: the blueprint's file.
    :param given: the value of each of its inputs; None where there is none.
    """

    name: Text
    text: str
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A loaded recipe.

    :param name: the file's name without its ending; what commands and pages call it.
    :param title: the ``name:`` people read.
    :param trigger: the one that is meant where there are several (:meth:`at`), else the first.
    :param further: the triggers after the first.
    :param first: the first one, where another is meant.
    :param text: the file, byte for byte, as a run keeps it.
    :param tables: the ``translate:`` tables, by name.
    :param report: who is told of its runs.
    :param limits: when a run does not go on by itself.
    :param mode: what becomes of a run that is asked for while another is active.
    :param two_way: the recipe that bridges in the other direction.
    :param beside: texts of the files it reads beside itself, by the names written in it; kept with
        ``text``, so that a run goes on with what it began with.
    :param blueprint: the blueprint it is made from; its texts have their places in that file.
    :param inputs: where it is a blueprint itself: what recipes give to it. It can't run.
    """

    name: str
    title: str
    description: str
    trigger: TriggerUse
    skip: tuple[SkipRule, ...]
    steps: Steps
    tables: Mapping[str, Table]
    text: str
    path: Path
    report: ReportRule = ReportRule()
    limits: Limits = Limits()
    mode: Mode = "single"
    two_way: Text | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    blueprint: Blueprint | None = None
    inputs: Inputs | None = None
    further: tuple[TriggerUse, ...] = ()
    first: TriggerUse | None = None

    @property
    def triggers(self) -> tuple[TriggerUse, ...]:
        """Return all its triggers, in the file's order."""
        return (self.first or self.trigger, *self.further)

    @property
    def knows_trigger(self) -> bool:
        """Whether templates may read ``trigger.id``."""
        return bool(self.further) or self.trigger.named

    def at(self, trigger: TriggerUse) -> "Recipe":
        """Return the recipe with one of its triggers as the one that is meant."""
        return replace(self, trigger=trigger, first=self.triggers[0])

    @property
    def uses(self) -> tuple[Step, ...]:
        """Return the steps that use a connector, also those within other steps and calls."""
        return tuple(step for step in called_too(self.steps) if isinstance(step, Step))

    @property
    def connections(self) -> frozenset[str]:
        """Return the names of the connections it uses; what people do needs none."""
        named = {use.connection_name for use in (*self.triggers, *self.uses)}
        return frozenset(named - {PERSON})
