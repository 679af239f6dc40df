"""The words of schedules, and what other words were most likely meant to be."""

import re
from collections.abc import Iterator

from engine.recipe.suggest import nearest

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: What people shorten the days to.
SHORT = {day[:length]: day for day in DAYS for length in (3, 4, 5) if length < len(day)}
#: Groups of days, as cron writes them.
GROUPS = {"day": "*", "weekday": "1-5", "weekend": "6,7"}
ORDINALS = ("first", "second", "third", "fourth", "last")
NUMBERED = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth"}
OTHER_WORDS = ("every", "at", "and", "on", "the", "month", "minutes", "hours", "noon", "midnight")
#: What people say for it, where they were understood but not well enough to run at night.
MEANT = {
    "monday to friday": "weekday",
    "mon-fri": "weekday",
    "night": "day",
    "evening": "day",
    "morning": "day",
    "daily": "every day",
    "hourly": "every hour",
    "instantly": "instant",
    "immediately": "instant",
    "instant or": "instant and",
    "never": "manual",
}
#: Days without a time of day: what people say for "every day".
DAILY = ("night", "evening", "morning", "afternoon")
#: What can't be counted, or needs no number, and how to say it all the same.
INSTEAD = {
    "second": "The shortest is `every minute`.",
    "day": "Write `every day at 7:00`, or name the days: `every monday and thursday at 7:00`.",
    "week": "Name the day, e.g. `every monday at 7:00`.",
    "month": "Write `every month on the 1st at 7:00`; every third month is `cron: 0 7 1 */3 *`.",
    "quarter": "The 1st of every third month at 7:00 is `cron: 0 7 1 */3 *`.",
    "year": "Write it as cron: the 1st of May at 7:00 is `cron: 0 7 1 5 *`.",
}
VOCABULARY = (*DAYS, *GROUPS, *ORDINALS, *OTHER_WORDS)
NTH_DAY = re.compile(rf"({'|'.join([*ORDINALS, *NUMBERED])}) (\w+)")


def day_of(word: str) -> str | None:
    """Return the day of the week that ``word`` is: ``monday``, ``Mondays`` or ``mon``."""
    whole = word.removesuffix("s")
    return whole if whole in DAYS else SHORT.get(word)


def attempts(lower: str) -> Iterator[str]:
    """Yield what the words may have been meant to be; not all of it can be read."""
    for word, meant in MEANT.items():
        if word in lower:
            yield lower.replace(word, meant, 1)
    for word in re.findall(r"[a-z]{3,}", lower):
        # Another first letter is another word: munday is no sunday.
        known = [one for one in VOCABULARY if one[0] == word[0]]
        if word not in known and (near := nearest(word, known, 0.7)):
            yield lower.replace(word, near, 1)
    if nth := re.fullmatch(rf"every (?:the )?({NTH_DAY.pattern} at .+)", lower):
        yield f"every month on the {nth[1]}"
    yield f"every {lower}"
    yield f"every day at {lower}"
    yield f"every day {lower}"
    yield re.sub(r"hour at (\d\d)$", r"hour at :\1", lower)
    if time := re.search(r"\d{1,2}:\d{2}", lower):
        yield f"{lower[: time.start()].strip()} at {lower[time.start() :]}"
    if turned := re.fullmatch(r"(at \S+(?: [ap]m)?) (every .+)", lower):
        yield f"{turned[2]} {turned[1]}"
