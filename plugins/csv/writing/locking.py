"""One writer at a time for a file, and no half-written rows after a crash.

Beside ``name.csv`` lies ``.name.csv.lock``: it is locked while somebody writes, and holds what is
being appended until that is safely on disk, with the keys of its rows (see sent.py).
"""

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from plugins.csv.writing import sent

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


#: Begins a note about a new file that is to take the old one's place.
REPLACED = b"new "


class LockedFile:
    """A file that nobody else writes to.

    :param path: of the file itself; it need not exist.
    :param journal: descriptor of the lock file.
    """

    def __init__(self, path: Path, journal: int) -> None:
        self.path = path
        self._journal = journal

    def append(self, data: bytes, keys: Collection[str] = ()) -> None:
        """Add ``data`` at the end, all of it or nothing, and wait until it is on disk.

        :param keys: of its rows, to be asked about later.
        """
        size = self.path.stat().st_size
        self._note(b"%b\n%b" % (_first_line(size, keys), data))
        with self.path.open("r+b") as file:
            file.seek(size)
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:  # e.g. the disk is full
                os.truncate(self.path, size)
                self._note(b"")
                raise
        sent.remember(self.path, keys)
        self._note(b"")

    @contextmanager
    def replaced(self, keys: Collection[str] = ()) -> Iterator[Path]:
        """Yield the path of a new file, which takes the old one's place when the block succeeds.

        :param keys: of the rows it has more, to be asked about later.
        """
        new = self.path.with_name(f".{self.path.name}.new")
        try:
            yield new
            if self.path.exists():
                new.chmod(self.path.stat().st_mode)
            with new.open("rb+") as file:
                os.fsync(file.fileno())
            if keys:
                self._note(REPLACED + _first_line(new.stat().st_ino, keys) + b"\n")
            new.replace(self.path)
            if keys:
                sent.remember(self.path, keys)
                self._note(b"")
        finally:
            new.unlink(missing_ok=True)

    def recover(self) -> None:
        """Take away what a crash left of an append; what is complete, or others wrote, stays."""
        first, _, data = self._noted().partition(b"\n")
        number, *keys = first.removeprefix(REPLACED).decode("ascii", "replace").split() or [
            "",
        ]
        if not number.isdigit() or not self.path.exists():
            return
        if first.startswith(REPLACED):
            complete = self.path.stat().st_ino == int(number)
        else:
            with self.path.open("rb") as file:
                file.seek(int(number))
                written = file.read(len(data) + 1)
            complete = written.startswith(data)
            if 0 < len(written) < len(data) and data.startswith(written):
                os.truncate(self.path, int(number))
        if complete:
            sent.remember(self.path, keys)
        self._note(b"")

    def _noted(self) -> bytes:
        os.lseek(self._journal, 0, os.SEEK_SET)
        parts = []
        while part := os.read(self._journal, 1 << 20):
            parts.append(part)
        return b"".join(parts)

    def _note(self, data: bytes) -> None:
        os.ftruncate(self._journal, 0)
        os.lseek(self._journal, 0, os.SEEK_SET)
        while data:
            data = data[os.write(self._journal, data) :]
        os.fsync(self._journal)


def _first_line(number: int, keys: Collection[str]) -> bytes:
    return " ".join((str(number), *keys)).encode("ascii")


@contextmanager
def locked(path: Path) -> Iterator[LockedFile]:
    """Keep other threads and processes from writing to ``path`` while the block runs.

    :raises OSError: the folder can't be written to.
    """
    path = path.resolve()  # a link is followed, not replaced
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock)
        file = LockedFile(path, lock)
        file.recover()
        yield file
    finally:
        os.close(lock)  # releases it
