"""Folders as parts of a backup: a compressed tar each, written and read file by file.

What comes out of one may come from anybody: only plain files below the folder are taken, no more
and no larger than the manifest says, whatever the tar claims.
"""

import gzip
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.backup.container import Entry, PartWriter, damaged, is_backup, next_entry, sensible
from engine.backup.manifest import Part

#: Little is gained by more: most of what is large is encrypted.
LEVEL = 3


@dataclass(frozen=True)
class Tree:
    """A folder that goes into backups.

    :param part: what it is called there.
    :param links: links to files are followed, and what they lead to is saved. Elsewhere they are
        left out: other programs write there, and a link may lead anywhere.
    :param besides: a folder that is not looked into.
    :param backups: a folder whose backups are left out, since each would hold all before it.
    """

    part: str
    folder: Path
    links: bool = False
    besides: Path | None = None
    backups: Path | None = None

    def files(self, left_out: Callable[[Path], None]) -> Iterator[Path]:
        """Yield what is saved; hidden files and what Python compiled are not.

        :param left_out: told of what is no plain file.
        """
        apart = self.besides and self.besides.resolve()
        backups = self.backups and self.backups.resolve()
        for place, folders, names in os.walk(self.folder):
            here = Path(place)
            for name in [name for name in folders if (here / name).is_symlink()]:
                left_out(here / name)
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".")
                and name != "__pycache__"
                and not (here / name).is_symlink()
                and (here / name).resolve() != apart
            )
            theirs = backups is not None and here.resolve() == backups
            for name in sorted(names):
                path = here / name
                if name.startswith(".") or (theirs and path.is_file() and is_backup(path)):
                    continue
                if path.is_file() and (self.links or not path.is_symlink()):
                    yield path
                elif path.exists() or path.is_symlink():  # else it was deleted meanwhile
                    left_out(path)


def pack(tree: Tree, part: PartWriter, left_out: Callable[[Path], None]) -> None:
    """Write a folder into a part; files that are deleted meanwhile are not in it."""
    with (
        compressed(part) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in tree.files(left_out):
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            except FileNotFoundError:
                continue
            except PermissionError:
                left_out(path)
                continue
            with os.fdopen(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    left_out(path)
                    continue
                entry = tarfile.TarInfo(path.relative_to(tree.folder).as_posix())
                entry.size, entry.mtime = found.st_size, found.st_mtime
                entry.mode = stat.S_IMODE(found.st_mode) & 0o755
                steady = _Steady(file, found.st_size)
                tar.addfile(entry, steady)
            if steady.missing:
                left_out(path)
            part.files += 1
            part.unpacked += entry.size
            _forget(tar)


def unpack(data: BinaryIO, part: Part, folder: Path) -> None:
    """Write the files of a part into a folder that is there, for their owner alone.

    :raises SetupError: something in it is no plain file, lies outside, or is more than it said.
    """
    files = size = 0
    with uncompressed(data) as packed:
        with sensible(f"the first entry of {part.name}"):
            tar = tarfile.open(fileobj=packed, mode="r|", tarinfo=Entry)  # noqa: SIM115 - holds nothing
        while (entry := next_entry(tar)) is not None:
            files, size = files + 1, size + entry.size
            if not entry.isreg() or entry.issparse():
                raise damaged(f"'{_shown(entry)}' in {part.name} is no plain file")
            if files > part.files or size > part.unpacked:
                raise damaged(f"{part.name} holds more than it says")
            try:
                with sensible(f"'{_shown(entry)}' in {part.name}"):
                    tar.extract(entry, folder, filter=_private)
            except tarfile.FilterError:
                raise damaged(f"'{_shown(entry)}' in {part.name} leads out of its folder") from None
            except FileExistsError:
                raise damaged(f"'{_shown(entry)}' is twice in {part.name}") from None
            _forget(tar)
    if (files, size) != (part.files, part.unpacked):
        raise damaged(f"{part.name} holds less than it says")


def _forget(tar: tarfile.TarFile) -> None:
    """Let go of the entries so far: of a hundred thousand files all would stay in memory."""
    tar.members.clear()  # type: ignore[attr-defined]  # documented, but not in its types


def _private(entry: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    safe = tarfile.data_filter(entry, folder)
    return safe.replace(mode=(safe.mode or 0o600) & 0o700, deep=False)


@contextmanager
def compressed(target: io.RawIOBase) -> Iterator[gzip.GzipFile]:
    with gzip.GzipFile("", "wb", LEVEL, target, mtime=0) as packed:
        yield packed


@contextmanager
def uncompressed(data: BinaryIO) -> Iterator[BinaryIO]:
    """Open a compressed part for reading.

    :raises SetupError: it is damaged.
    """
    try:
        with gzip.GzipFile(fileobj=data, mode="rb") as packed:
            yield packed  # type: ignore[misc]  # typed as its own class
    except (gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError) as error:
        raise damaged(str(error) or "it ends too early") from None


def _shown(entry: tarfile.TarInfo) -> str:
    """Return an entry's name without what could steer a terminal, or not be shown at all."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in entry.name[:120])


class _Steady:
    """Reads exactly so many bytes of a file that somebody may be writing to.

    :ivar missing: it was cut off meanwhile, and zeros stand for what is missing.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left, self.missing = file, size, False

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        found = self._file.read(wanted)
        if len(found) < wanted:
            self.missing = True
            found = found.ljust(wanted, b"\0")
        self._left -= wanted
        return found
