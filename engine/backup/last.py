"""When a home was saved last, as the home itself remembers it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

LAST = "last-backup.json"


@dataclass(frozen=True)
class LastBackup:
    """When a home was saved last, and how large that was, in bytes."""

    made_at: datetime
    size: int


def last_backup(home: Path) -> LastBackup | None:
    """Return what is known of a home's last backup; None where there was none."""
    try:
        said = orjson.loads((home / LAST).read_bytes())
        return LastBackup(datetime.fromisoformat(said["made_at"]), int(said["size"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def note_backup(home: Path, backup: LastBackup) -> None:
    draft = home / f"{LAST}.new"
    draft.touch(mode=0o600)
    draft.write_bytes(orjson.dumps({"made_at": backup.made_at, "size": backup.size}))
    draft.replace(home / LAST)
