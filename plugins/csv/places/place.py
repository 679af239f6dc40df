"""Where a recipe's files are: folders of this computer, or of an SFTP server that it names."""

import fnmatch
import time
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.sdk import Context, SetupError
from plugins.csv.source import Source, readable

#: Names of files that somebody is still writing, or that are none of a person's.
UNFINISHED = (".*", "~$*", "*.part", "*.partial", "*.filepart", "*.tmp", "*.crdownload", "*.lock")
#: Seconds for which a file must not have changed before it is read.
SETTLED = 10
#: Bytes of a file read at once.
PIECE = 1 << 18


@dataclass(frozen=True)
class Listed:
    """A file of a folder.

    :param changed: when it was written or came to the folder, in seconds since 1970.
    :param whole: nobody is writing it for sure: it was put there by Bridgework.
    """

    name: str
    size: int
    changed: float
    whole: bool = False

    @property
    def state(self) -> str:
        """What tells this state of the file from others."""
        return f"{self.name}|{self.size}|{self.changed:.6f}"


class Place(Protocol):
    """Folders with files."""

    def to_read(self, name: str) -> Source:
        """Return a file.

        :raises SetupError: there is none of that name.
        """
        ...

    def listed(self, folder: str) -> list[Listed]:
        """Return the files of a folder, not those below it.

        :raises SetupError: there is no such folder.
        """
        ...

    def still(self, folder: str, files: list[Listed]) -> set[str]:
        """Return the states of the files that nobody is writing, as far as a second look tells."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Delete a file."""
        ...

    def move(self, folder: str, name: str, to: str) -> None:
        """Move a file into a folder below its own, which is made where it isn't there.

        A file of that name that is there already stays: the one moved gets a number.
        """
        ...

    def put(self, name: str, content: BinaryIO) -> int:
        """Write a file, all of it or nothing, in place of one of the same name; return its size.

        :raises RetryableError: it can't be written now.
        """
        ...

    def writing(self, name: str) -> AbstractContextManager[Path]:
        """Yield the path of a file of this computer, which stands for the one called ``name``.

        What is written to it is in its place when the block ends, all of it or nothing.
        """
        ...


@contextmanager
def place_of(ctx: Context) -> Iterator[Place]:
    """Yield the place that a recipe's connection stands for.

    :raises ConnectorError: the server can't be reached or logged in to.
    """
    if ctx.connection.get("host"):
        from plugins.csv.places.sftp import SftpPlace, logged_in  # few need it, and it is an extra

        with (
            logged_in(ctx.connection, ctx.secrets) as line,
            closing(SftpPlace(line, str(ctx.connection.get("folder") or ""))) as server,
        ):
            yield server
    else:
        from plugins.csv.places.local import LocalPlace

        yield LocalPlace(ctx)


def settled(
    place: Place,
    folder: str,
    pattern: str,
    seconds: float,
    *,
    clock: Callable[[], float] = time.time,
) -> Iterator[Listed]:
    """Yield a folder's files that nobody is writing any more, the oldest first.

    :param seconds: for which a file must not have changed.
    :param pattern: e.g. ``*.csv``, or several with commas; upper and lower case don't matter.
    """
    now = clock()
    found = [file for file in place.listed(folder) if _matches(file.name, pattern)]
    for file in sorted(found, key=lambda file: (file.changed, file.name)):
        if file.whole or abs(now - file.changed) >= seconds:  # a clock that is ahead counts, too
            yield file


def pieces(source: Source) -> Iterator[bytes]:
    """Yield what a file contains, piece by piece.

    :raises SetupError: it can't be read.
    """
    with readable(source.name), source.open() as opened:
        while piece := opened.read(PIECE):
            yield piece


def _matches(name: str, pattern: str) -> bool:
    plain = name.casefold()
    if any(fnmatch.fnmatchcase(plain, unfinished) for unfinished in UNFINISHED):
        return False
    return any(
        fnmatch.fnmatchcase(plain, one.strip().casefold())
        for one in pattern.split(",")
        if one.strip()
    )


def numbered(name: str, taken: Container[str]) -> str:
    """Return a name that isn't taken: ``a.csv``, else ``a 2.csv``."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    new, count = name, 1
    while new in taken:
        count += 1
        new = f"{stem} {count}{dot}{ending}"
    return new


def plain_name(name: str) -> str:
    """Return the name of a file that somebody gave.

    :raises SetupError: it is none, but leads elsewhere.
    """
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        raise SetupError(f"{name!r} is no name of a file.", hint="Give a name without folders.")
    return name
