"""Which rows were appended lately, by the keys they were sent with; kept beside the file.

Whoever was cut short asks here instead of looking for equal rows, for those may be older ones.
"""

import os
from collections.abc import Collection
from pathlib import Path

#: Keys that are kept, at least; a crash leaves a batch of 500 to be asked about.
KEPT = 5000
#: Bytes of a key and its line end.
LINE = 33


def remember(path: Path, keys: Collection[str]) -> None:
    """Note that the rows with these keys are in the file at ``path``, while its lock is held."""
    if not keys:
        return
    beside = _beside(path)
    with beside.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        if size > 2 * KEPT * LINE:
            file.seek(size - KEPT * LINE)
            kept = file.read().partition(b"\n")[2]
            file.truncate(0)
            file.write(kept)
        # What a crash cut off in the middle of a line is written again, on a line of its own.
        file.write(b"\n" + "".join(f"{key}\n" for key in keys).encode())
        file.flush()
        os.fsync(file.fileno())


def is_there(path: Path, key: str) -> bool:
    """Return whether a row was appended with this key."""
    try:
        return key in _beside(path).read_text("ascii").splitlines()
    except FileNotFoundError:
        return False


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.sent")
