"""The moments a schedule stands for, in any time zone and whatever the clocks do there.

cronsim finds the times on the wall; which moment such a time is, is settled here. (cronsim alone
leaves out ``*/30 2 * * *`` on the night that skips that hour, runs ``*/30 1 * * *`` in both hours
of the night that has it twice, and from inside a repeated hour gives moments that are over.)
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim

from engine.local_time import zone_called
from engine.recipe.model import Recipe
from engine.recipe.schedule.schedule import Schedule, parse_schedule

if TYPE_CHECKING:
    from engine.store.schedules import Planned

#: Where intervals are counted from; not each day's own, which few intervals fit into whole.
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
#: More than clocks are ever moved at once; how far before its start a search begins.
LONGEST_MOVE = timedelta(hours=3)
#: Of a cron expression that runs in every hour.
ALL_HOURS = set(range(24))


@dataclass(frozen=True)
class Tick:
    """One time at which a recipe should run.

    :param at: by its schedule, in UTC; a tick goes by this time.
    :param due: when it really runs: a little later where the recipe has a jitter.
    """

    at: datetime
    due: datetime


@dataclass(frozen=True)
class Timetable:
    """When one recipe runs by the clock.

    :param recipe: its name; recipes with one schedule and a jitter run at different times.
    :param words: the schedule as the recipe writes it.
    :param timezone: of its times of day.
    :param jitter: each run begins up to this much later, the same for the same tick.
    :raises ValueError: when made: there is no such schedule or time zone.
    """

    recipe: str
    words: str
    timezone: str
    jitter: timedelta = timedelta()

    def __post_init__(self) -> None:
        parse_schedule(self.words)
        _zone(self.timezone)

    def ticks(self, after: datetime, count: int = 1) -> list[Tick]:
        """Return the next ``count`` ticks after a moment; fewer where no more will come."""
        times = next_times(parse_schedule(self.words), self.timezone, after, count)
        return [Tick(at, at + self._delay(at)) for at in times]

    def _delay(self, at: datetime) -> timedelta:
        if not self.jitter:
            return timedelta()
        name = f"{self.recipe}@{at.astimezone(UTC).isoformat()}".encode()
        share = int.from_bytes(blake2b(name, digest_size=8).digest(), "big") / 2**64
        return timedelta(seconds=int(self.jitter.total_seconds() * share))


def plan_name(recipe: Recipe) -> str:
    """Return what the times of the trigger that is meant go by: the recipe's name for the first."""
    if recipe.trigger is recipe.triggers[0]:
        return recipe.name
    return f"{recipe.name}/{recipe.trigger.id}"


def timetable_of(recipe: Recipe) -> Timetable | None:
    """Return when the trigger that is meant runs by the clock; None where it never does.

    :raises ValueError: its schedule or time zone is wrong; ``check`` says how.
    """
    use = recipe.trigger
    words = " ".join(use.schedule.value.split())
    if parse_schedule(words).kind not in ("interval", "cron"):
        return None
    return Timetable(plan_name(recipe), words, use.timezone.value, use.jitter)


def timetable_planned(plan: "Planned") -> Timetable:
    """Return the timetable that a recipe had when its next run was planned."""
    return Timetable(plan.recipe, plan.words, plan.timezone, plan.jitter)


def next_times(
    schedule: Schedule, timezone: str, after: datetime, count: int = 1
) -> list[datetime]:
    """Return the next ``count`` times after ``after``, in UTC; none for manual and instant.

    A time of day that spring skips comes once, as the clocks have moved; one that autumn repeats
    comes once, the first time. What runs every hour, or every so many minutes, runs in each hour
    that passes.

    :raises ValueError: there is no such time zone.
    """
    if schedule.kind == "interval":
        passed = (after - MIDNIGHT) // schedule.interval
        return [MIDNIGHT + schedule.interval * (passed + n) for n in range(1, count + 1)]
    if schedule.kind != "cron":
        return []
    zone = _zone(timezone)
    merged = heapq.merge(*(_moments(cron, zone, after) for cron in schedule.crons))
    return list(islice(_once(merged, after), count))


def _once(moments: Iterator[datetime], after: datetime) -> Iterator[datetime]:
    latest = after
    for moment in moments:
        if moment > latest:
            latest = moment
            yield moment


def _moments(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield moments in UTC, since two of one zone are compared by their time on the wall."""
    start = after.astimezone(zone)
    if CronSim(cron, start).hours >= ALL_HOURS:
        minute, _, *days = cron.split()
        # A star makes cronsim count in hours that pass, not in times on the wall.
        for tick in CronSim(" ".join([minute, "*", *days]), start):
            yield tick.astimezone(UTC)
        return
    for wall in CronSim(cron, start.replace(tzinfo=None, fold=0) - LONGEST_MOVE):
        yield _moment(wall, zone)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clocks there show a time first, or go past it."""
    while True:
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
            return moment
        wall += MINUTE  # skipped by the clocks: on to where they stand after


def _zone(name: str) -> ZoneInfo:
    found = zone_called(name)
    if found is None:
        raise ValueError(f"There is no time zone {name!r}.")
    return found
