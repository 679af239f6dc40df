"""When recipes run by themselves: schedules as words, and the times they stand for."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = re.compile(r"every (?:(\d{1,6}) )?(minute|hour)s?")
AT = re.compile(r"every (day|weekday|" + "|".join(DAYS) + r") at (\d{1,2}):(\d{2})")
CRON = re.compile(r"cron:?\s+(.+)")

#: Where intervals are counted from; not each day's own, which few intervals fit into whole.
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)

WAYS = (
    "`every 15 minutes`, `every 2 hours`, `every day at 20:30`, `every weekday at 7:00`, "
    "`every monday at 7:00`, `cron: 0 20 * * 1-5`, `manual` or `instant`"
)


@dataclass(frozen=True)
class Schedule:
    """When a recipe runs.

    :param kind: ``manual`` and ``instant`` never run by the clock.
    :param words: for people.
    :param cron: a cron expression, five fields.
    :param interval: between runs, counted from a fixed midnight UTC, so that it survives restarts.
    """

    kind: Literal["manual", "instant", "interval", "cron"]
    words: str
    cron: str = ""
    interval: timedelta = timedelta()


def parse_schedule(text: str) -> Schedule:
    """Read a schedule as recipes write it.

    :raises ValueError: it isn't one; the message lists the ways to write it.
    """
    words = " ".join(text.split())
    lower = words.lower()
    if lower == "manual":
        return Schedule("manual", "only by hand")
    if lower == "instant":
        return Schedule("instant", "as soon as something happens")
    if match := EVERY.fullmatch(lower):
        number = int(match[1] or 1)
        interval = timedelta(**{f"{match[2]}s": number})
        if not timedelta(minutes=1) <= interval <= timedelta(days=1):
            raise ValueError(f"{words!r} is not between 1 minute and 24 hours.")
        return Schedule("interval", lower, interval=interval)
    if match := AT.fullmatch(lower):
        day, hour, minute = match[1], int(match[2]), int(match[3])
        if hour > 23 or minute > 59:
            raise ValueError(f"{match[2]}:{match[3]} is not a time of day.")
        on = {"day": "*", "weekday": "1-5"}.get(day) or str(DAYS.index(day) + 1)
        return Schedule(
            "cron", f"every {day} at {hour}:{minute:02}", cron=f"{minute} {hour} * * {on}"
        )
    if match := CRON.fullmatch(words):
        try:
            CronSim(match[1], datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(f"{match[1]!r} is not a cron expression: {error}.") from None
        return Schedule("cron", f"at cron {match[1]}", cron=match[1])
    raise ValueError(f"{words!r} is not a schedule. Write {WAYS}.")


def next_times(
    schedule: Schedule, timezone: str, after: datetime, count: int = 1
) -> list[datetime]:
    """Return the next ``count`` times after ``after``, with zones; none for manual and instant.

    A time in the hour that spring skips runs once when the clocks have moved; one in the hour that
    autumn repeats runs once.
    """
    if schedule.kind == "interval":
        passed = (after - MIDNIGHT) // schedule.interval
        return [MIDNIGHT + schedule.interval * (passed + n) for n in range(1, count + 1)]
    if schedule.kind != "cron":
        return []
    ticks = CronSim(schedule.cron, after.astimezone(ZoneInfo(timezone)))
    return [tick for tick, _ in zip(ticks, range(count), strict=False)]
