"""The contents of files: by what they contain, encrypted piece by piece, swept when unused.

A file lies in ``kept-files`` of the home under the SHA-256 of its contents, so the same attachment
of a hundred records is there once, and a record that comes again is the same. No name from outside
ever becomes a path.
"""

import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engine.environment import whole_number
from engine.errors import InputError, RetryableError
from engine.files import File, media_type_of, safe_name, size_words
from engine.store.vault import Vault

#: Bytes encrypted together, and so the most that is in memory of a file.
PIECE = 256 * 1024
#: Megabytes that a file may have, where nothing else is set.
LARGEST_MB = 256
LARGEST_VARIABLE = "BRIDGEWORK_LARGEST_FILE_MB"
#: A file half written is taken away after this many seconds: whoever wrote it is gone.
ABANDONED = 24 * 3600.0

_ID = re.compile(r"[0-9a-f]{64}")
#: A piece begins with its number, so that none can be put in another's place.
_NUMBER = 8


@dataclass(frozen=True)
class KeptFiles:
    """The files of a home; see :class:`engine.files.Files`.

    :param folder: made when the first file is kept.
    :param largest: bytes that a file may have; None: as ``BRIDGEWORK_LARGEST_FILE_MB`` says.
    """

    folder: Path
    vault: Vault
    largest: int | None = None

    def save(self, name: str, chunks: Iterable[bytes], media_type: str = "") -> File:
        largest = largest_file() if self.largest is None else self.largest
        shown, size, found = safe_name(name), 0, hashlib.sha256()
        with self._told(shown), self._new() as part:
            with part.open("xb") as kept:
                for number, piece in enumerate(_pieces(chunks)):
                    size += len(piece)
                    if size > largest:
                        raise InputError(
                            f"The file {shown!r} is larger than {size_words(largest)}, and was "
                            "not taken.",
                            hint="Make it smaller, or leave such files out with a rule under "
                            f"`skip:`. An administrator can set {LARGEST_VARIABLE}.",
                            code="file_too_large",
                        )
                    found.update(piece)
                    kept.write(self.vault.seal_bytes(number.to_bytes(_NUMBER) + piece))
                kept.flush()
                os.fsync(kept.fileno())
            place = self._place(found.hexdigest())
            place.parent.mkdir(mode=0o700, exist_ok=True)
            part.replace(place)
        return File(
            name=shown, media_type=media_type_of(media_type), size=size, file=found.hexdigest()
        )

    def open(self, file: File) -> BinaryIO:
        shown = safe_name(str(file["name"]))
        try:
            place = self._place(file["file"])
            with self._told(shown):
                raw = place.open("rb")
                os.utime(place)  # used now, so kept on
                return io.BufferedReader(_Unsealed(raw, self.vault, file["size"], shown), PIECE)
        except (FileNotFoundError, ValueError):
            raise InputError(
                f"The file {shown!r} isn't kept any more.",
                hint="Let the record be read from its source again.",
                code="file_gone",
            ) from None

    def places(self) -> Iterator[Path]:
        """Yield where each file is kept, in no order."""
        yield from self.folder.glob("??/" + "?" * 64)

    def unused_since(self, moment: float) -> set[str]:
        """Return the ids of the files that nobody saved or opened since then (seconds, 1970)."""
        return {place.name for place in self.places() if _last_used(place) < moment}

    def remove(self, id: str, moment: float) -> bool:
        """Delete a file, unless it was used since; say whether it was."""
        place = self._place(id)
        if _last_used(place) >= moment:
            return False
        place.unlink(missing_ok=True)
        return True

    def keep_on(self, id: str) -> None:
        """Count a file as used now."""
        place = self._place(id)
        if place.exists():
            os.utime(place)

    def clear_up(self) -> None:
        """Take away what was being written when its writer died."""
        for part in self.folder.glob("part-*"):
            if _last_used(part) < time.time() - ABANDONED:
                part.unlink(missing_ok=True)

    def is_newest(self, place: Path) -> bool:
        """Say whether a file is encrypted with the key that encrypts now."""
        with place.open("rb") as raw:
            first = raw.read(self.vault.sealed_size(_NUMBER + PIECE))
        return not first or self.vault.is_newest(first)

    def renew(self, place: Path) -> None:
        """Encrypt a file again with the newest key; readers go on with what they have open.

        :raises SetupError: it was encrypted with a key that is not in the ring.
        """
        used = _last_used(place)
        sealed_size = self.vault.sealed_size(_NUMBER + PIECE)
        with self._new() as part:
            with place.open("rb") as raw, part.open("xb") as kept:
                while sealed := raw.read(sealed_size):
                    kept.write(self.vault.renewed(sealed))
                kept.flush()
                os.fsync(kept.fileno())
            os.utime(part, (used, used))
            part.replace(place)

    def _place(self, id: object) -> Path:
        if not isinstance(id, str) or _ID.fullmatch(id) is None:
            raise ValueError("no file has such an id")
        return self.folder / id[:2] / id

    @contextmanager
    def _new(self) -> Iterator[Path]:
        """Yield a path to write a file to, which is gone afterwards unless it was moved."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f"part-{secrets.token_hex(8)}"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise RetryableError(
                f"The file {name!r} can't be kept or read: {error.strerror}.",
                hint=f"Check the rights of the folder '{self.folder.name}' and the disk's space.",
            ) from error


class _Unsealed(io.RawIOBase):
    """Reads the pieces of a file as if they were one.

    :param size: as its record says; another one means that a piece is missing or was added.
    """

    def __init__(self, raw: BinaryIO, vault: Vault, size: int, name: str) -> None:
        self._raw, self._vault, self._name = raw, vault, name
        self._sealed_size = vault.sealed_size(_NUMBER + PIECE)
        self._at = 0
        self._number, self._piece = -1, b""
        self._size = size
        sealed = os.fstat(raw.fileno()).st_size
        full, rest = divmod(size, PIECE)
        expected = full * self._sealed_size + (vault.sealed_size(_NUMBER + rest) if rest else 0)
        if sealed != expected:
            raw.close()
            raise self._damaged()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, PIECE)
        if number != self._number:
            self._raw.seek(number * self._sealed_size)
            opened = self._vault.open_bytes(self._raw.read(self._sealed_size))
            if int.from_bytes(opened[:_NUMBER]) != number:
                raise self._damaged()
            self._number, self._piece = number, opened[_NUMBER:]
        part = self._piece[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _damaged(self) -> InputError:
        return InputError(
            f"The kept file {self._name!r} is damaged.",
            hint="Let the record be read from its source again.",
            code="file_gone",
        )


def largest_file() -> int:
    """Return how many bytes a file may have.

    :raises SetupError: the setting is no number.
    """
    return whole_number(LARGEST_VARIABLE, LARGEST_MB, "megabytes") * 1000 * 1000


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of one size; only the last may be shorter."""
    waiting = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            taken = view[: PIECE - len(waiting)]
            waiting += taken
            view = view[len(taken) :]
            if len(waiting) == PIECE:
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)


def _last_used(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
