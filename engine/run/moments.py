"""Moments as other systems write them: ISO 8601, in all its spellings."""

from datetime import datetime

from dateutil.parser import isoparse


def parsed(text: str) -> datetime:
    """Read a moment; one without a zone is left so.

    :raises ValueError: it is none.
    """
    try:
        return datetime.fromisoformat(text)  # a tenth of the time of the parser that knows it all
    except ValueError:
        return isoparse(text)
