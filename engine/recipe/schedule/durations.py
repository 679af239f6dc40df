"""Lengths of time in a recipe writer's words: ``10 minutes``, ``an hour``, ``last 2 years``."""

import re
from datetime import timedelta

DURATION = re.compile(r"(?P<number>\d{1,6}|an?|one)?\s*(?P<unit>[a-z]+?)s?", re.IGNORECASE)

#: Months and years are counted long, so that ``last 2 years`` never leaves a day out.
UNITS = {
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
}
LONGEST = timedelta(days=366 * 200)
EXAMPLE = "Write it like `10 minutes`, `2 hours` or `1 day`."


class DurationError(ValueError):
    """These words are no length of time; ``hint`` says how one is written."""

    def __init__(self, message: str, hint: str) -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


def parse_duration(words: str) -> timedelta:
    """Read ``10 minutes``, ``an hour`` or ``none``.

    :raises DurationError: the words are no length of time, or one of over 200 years.
    """
    text = words.strip().lower()
    if text in {"none", "0"}:
        return timedelta()
    found = DURATION.fullmatch(text)
    unit = UNITS.get(found["unit"]) if found else None
    if found is None or unit is None or found["number"] is None:
        raise DurationError(f"{words!r} is not a length of time.", EXAMPLE)
    length = unit * (int(found["number"]) if found["number"].isdigit() else 1)
    if length > LONGEST:
        raise DurationError(f"{words!r} is longer than 200 years.", EXAMPLE)
    return length


def parse_span(words: str) -> timedelta | None:
    """Read how far back to look: ``last 2 years``, ``last month``, ``everything``, ``nothing``.

    :returns: None for everything.
    :raises DurationError: the words say neither.
    """
    text = " ".join(words.lower().split())
    if text in {"everything", "all"}:
        return None
    if text in {"nothing", "none"}:
        return timedelta()
    length = text.removeprefix("the ").removeprefix("last ")
    if length in UNITS:  # last month
        length = f"1 {length}"
    try:
        return parse_duration(length)
    except DurationError:
        raise DurationError(
            f"{words!r} doesn't say how far back to look.",
            "Write it like `last 2 years`, `last 30 days`, `everything` or `nothing`.",
        ) from None
