"""What a recipe's schedule means, in words: when it runs next, and why it did not run."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.recipe.model import Recipe
from engine.recipe.schedule.schedule import parse_schedule
from engine.recipe.schedule.timetable import Timetable, timetable_of, timetable_planned
from engine.store.schedules import Planned

#: How many of the next runs people are shown.
NEXT_RUNS = 5


@dataclass(frozen=True)
class Coming:
    """When a recipe runs.

    :param schedule: in words, with the time zone where it matters.
    :param timed: it runs by the clock, and not only when asked or told.
    :param times: its next runs, soonest first; those it would have, where it is switched off.
    :param words: each of them in words, e.g. ``tomorrow at 20:30 (New York)``.
    """

    schedule: str
    timed: bool = False
    times: tuple[datetime, ...] = ()
    words: tuple[str, ...] = ()


def coming(recipe: Recipe, plan: Planned | None, now: datetime, count: int = NEXT_RUNS) -> Coming:
    """Say when a recipe runs next.

    :param plan: what is planned for it, if it is switched on and was looked at since.
    :raises ValueError: its schedule or time zone is wrong; ``check`` says how.
    """
    if recipe.further and recipe.first is None:
        each = [
            coming(recipe.at(use), plan if number == 0 else None, now, count)
            for number, use in enumerate(recipe.triggers)
        ]
        pairs = sorted({pair for one in each for pair in zip(one.times, one.words, strict=True)})
        soonest = pairs[:count]
        return Coming(
            ", and ".join(dict.fromkeys(one.schedule for one in each)),
            any(one.timed for one in each),
            tuple(at for at, _ in soonest),
            tuple(words for _, words in soonest),
        )
    schedule = parse_schedule(recipe.trigger.schedule.value)
    table = timetable_of(recipe)
    if table is None:
        return Coming(schedule.words)
    zone = ZoneInfo(table.timezone)
    words = f"{schedule.words}, {place(zone)} time" if schedule.kind == "cron" else schedule.words
    times = _next_runs(table, plan, now, count)
    return Coming(words, True, tuple(times), tuple(when_words(at, zone, now) for at in times))


def when_words(at: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """Return a time as people say it, e.g. ``tomorrow at 20:30 (New York)``.

    :param now: the time now; without it the day is always named by its date, for what is kept.
    """
    local = at.astimezone(zone)
    today = now.astimezone(zone).date() if now else None
    day = {0: "today", 1: "tomorrow"}.get((local.date() - today).days) if today else None
    if day is None:
        year = f" {local.year}" if today and local.year != today.year else ""
        day = f"on {local:%A} {local.day} {local:%B}{year}"
    return f"{day} at {local:%H:%M} ({place(zone)})"


@lru_cache
def place(zone: ZoneInfo) -> str:
    """Return the zone's name as people say it, e.g. ``New York``."""
    from babel.dates import get_timezone_location  # takes a tenth of a second

    return get_timezone_location(zone, locale="en", return_city=True) or zone.key


def _next_runs(table: Timetable, plan: Planned | None, now: datetime, count: int) -> list[datetime]:
    if (
        plan is None
        or timetable_planned(plan) != table
        or plan.tick_at is None
        or plan.next_at is None
    ):
        return [tick.due for tick in table.ticks(now, count)]
    first = max(plan.next_at, now)  # its time may just have come
    later = [tick.due for tick in table.ticks(max(plan.tick_at, now), count)]
    return [first, *(at for at in later if at > first)][:count]
