"""Files as values: what a record says of a file, while its contents are kept beside the records."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Protocol, TypeGuard

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from engine.errors import SetupError

#: Marks a schema whose values are files.
FILE = "x-file"
#: Characters of a file's name that are kept, and bytes: disks take 255, with what is added meanwhile.
LONGEST_NAME, LONGEST_BYTES = 150, 200
#: What a media type looks like (RFC 6838).
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
UNKNOWN_TYPE = "application/octet-stream"

_FORBIDDEN = re.compile(r'[<>:"|?*]')


@with_config(ConfigDict(extra="forbid", json_schema_extra={FILE: True}))
class File(TypedDict):
    """A file: a value of records and parameters like any other, made by ``ctx.files.save``.

    :ivar name: what people call it; a label, never a path.
    :ivar media_type: e.g. ``application/pdf``.
    :ivar size: in bytes.
    :ivar file: by what Bridgework finds its contents; the same for the same contents.
    """

    name: str
    media_type: str
    size: int
    file: str


class Files(Protocol):
    """Where the contents of files are kept: as long as a record needs them, encrypted."""

    def save(self, name: str, chunks: Iterable[bytes], media_type: str = "") -> File:
        """Keep a file and return the value that stands for it.

        :param name: as the other system calls it; folders in it are dropped.
        :param chunks: its contents piece by piece, of which one at a time is in memory.
        :raises InputError: it is larger than Bridgework takes.
        :raises RetryableError: it can't be written now, e.g. because the disk is full.
        """
        ...

    def open(self, file: File) -> BinaryIO:
        """Open a file for reading; it can be searched (``seek``).

        :raises InputError: it isn't kept any more.
        """
        ...


class NoFiles:
    """Stands where no files are kept, e.g. while a recipe is only checked."""

    def save(self, name: str, chunks: Iterable[bytes], media_type: str = "") -> File:
        raise SetupError("Files can't be kept here.", hint="They are when a recipe runs.")

    def open(self, file: File) -> BinaryIO:
        raise SetupError("Files can't be opened here.", hint="They are when a recipe runs.")


def is_file(value: Any) -> TypeGuard[File]:
    """Say whether a value is a :class:`File`."""
    return (
        isinstance(value, Mapping)
        and len(value) == 4
        and all(isinstance(value.get(key), str) for key in ("name", "media_type", "file"))
        and isinstance(value.get("size"), int)
    )


def takes_files(schema: Mapping[str, Any]) -> bool:
    """Say whether the values of a schema are files."""
    return bool(schema.get(FILE))


def file_words(file: Mapping[str, Any]) -> str:
    """Return what people read in a file's place, e.g. ``file invoice.pdf (12 kB)``."""
    return f"file {file['name']} ({size_words(file['size'])})"


def size_words(size: int) -> str:
    """Return a number of bytes in a person's words; a kB is 1,000 of them."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount, unit = size / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if round(amount) < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if unit != "kB" and amount < 10 else f"{amount:.0f} {unit}"


def in_words(value: Any) -> Any:
    """Return a value with every file in it as :func:`file_words` names it."""
    if is_file(value):
        return file_words(value)
    if isinstance(value, list | tuple):
        return [in_words(item) for item in value]
    return value


def safe_name(name: str) -> str:
    """Return a file's name without folders and without what could be more than a name.

    Names come from other people: ``../../etc/passwd`` is called ``passwd``, and one of which
    nothing is left ``file``.
    """
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    text = "".join(_shown(char) for char in text.encode("utf-8", "replace").decode())
    text = _FORBIDDEN.sub("_", text).strip()
    if not text.strip(" ._"):
        return "file"
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = text, "", ""
    while len(stem) + len(dot + ending) > LONGEST_NAME or len(f"{stem}.{ending}".encode()) > (
        LONGEST_BYTES
    ):
        stem = stem[: min(len(stem) - 1, LONGEST_NAME)]
    return stem + dot + ending


def _shown(char: str) -> str:
    """Return a character as it is seen: none that hides, turns others round, or begins a line."""
    if unicodedata.category(char) == "Zs":
        return " "
    return char if char.isprintable() else "_"


def media_type_of(given: str) -> str:
    """Return a media type without parameters; the unknown one where it is none."""
    plain = given.partition(";")[0].strip().lower()
    return plain if MEDIA_TYPE.fullmatch(plain) else UNKNOWN_TYPE
