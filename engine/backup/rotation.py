"""Backups of one folder, named by their time: the newest few of each home are kept."""

import re
from datetime import datetime
from pathlib import Path

from engine.backup.container import open_backup
from engine.errors import SetupError

_NAME = re.compile(r"bridgework-\d{4}-\d\d-\d\d-\d{6}\.tar")


def dated_name(now: datetime) -> str:
    """Return a name by which backups sort by their age.

    :param now: in UTC, so that an hour that comes twice mixes nothing up.
    """
    return f"bridgework-{now:%Y-%m-%d-%H%M%S}.tar"


def backups_in(folder: Path) -> list[Path]:
    """Return the backups of a folder that have such names, newest first."""
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_file()]
    return sorted(found, reverse=True)


def keep_newest(made: Path, count: int) -> list[Path]:
    """Delete all backups of a home but the newest ``count``; return what was deleted.

    Backups of other homes in the folder stay, and so does what is none or can't be read.

    :param made: the backup that was just made: it stays, also where the clock was put back.
    """
    home = _home_of(made)
    others = [path for path in backups_in(made.parent) if path != made and _home_of(path) == home]
    older = others[count - 1 :]
    for path in older:
        path.unlink(missing_ok=True)
    return older


def _home_of(file: Path) -> str | None:
    try:
        with open_backup(file) as backup:
            return backup.manifest.home
    except SetupError:
        return None
