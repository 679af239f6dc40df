"""What templates read of the run itself: its day and its time, the same from its first record to its last.

They are put into the templates when a run compiles them, so that what a run sends can't depend on how
long it took. A record that waited, or is retried, reads those of the run that takes it on.
"""

from collections.abc import Mapping
from datetime import datetime

from engine.fields import Schema
from engine.recipe.filters.dates import find_zone

TODAY, NOW = "today", "now"
RUN_NAMES: Mapping[str, Schema] = {
    TODAY: {"type": "string", "format": "date", "description": "The day of the run."},
    NOW: {"type": "string", "format": "date-time", "description": "When the run began."},
}


def names_of_run(now: datetime, zone: str) -> Mapping[str, str]:
    """Return the values of these names, in the recipe's time zone.

    :param now: when the run began.
    :raises FilterError: there is no such time zone.
    """
    there = now.astimezone(find_zone(zone))
    return {TODAY: there.date().isoformat(), NOW: there.isoformat(timespec="seconds")}
