"""Settings of the whole installation, which stand in environment variables."""

import os

from engine.errors import SetupError


def whole_number(variable: str, usual: int, unit: str) -> int:
    """Return a setting such as how many days something is kept: 1 or more.

    :param usual: what counts where nothing is set.
    :param unit: what it counts, as people say it.
    :raises SetupError: it is no such number.
    """
    given = os.environ.get(variable) or str(usual)
    if not given.isdecimal() or int(given) < 1:
        raise SetupError(
            f"{variable} is {given!r}, which is no number of {unit}.",
            hint=f"Write a whole number, e.g. {usual}.",
        )
    return int(given)
