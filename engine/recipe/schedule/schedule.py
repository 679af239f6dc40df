"""When recipes run by themselves: schedules as words, and what the words mean.

What is read here becomes cron expressions or a length of time; engine.recipe.schedule.timetable has the
moments they stand for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from cronsim import CronSim, CronSimError

from engine.recipe.schedule.words import (
    DAILY,
    DAYS,
    GROUPS,
    INSTEAD,
    NTH_DAY,
    NUMBERED,
    ORDINALS,
    attempts,
    day_of,
)

INTERVAL = re.compile(r"(?:(\d{1,6}) )?(min|minute|hour)s?")
PAST_THE_HOUR = re.compile(r"(?:(\d{1,2}) )?hours? at (:\d{2}(?:(?:,| and|, and) :\d{2})*)")
COUNTED = re.compile(r"(?:\d+|other) (second|day|week|month|quarter|year)s?\b.*")
BARE = re.compile(r"(second|week|quarter|year)\b.*")
AT = re.compile(r"(.+?) at (.+)")
MONTH = re.compile(r"month(?: on)? (?:the )?(.+)")
CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))? ?(am|pm|a\.m\.|p\.m\.)?")
NAMED_TIMES = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)}
DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
CRON = re.compile(r"cron:?\s+(.+)", re.IGNORECASE)
COMMAS = re.compile(r", and |,| and ")
#: By webhook, and by the clock besides: the clock finds what a webhook never told.
INSTANT_TOO = re.compile(r"instant(?:,? and|,) (.+)", re.IGNORECASE)

WAYS = (
    "`every 15 minutes`, `every day at 20:30`, `every weekday at 7:00 and 19:00`, "
    "`every monday at 7:00`, `every month on the 1st at 7:00`, `cron: 0 20 * * 1-5`, `manual` or "
    "`instant`"
)
AT_ONCE = "as soon as something happens"
TIMES = "Write it like `20:30` or `8:30 pm`."


class ScheduleError(ValueError):
    """These words are no schedule.

    :param hint: how one is written.
    :param word: the part that is wrong, in small letters; empty when it is the whole.
    :param better: the whole schedule as it was most likely meant; may be empty.
    """

    def __init__(self, message: str, hint: str = "", *, word: str = "", better: str = "") -> None:
        self.message, self.hint, self.word, self.better = message, hint, word, better
        super().__init__(f"{message} {hint}".strip())


@dataclass(frozen=True)
class Schedule:
    """When a recipe runs.

    :param kind: ``manual`` and ``instant`` never run by the clock.
    :param words: for people.
    :param crons: cron expressions, five fields each; it runs whenever one of them says so.
    :param interval: between runs.
    :param instant: it runs when a webhook tells of something, whatever the clock says.
    """

    kind: Literal["manual", "instant", "interval", "cron"]
    words: str
    crons: tuple[str, ...] = ()
    interval: timedelta = timedelta()
    instant: bool = False


def parse_schedule(text: str) -> Schedule:
    """Read a schedule as recipes write it.

    :raises ScheduleError: it isn't one; its hint lists the ways to write it.
    """
    words = " ".join(text.split())
    try:
        return _parse(words)
    except ScheduleError as error:
        better = next(_guesses(words.lower()), "")
        if not better or error.better:
            raise
        raise ScheduleError(
            error.message, f"Did you mean `{better}`?", word=error.word, better=better
        ) from None


def is_instant(text: str) -> bool:
    """Return whether a recipe with this schedule runs when a webhook tells of something."""
    try:
        return parse_schedule(text).instant
    except ScheduleError:
        return False


def _parse(words: str) -> Schedule:
    lower = words.lower()
    if lower == "manual":
        return Schedule("manual", "only by hand")
    if lower == "instant":
        return Schedule("instant", AT_ONCE, instant=True)
    if match := INSTANT_TOO.fullmatch(words):
        clock = _parse(match[1])
        if clock.kind in ("interval", "cron"):
            return replace(clock, words=f"{AT_ONCE}, and {clock.words}", instant=True)
    if match := CRON.fullmatch(words):
        return _cron(match[1])
    every, _, rest = lower.partition(" ")
    if every == "every":
        if match := INTERVAL.fullmatch(rest):
            return _interval(words, int(match[1] or 1), match[2])
        if match := PAST_THE_HOUR.fullmatch(rest):
            return _past_the_hour(int(match[1] or 1), match[2])
        if match := COUNTED.fullmatch(rest) or BARE.fullmatch(rest):
            raise ScheduleError(f"{words!r} is not a schedule.", INSTEAD[match[1]])
        if rest.partition(" at ")[0] == "month":
            raise ScheduleError(
                f"{words!r} doesn't say on which day.",
                "Write it like `every month on the 1st at 7:00`.",
            )
        if match := AT.fullmatch(rest):
            return _at(words, match[1], match[2])
        if rest in GROUPS or rest in DAILY or any(day_of(word) for word in rest.split()):
            days = "day" if rest in DAILY else rest
            raise ScheduleError(
                f"{words!r} doesn't say at what time.", f"Write it like `every {days} at 20:30`."
            )
    raise ScheduleError(f"{words!r} is not a schedule.", f"Write {WAYS}.")


def _interval(words: str, number: int, unit: str) -> Schedule:
    unit = "hour" if unit == "hour" else "minute"
    interval = timedelta(**{f"{unit}s": number})
    if not timedelta(minutes=1) <= interval <= timedelta(days=1):
        raise ScheduleError(
            f"{words!r} is not between 1 minute and 24 hours.",
            "For longer ones write days, e.g. `every day at 20:30` or `every monday at 7:00`.",
        )
    said = f"every {unit}" if number == 1 else f"every {number} {unit}s"
    return Schedule("interval", said, interval=interval)


def _past_the_hour(hours: int, minutes: str) -> Schedule:
    if not 1 <= hours <= 12 or 24 % hours:
        raise ScheduleError(
            f"A day can't be divided into {hours} hours each.",
            "It works with 1, 2, 3, 4, 6, 8 or 12 hours.",
            word=str(hours),
        )
    past = sorted({int(minute.strip().removeprefix(":")) for minute in COMMAS.split(minutes)})
    if past[-1] > 59:
        raise ScheduleError(
            f":{past[-1]} is not past the hour.", "Write it like `:15`.", word=f":{past[-1]}"
        )
    each = "hour" if hours == 1 else f"{hours} hours"
    said = _listed([f":{minute:02}" for minute in past])
    cron = f"{','.join(map(str, past))} {'*' if hours == 1 else f'*/{hours}'} * * *"
    return Schedule("cron", f"every {each} at {said}", (cron,))


def _at(words: str, days: str, times: str) -> Schedule:
    days, on = _days_of_month(words, days) or _days_of_week(days)
    clocks = sorted({_time(time.strip()) for time in COMMAS.split(times)})
    said = _listed([f"{hour}:{minute:02}" for hour, minute in clocks])
    crons = tuple(f"{minute} {hour} {day}" for hour, minute in clocks for day in on)
    return Schedule("cron", f"every {days} at {said}", crons)


def _days_of_week(days: str) -> tuple[str, list[str]]:
    """Return the days in words, and as the last three fields of cron expressions."""
    if days in GROUPS:
        return days, [f"* * {GROUPS[days]}"]
    named = []
    for word in COMMAS.split(days):
        day = day_of(word.strip())
        if day is None:
            raise ScheduleError(
                f"'{word.strip()}' is not a day.",
                "Write `day`, `weekday`, `weekend`, or days such as `monday and thursday`.",
                word=word.strip(),
            )
        named.append(day)
    numbers = sorted({DAYS.index(day) + 1 for day in named})
    said = _listed([DAYS[number - 1].capitalize() for number in numbers])
    return said, [f"* * {','.join(map(str, numbers))}"]


def _days_of_month(words: str, days: str) -> tuple[str, list[str]] | None:
    """Return what :func:`_days_of_week` does, for ``month on the 1st``; None for other words."""
    match = MONTH.fullmatch(days)
    if match is None:
        return None
    said, on = [], []
    for part in COMMAS.split(match[1]):
        part = part.strip().removeprefix("the ")
        if number := DAY_OF_MONTH.fullmatch(part):
            day = int(number[1])
            _check_day_of_month(words, part, day)
            said.append(_ordinal(day))
            on.append(f"{day} * *")
        elif part in ("last day", "last weekday"):
            said.append(part)
            on.append("L * *" if part == "last day" else "LW * *")
        elif (nth := NTH_DAY.fullmatch(part)) and (week_day := day_of(nth[2])):
            number_of_day = DAYS.index(week_day) + 1
            ordinal = NUMBERED.get(nth[1], nth[1])
            which = "L" if ordinal == "last" else f"#{ORDINALS.index(ordinal) + 1}"
            said.append(f"{ordinal} {week_day.capitalize()}")
            on.append(f"* * {number_of_day}{which}")
        else:
            raise ScheduleError(
                f"'{part}' is not a day of the month.",
                "Write it like `1st`, `15th`, `last day`, `first monday` or `last friday`.",
                word=part,
            )
    return f"month on the {_listed(said)}", on


def _check_day_of_month(words: str, part: str, day: int) -> None:
    if not 1 <= day <= 31:
        raise ScheduleError(f"No month has a day {day}.", "Write 1st to 28th.", word=part)
    if day > 28:
        better = re.sub(rf"(the )?\b{re.escape(part)}\b", "the last day", words.lower(), count=1)
        raise ScheduleError(
            f"Not every month has a {_ordinal(day)}.",
            "Write `last day`, or a day up to the 28th.",
            word=part,
            better=better,
        )


def _time(text: str) -> tuple[int, int]:
    """Read a time of day: ``20:30``, ``8:30 pm``, ``8 pm``, ``noon``."""
    if text in NAMED_TIMES:
        return NAMED_TIMES[text]
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ScheduleError(f"{text!r} is not a time of day.", TIMES, word=text)
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").replace(".", "")
    if match[2] is None and not half:
        raise ScheduleError(
            f"{text!r} is not a time of day.",
            f"Write `{hour}:00`, or `{hour} pm`." if 1 <= hour <= 12 else TIMES,
            word=text,
        )
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        raise ScheduleError(f"{text} is not a time of day.", TIMES, word=text)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, minute


def _cron(expression: str) -> Schedule:
    fields = expression.split()
    if len(fields) != 5:
        raise ScheduleError(
            f"{expression!r} is not a cron expression: it has {len(fields)} parts.",
            "It needs five: minute, hour, day of the month, month, day of the week.",
        )
    try:
        simulated = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
        explained = simulated.explain()
        next(simulated)
    except CronSimError as error:
        raise ScheduleError(
            f"{expression!r} is not a cron expression: {error}.",
            "Its parts are minute, hour, day of the month, month and day of the week: 20:30 from "
            "Monday to Friday is `30 20 * * 1-5`.",
        ) from None
    except StopIteration:
        raise ScheduleError(f"The cron expression {expression!r} never comes.") from None
    said = f"{explained[:1].lower()}{explained[1:]} (cron: {expression})"
    return Schedule("cron", said, (expression,))


def _guesses(lower: str) -> Iterator[str]:
    """Yield schedules that the words may have been meant to be; each can be read."""
    for guess in attempts(lower):
        try:
            _parse(guess)
        except ScheduleError:
            continue
        yield guess


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0)
    return f"{number}{ending or 'th'}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
