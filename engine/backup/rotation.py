"""Backups of one folder, named by their time: the newest few are kept."""

import re
from datetime import datetime
from pathlib import Path

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


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Delete all backups but the newest ``count``; return what was deleted."""
    older = backups_in(folder)[count:]
    for path in older:
        path.unlink(missing_ok=True)
    return older
