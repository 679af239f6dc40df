"""Files of this computer: in the recipe's folders, or where the recipe says."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from engine.sdk import Context, RetryableError, SetupError
from plugins.csv.places.place import PIECE, Listed, numbered
from plugins.csv.source import Source, at_path, readable


@dataclass(frozen=True)
class LocalPlace:
    """The folders of one recipe; see :class:`~plugins.csv.places.place.Place`."""

    ctx: Context

    def to_read(self, name: str) -> Source:
        if any((folder / Path(name).expanduser()).is_dir() for folder in self.ctx.folders.search):
            raise SetupError(f"{name!r} is a folder, not a file.", hint="Name a file in it.")
        return at_path(self.ctx.folders.to_read(name))

    def listed(self, folder: str) -> list[Listed]:
        at = self.folder_at(folder)
        found = []
        with readable(folder):
            whole_at = at.resolve()
            for path in at.iterdir():
                try:
                    if path.is_symlink() and not path.resolve(strict=True).is_relative_to(whole_at):
                        continue  # whoever may put files here may not read others of this computer
                    status = path.stat()
                except (OSError, RuntimeError):  # gone meanwhile, or a link that leads nowhere
                    continue
                if stat.S_ISREG(status.st_mode):
                    # A file that was moved or copied here has an older time, but this one is new.
                    changed = max(status.st_mtime, status.st_ctime)
                    found.append(Listed(path.name, status.st_size, changed, _is_marked(path)))
        return found

    def still(self, folder: str, files: list[Listed]) -> set[str]:
        return {file.state for file in files}  # here the time of every change is certain

    def move(self, folder: str, name: str, to: str) -> None:
        at = self.folder_at(folder)
        below = at / to
        if below.is_symlink():  # made by whoever may put files here, to have them elsewhere
            raise _not_moved(folder, name, to, "it is a link to another folder")
        try:
            below.mkdir(exist_ok=True)
            taken = {path.name for path in below.iterdir()}
            _marker(at / name).unlink(missing_ok=True)
            (at / name).rename(below / numbered(name, taken))
        except FileNotFoundError:
            return  # somebody else took it away
        except OSError as error:
            raise _not_moved(folder, name, to, str(error.strerror)) from error

    def remove(self, folder: str, name: str) -> None:
        try:
            (self.folder_at(folder) / name).unlink(missing_ok=True)
        except OSError as error:
            raise RetryableError(
                f"{name!r} can't be deleted: {error.strerror}.",
                hint=f"Check the rights of the folder '{folder}'. It is not read again meanwhile.",
            ) from error

    def put(self, name: str, content: BinaryIO, *, whole: bool = False) -> int:
        """Write a file; with ``whole`` a mark beside it tells that nobody is writing it any more."""
        path = self.ctx.folders.to_write(name)
        part = path.with_name(f".{path.name}.{token_hex(6)}.part")
        try:
            with part.open("xb") as file:
                while piece := content.read(PIECE):
                    file.write(piece)
                size = file.tell()
                file.flush()
                os.fsync(file.fileno())
            if whole:
                mark = _marker(path)
                mark.unlink(missing_ok=True)  # never through a link that somebody made there
                with mark.open("x") as marked:
                    marked.write(_stamp(part))
            part.replace(path)
        except OSError as error:
            raise RetryableError(
                f"'{path.name}' can't be written: {error.strerror}.",
                hint="Check the folder's rights and the disk's space.",
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return size

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        yield self.ctx.folders.to_write(name)

    def folder_at(self, name: str) -> Path:
        """Return the folder of this name that is read.

        :raises SetupError: there is none.
        """
        path = Path(name).expanduser()
        candidates = (
            [path] if path.is_absolute() else [one / path for one in self.ctx.folders.search]
        )
        for candidate in candidates:
            if candidate.is_dir():
                return candidate
        places = ", ".join(f"'{candidate.parent.resolve()}'" for candidate in candidates)
        raise SetupError(
            f"There is no folder {name!r}.",
            hint=f"Looked in {places}. Make it, or give its full path.",
        )


def _not_moved(folder: str, name: str, to: str, why: str) -> RetryableError:
    return RetryableError(
        f"{name!r} can't be moved to {to!r}: {why}.",
        hint=f"Check the rights of the folder '{folder}'. It is not read again meanwhile.",
    )


def _marker(path: Path) -> Path:
    return path.with_name(f".{path.name}.whole")


def _is_marked(path: Path) -> bool:
    """Say whether a mark tells that this is the whole file; anything else of its name is none."""
    mark = _marker(path)
    try:
        if not stat.S_ISREG(mark.lstat().st_mode):
            return False
        with mark.open() as opened:
            return opened.read(100) == _stamp(path)
    except (OSError, ValueError):
        return False


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"
