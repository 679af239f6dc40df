"""A file that rows are read from, wherever it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.sdk import Context, File, SetupError


@dataclass(frozen=True)
class Source:
    """A file to be read.

    :param name: what people call it.
    :param open: opens it at its beginning; may be called again.
    """

    name: str
    open: Callable[[], BinaryIO]


def at_path(path: Path) -> Source:
    """Return a file of this computer."""
    return Source(path.name, lambda: path.open("rb"))


def kept(ctx: Context, file: File) -> Source:
    """Return a file that came with a record, such as an attachment."""
    return Source(file["name"], lambda: ctx.files.open(file))


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn the operating system's refusals inside the block into a sentence.

    :raises SetupError: the file can't be opened or read.
    """
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"'{name}' can't be read: {error.strerror or error}.",
            hint="Check that the file is still there and that Bridgework may read it.",
        ) from error
