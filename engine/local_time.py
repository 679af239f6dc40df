"""The time zone that people here live in: as BRIDGEWORK_TIMEZONE says, else the computer's."""

import os
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import SetupError

TIMEZONE_VARIABLE = "BRIDGEWORK_TIMEZONE"


def local_zone() -> tzinfo:
    """Return the zone in which commands, logs and mails tell the time.

    Not the offset of this moment, which is wrong for times of the other half of the year.

    :raises SetupError: the variable names no time zone.
    """
    name = os.environ.get(TIMEZONE_VARIABLE, "").strip()
    if name:
        named = zone_called(name)
        if named is None:
            raise SetupError(
                f"There is no time zone {name!r}, which {TIMEZONE_VARIABLE} names.",
                hint="Name a place, e.g. America/New_York or Europe/Berlin.",
            )
        return named
    from babel.localtime import get_localzone  # takes 0.01 s

    found: tzinfo = get_localzone()
    return found


def local_place() -> ZoneInfo:
    """Return the zone of :func:`local_zone`; UTC where it has no name."""
    zone = local_zone()
    return zone if isinstance(zone, ZoneInfo) and zone.key else ZoneInfo("UTC")


def zone_called(name: str) -> ZoneInfo | None:
    """Return the time zone of this name, e.g. ``America/New_York``; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # what odd names make of a path
        return None


def local_now() -> datetime:
    return datetime.now(UTC).astimezone(local_zone())
