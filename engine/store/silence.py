"""How long a process may be silent before others take over what it was at."""

import os

SILENCE_VARIABLE = "BRIDGEWORK_SILENCE_SECONDS"
SILENCE = 15.0


def silence() -> float:
    """Return the seconds after which a worker that doesn't beat counts as dead."""
    return float(os.environ.get(SILENCE_VARIABLE) or SILENCE)
