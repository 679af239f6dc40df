"""The file of a backup: a tar whose first entry, the manifest, tells what the others must be.

What a part's checksum is, and how long it is, is known once it is written. So room is left for the
manifest and for each part's header, and both are filled in afterwards: nothing is written twice, and
of a part one piece at a time is in memory.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from engine.backup.manifest import Manifest, Part, read_manifest
from engine.errors import SetupError

BLOCK = tarfile.BLOCKSIZE
#: Bytes left for the manifest; a real one has about three thousand.
ROOM = 64 * 1024
MANIFEST = "manifest.json"
PIECE = 1024 * 1024
#: Bytes of names and other additions to an entry, which Python takes into memory in one piece.
LONGEST_ADDITION = 16 * 1024


class Entry(tarfile.TarInfo):
    """An entry of a tar from elsewhere: nothing in it is taken into memory that could be large."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if not (found.isreg() or found.isdir()) and found.size > LONGEST_ADDITION:
            raise damaged("one of its entries isn't what Bridgework writes")
        return found


@dataclass
class PartWriter(io.RawIOBase):
    """Takes the bytes of one part, and measures them.

    :ivar unpacked: to be set by whoever writes it, as ``files``.
    """

    file: BinaryIO
    size: int = 0
    unpacked: int = 0
    files: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.file.write(data)
        self.digest.update(data)
        length = memoryview(data).nbytes
        self.size += length
        return length


class Writer:
    """Writes a backup into an empty file that can seek."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.parts: list[Part] = []
        file.write(bytes(BLOCK + ROOM))

    @contextmanager
    def part(self, name: str) -> Iterator[PartWriter]:
        """Add a part; what is written to the value is its contents."""
        start = self._file.tell()
        self._file.write(bytes(BLOCK))
        writer = PartWriter(self._file)
        yield writer
        self._file.write(bytes(-writer.size % BLOCK))
        self._head(start, name, writer.size)
        self.parts.append(
            Part(name, writer.digest.hexdigest(), writer.size, writer.unpacked, writer.files)
        )

    def finish(self, manifest: Manifest) -> None:
        text = manifest.as_json()
        assert len(text) <= ROOM, "the manifest is longer than the room left for it"
        self._file.write(bytes(2 * BLOCK))  # the end of a tar
        self._head(0, MANIFEST, ROOM)
        self._file.seek(BLOCK)
        self._file.write(text.ljust(ROOM))
        self._file.seek(0, io.SEEK_END)

    def _head(self, at: int, name: str, size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._file.seek(at)
        self._file.write(entry.tobuf(tarfile.GNU_FORMAT))
        self._file.seek(0, io.SEEK_END)


@dataclass(frozen=True)
class Reader:
    """An open backup.

    :param entries: where its parts are.
    """

    manifest: Manifest
    tar: tarfile.TarFile
    entries: dict[str, tarfile.TarInfo]

    def verify(self) -> None:
        """Read everything once, and compare it with its checksums.

        :raises SetupError: something of it is damaged.
        """
        for part in self.manifest.parts:
            found = hashlib.sha256()
            with self.open(part.name) as data:
                while piece := data.read(PIECE):
                    found.update(piece)
            if found.hexdigest() != part.sha256:
                raise damaged(f"the checksum of {part.name} is another one")

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        data = self.tar.extractfile(self.entries[name])
        assert data is not None  # only a file's entry is kept
        with data:
            yield data  # type: ignore[misc]  # typed as IO[bytes]


@contextmanager
def sensible(what: str) -> Iterator[None]:
    """Take what Python's tar reader stumbles over for damage: it trusts what entries say.

    :param what: is looked at.
    :raises SetupError: it says what no tar of ours says, e.g. additions to additions without end.
    """
    try:
        yield
    except tarfile.FilterError:
        raise
    except (tarfile.TarError, EOFError) as error:
        raise damaged(str(error) or "it ends too early") from None
    except (ValueError, OverflowError, RecursionError, IsADirectoryError, NotADirectoryError):
        raise damaged(f"{what} makes no sense") from None


def next_entry(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    """Return the next entry of a tar from elsewhere; None at its end.

    :raises SetupError: it can't be read.
    """
    with sensible("one of its entries"):
        return tar.next()


@contextmanager
def open_backup(file: Path) -> Iterator[Reader]:
    """Open a backup and read what it says of itself.

    :raises SetupError: there is none, it is damaged, or a newer Bridgework made it.
    """
    try:
        with sensible("its first entry"):
            opened = tarfile.open(file, "r:", tarinfo=Entry)  # noqa: SIM115 - closed below
        with opened as tar:
            first = next_entry(tar)
            if first is None or first.name != MANIFEST or not first.isreg() or first.size != ROOM:
                raise damaged("it has no manifest")
            said = tar.extractfile(first)
            assert said is not None
            manifest = read_manifest(said.read(ROOM).rstrip())
            yield Reader(manifest, tar, _entries(tar, manifest))
    except (tarfile.TarError, EOFError) as error:
        raise damaged(str(error) or "it ends too early") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SetupError(
            f"The backup '{file}' can't be read: {why}.", hint="Check the path and its rights."
        ) from error


def is_backup(file: Path) -> bool:
    """Say whether a file begins as backups do."""
    try:
        with file.open("rb") as opened:
            first = tarfile.TarInfo.frombuf(opened.read(BLOCK), tarfile.ENCODING, "surrogateescape")
    except (OSError, tarfile.TarError):
        return False
    return (first.name, first.size) == (MANIFEST, ROOM)


def _entries(tar: tarfile.TarFile, manifest: Manifest) -> dict[str, tarfile.TarInfo]:
    """Return the parts' entries, each once and as long as the manifest says, and nothing else."""
    promised = {part.name: part.size for part in manifest.parts}
    if len(promised) < len(manifest.parts):
        raise damaged("its manifest names a part twice")
    found: dict[str, tarfile.TarInfo] = {}
    while (entry := next_entry(tar)) is not None:
        whole = entry.isreg() and not entry.issparse() and promised.get(entry.name) == entry.size
        if not whole or entry.name in found:
            raise damaged("it holds something that its manifest doesn't name")
        found[entry.name] = entry
    if missing := promised.keys() - found.keys():
        raise damaged(f"{', '.join(sorted(missing))[:200]} is missing")
    return found


def damaged(why: str) -> SetupError:
    return SetupError(
        f"The backup is damaged, or is none of Bridgework's: {why}.",
        hint="Take another backup. Nothing was changed.",
    )
