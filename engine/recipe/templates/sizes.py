"""How much a value may hold. What is short in memory can be endless to go through.

A list may hold the same list many times over: `[a, a]` of `[b, b]` of … is a few entries in memory,
and a million to whoever writes it down.
"""

from typing import Any

#: The most values in lists and records, the most of them within each other, and the most letters.
MOST_VALUES = 200_000
DEEPEST_VALUE = 100
MOST_LETTERS = 10_000_000


def is_small(value: Any) -> bool:
    """Return whether a list or record can be gone through in no time."""
    level, count, letters = [value], 0, 0
    for _ in range(DEEPEST_VALUE):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list | tuple):
                below.extend(one)
            elif isinstance(one, str):
                letters += len(one)
            if count + len(below) > MOST_VALUES or letters > MOST_LETTERS:
                return False
        if not below:
            return True
        count += len(below)
        level = below
    return False
