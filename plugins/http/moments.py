"""Times as APIs write them, in requests and in records."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Format = Literal["iso", "date", "seconds", "milliseconds"]

#: From here on (in the year 33658 as seconds) a number counts milliseconds, and thousandths of these.
MILLISECONDS, MICROSECONDS = 10**12, 10**15
#: Smaller numbers (up to 1973) are no times since 1970 but, say, years.
SMALLEST = 10**8


def written(since: datetime, format: Format) -> str:
    """Return a time as a request carries it."""
    match format:
        case "date":
            return f"{since.astimezone(UTC):%Y-%m-%d}"
        case "seconds":
            return str(int(since.timestamp()))
        case "milliseconds":
            return str(int(since.timestamp() * 1000))
    return f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(value: Any) -> datetime | None:
    """Read a time: ISO 8601, seconds or milliseconds since 1970, or as e-mails and headers have it.

    One without a zone counts as UTC. None where it is no time.
    """
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return _spelt(text)
    if not SMALLEST <= number < MICROSECONDS * 1000:
        return _spelt(text)  # 20260131 is a day
    while number >= MILLISECONDS / 10:
        number /= 1000
    return datetime.fromtimestamp(number, UTC)


def _spelt(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None
