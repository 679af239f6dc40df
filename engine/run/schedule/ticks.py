"""What a trigger may know of its recipe's schedule: which times a run stands for, and those beside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from engine.context import Timing
from engine.recipe.schedule.timetable import Timetable, timetable_of
from engine.run.lookups import cursor_of
from engine.run.plan import Plan
from engine.run.read import trigger_identity
from engine.store import runs
from engine.store.database import Store

#: How far back the last time is looked for, in steps: a schedule of every minute has many times.
LOOK_BACK = tuple(timedelta(days=days) for days in (1, 8, 32, 367, 5 * 366))
#: Times asked for at once.
SOME = 100


@dataclass(frozen=True, kw_only=True)
class Ticking(Timing):
    """The times of one trigger, as :class:`engine.context.Timing` says.

    :param timetable: None where the recipe doesn't run by the clock.
    :param now: when the run began.
    :param run_id: None for a preview.
    """

    store: Store
    plan: Plan
    timetable: Timetable | None
    zone: tzinfo
    now: datetime
    run_id: int | None

    def due(self) -> list[datetime]:
        if self.timetable is None or not self._by_the_clock():
            return []
        last = self._last_read()
        latest = self.previous(self.now + timedelta(microseconds=1))
        if last is None or latest is None or latest <= last:
            return [] if latest is None else [self._there(latest)]
        return [self._there(at) for at in self._after(last) if at <= self.now]

    def previous(self, moment: datetime) -> datetime | None:
        if self.timetable is None:
            return None
        for span in LOOK_BACK:
            found = None
            for at in self._after(moment - span, moment):
                found = at
            if found is not None:
                return self._there(found)
        return None

    def following(self, moment: datetime) -> datetime | None:
        if self.timetable is None:
            return None
        ticks = self.timetable.ticks(moment)
        return self._there(ticks[0].at) if ticks else None

    def _after(self, moment: datetime, until: datetime | None = None) -> Iterator[datetime]:
        """Yield the times after a moment and before another, by default up to now."""
        assert self.timetable is not None
        end = self.now + timedelta(microseconds=1) if until is None else until
        while ticks := self.timetable.ticks(moment, SOME):
            for tick in ticks:
                if tick.at >= end:
                    return
                yield tick.at
            moment = ticks[-1].at

    def _there(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def _by_the_clock(self) -> bool:
        run = None if self.run_id is None else runs.get_run(self.store, self.run_id)
        return run is not None and run.origin == "schedule"

    def _last_read(self) -> datetime | None:
        known = cursor_of(self.store, self.plan.recipe.name, trigger_identity(self.plan))
        return None if known is None else datetime.fromisoformat(known).astimezone(UTC)


def with_times(store: Store, plan: Plan, now: datetime, run_id: int | None) -> Plan:
    """Return a plan whose triggers know of their schedules; nothing is looked up before they ask."""

    def knowing(one: Plan) -> Plan:
        use = one.recipe.trigger
        timing = Ticking(
            store=store,
            plan=one,
            timetable=timetable_of(one.recipe),
            zone=ZoneInfo(use.timezone.value),
            now=now,
            run_id=run_id,
        )
        return replace(one, trigger_context=replace(one.trigger_context, timing=timing))

    return replace(knowing(plan), several=tuple(knowing(one) for one in plan.several))
