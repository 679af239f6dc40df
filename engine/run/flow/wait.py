"""``wait``: a record goes on after some time, or at a moment that it names itself."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.recipe.durable_steps import LONGEST_WAIT, WaitStep
from engine.recipe.templates.template import Expression
from engine.run.flow.flow import Flow
from engine.run.moments import parsed
from engine.run.parked.waiting import place_of
from engine.run.traveller import Traveller
from engine.store.waits import Wait

if TYPE_CHECKING:
    from engine.run.plan_steps import Planner
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class PlannedWait(Flow):
    """A wait, compiled.

    :param length: from when a record comes here first; None where it names the moment.
    :param zone: in which a day without a time begins.
    """

    length: timedelta | None
    until: Expression | None
    zone: tzinfo

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        waiter = walker.waiter
        known = waiter.known(self.id, travellers)
        now = waiter.clock()
        for traveller in travellers:
            key, part = place_of(traveller)
            before = known.get((key, part))
            since = now if before is None else before.since
            try:
                due = self._due(traveller, since, now)
            except TemplateError as error:
                traveller.refuse(self.id, error)
                continue
            traveller.scope[self.name] = {"until": due.isoformat()}
            over = before is not None and before.state == "over"
            if over and (self.until is None or due <= now):
                continue  # it has waited here before
            wait = Wait(
                step=self.id, record_key=key, part=part, state="open", since=since, due_at=due
            )
            if due > now and not waiter.at_once:
                waiter.park(self.id, traveller, wait)
            elif before is not None:
                traveller.waits += (replace(wait, state="over"),)

    def _due(self, traveller: Traveller, since: datetime, now: datetime) -> datetime:
        """Return when a record goes on.

        :raises TemplateError: it names no moment, or one too far away.
        """
        if self.until is None:
            assert self.length is not None
            return since + self.length
        value = self.until.value(traveller.scope)
        found = moment_of(value, self.zone)
        if found is None:
            empty = isinstance(value, Undefined) or value in (None, "")
            raise TemplateError(
                "It is not known until when to wait: the moment is empty."
                if empty
                else f"{value!r:.60} is no moment to wait for.",
                field="until",
                expression=self.until.source,
                hint="Fill it in at the source, or let the recipe use another value there.",
                code="no_moment",
            )
        if found - now > LONGEST_WAIT:
            raise TemplateError(
                f"{_day(found, self.zone)} is more than a year away.",
                field="until",
                expression=self.until.source,
                hint="A record waits for a year at most; correct the date at the source.",
                code="too_far",
            )
        return found


def moment_of(value: Any, zone: tzinfo) -> datetime | None:
    """Read a moment: a date, a time with or without a zone, or either as ISO 8601 text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, str):
        try:
            value = parsed(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # hours before the year 1, or after 9999
        return None


def _day(moment: datetime, zone: tzinfo) -> str:
    try:
        return f"{moment.astimezone(zone):%Y-%m-%d}"
    except OverflowError:
        return f"{moment:%Y-%m-%d}"


def plan_wait(planner: "Planner", step: WaitStep) -> PlannedWait:
    """Compile a wait."""
    return PlannedWait(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        length=step.length,
        until=None if step.until is None else planner.template(step.until, "until"),
        zone=ZoneInfo(planner.recipe.trigger.timezone.value),
    )
