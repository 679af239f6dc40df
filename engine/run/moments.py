"""Moments as other systems write them: ISO 8601, in all its spellings."""

from datetime import UTC, datetime
from typing import Any


def parsed(text: str) -> datetime:
    """Read a moment; one without a zone is left so.

    :raises ValueError: it is none.
    """
    try:
        return datetime.fromisoformat(text)  # a tenth of the time of the parser that knows it all
    except ValueError:
        from dateutil.parser import isoparse  # here, because few texts need it

        return isoparse(text)


def is_newer(changed: Any, earlier: Any) -> bool:
    """Return whether one cursor value is later than another; False where there is none."""
    now, before = moment(changed), moment(earlier)
    return now is not None and before is not None and now > before


def moment(value: Any) -> datetime | None:
    """Read a cursor value, a datetime or ISO 8601 text; without a zone it counts as UTC.

    :returns: None where it is neither.
    """
    if value is None:
        return None
    try:
        found = value if isinstance(value, datetime) else parsed(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
