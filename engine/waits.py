"""How long to wait before the next try: doubled with each failure, up to a longest."""

from datetime import timedelta

#: More doublings change nothing: whatever the first wait, the longest is reached by then.
MOST_DOUBLINGS = 20


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """Return ``first`` doubled so many times, but no more than ``longest``."""
    return min(first * (1 << min(times, MOST_DOUBLINGS)), longest)
