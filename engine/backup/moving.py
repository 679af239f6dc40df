"""Moves a restored home into place; whatever moment that is cut short at, it is begun anew.

A marker stands in the home from the first change to the last, and says how far it came.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from engine.store.database import RESTORING
from engine.store.elsewhere import ELSEWHERE

#: What is unpacked lies here, in the home, until it is moved into place.
UNPACKED = "restoring"
#: Where recipes go whose folder has others already.
APART = "recipes-of-the-backup"
#: What a home may hold and still counts as empty: keys are put there before, and a command that
#: was refused may have left its log.
BESIDE = ("keys", "logs", "locks", "serve.lock", ELSEWHERE, UNPACKED, RESTORING, f"{RESTORING}.new")
_ASIDE = "before-restore-"


@dataclass(frozen=True)
class Move:
    """A restore into a home, from its first change on.

    :param backup: tells the backup from others.
    """

    home: Path
    backup: str

    @property
    def unpacked(self) -> Path:
        return self.home / UNPACKED

    def put_aside(self, names: Sequence[str]) -> Path | None:
        """Move what is in the home into a folder within it; return that folder."""
        if not names:
            return None
        aside = self.home / f"{_ASIDE}{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
        self._note(stage="aside", names=list(names), folder=aside.name)
        _put_aside(self.home, names, aside)
        return aside

    def put_in(self, names: Sequence[str], last: str = "") -> None:
        """Move what is unpacked into the home.

        :param last: what is moved when all else is there.
        """
        self._note(stage="in", names=[*names, last])
        for name in filter(None, [*names, last]):
            if (self.unpacked / name).exists():
                _put_in(self.unpacked / name, self.home / name)

    def _note(self, **said: object) -> None:
        _note(self.home, {**said, "backup": self.backup})


def occupied(home: Path) -> list[str]:
    """Return what is in a home of those things that a restore would bring or get in the way of."""
    return sorted(
        path.name
        for path in home.iterdir()
        if path.name not in BESIDE and not path.name.startswith(_ASIDE)
    )


@contextmanager
def under_way(home: Path, backup: str) -> Iterator[Move]:
    """Mark the home while a backup is put there; what fails before the first move leaves no trace."""
    _note(home, {"stage": "unpacking"})
    move = Move(home, backup)
    move.unpacked.mkdir(mode=0o700)
    try:
        yield move
    except BaseException:
        if _noted(home).get("stage") == "unpacking":
            _end(home)
        raise
    os.sync()  # a power cut a moment later must not leave half of it
    _end(home)


def tidy_up(home: Path) -> str:
    """Undo what a restore left that was cut short, so that it can begin anew.

    :returns: which backup it was, if it had come so far that its database may be filled.
    """
    if not (home / RESTORING).exists():
        return ""
    said = _noted(home)
    names = [str(name) for name in said.get("names", ()) if name and "/" not in str(name)]
    if said.get("stage") == "aside":
        _put_aside(home, names, home / str(said["folder"]))
    elif said.get("stage") == "in":
        for name in names:
            if name != "keys":
                _remove(home / name)
    _end(home)
    return str(said["backup"]) if said.get("stage") == "in" else ""


def put_recipes(found: Path, folder: Path, home: Path) -> Path:
    """Move recipes to where they belong; return where they are now.

    Where a file is there already that says something else, none of them is touched: all go into a
    folder of the home.
    """
    files = [path.relative_to(found) for path in sorted(found.rglob("*")) if path.is_file()]
    clash = any(
        (folder / name).exists() and not filecmp.cmp(found / name, folder / name, shallow=False)
        for name in files
    )
    place = home / APART if clash else folder
    for name in files:
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(
            ".bridgework-restoring"
        )  # its own name may be as long as names can be
        shutil.copy2(found / name, draft)  # the folder may be on another disk
        draft.replace(target)
    return place


def _note(home: Path, said: object) -> None:
    draft = home / f"{RESTORING}.new"
    with draft.open("wb") as file:
        file.write(orjson.dumps(said))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(home / RESTORING)


def _noted(home: Path) -> dict[str, Any]:
    try:
        said = orjson.loads((home / RESTORING).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _put_in(found: Path, place: Path) -> None:
    if not place.is_dir():
        found.replace(place)
        return
    for path in list(found.iterdir()):  # `keys` is there already, with what signs log-ins
        path.replace(place / path.name)


def _put_aside(home: Path, names: Sequence[str], aside: Path) -> None:
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        if (home / name).exists():
            (home / name).replace(aside / name)


def _end(home: Path) -> None:
    _remove(home / UNPACKED)
    (home / f"{RESTORING}.new").unlink(missing_ok=True)
    (home / RESTORING).unlink(missing_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
