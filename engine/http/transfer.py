"""Files over HTTP, a piece at a time: sent as a body or part of a form, and fetched."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2

from engine.context import Sent
from engine.files import File, Files, is_file

#: Bytes sent at once.
PIECE = 64 * 1024


@dataclass(frozen=True)
class FileBody:
    """A file as a request's body, which may be sent more than once: a repeat begins anew."""

    files: Files
    file: File

    def __iter__(self) -> Iterator[bytes]:
        with self.files.open(self.file) as opened:
            while piece := opened.read(PIECE):
                yield piece


@contextmanager
def body_with_files(keeper: Files, sent: Sent) -> Iterator[dict[str, Any]]:
    """Yield what a request is sent with; files in it are read while they are sent."""
    ready: dict[str, Any] = {**sent}
    files, content = sent.get("files"), sent.get("content")
    if is_file(content):
        ready["headers"] = own = httpx2.Headers(sent.get("headers"))
        own.setdefault("Content-Type", content["media_type"])
        own["Content-Length"] = str(content["size"])
        ready["content"] = FileBody(keeper, content)
    with ExitStack() as opened:
        if files:
            ready["files"] = {
                field: (file["name"], opened.enter_context(keeper.open(file)), file["media_type"])
                for field, file in files.items()
            }
        yield ready


def fetched(
    keeper: Files,
    get: Callable[[], AbstractContextManager[httpx2.Response]],
    again: Callable[[httpx2.TransportError, int], None],
    name: str,
) -> File:
    """Keep the file that a request answers with.

    :param get: sends the request; its answer's body isn't read yet.
    :param again: told of a line that broke half way, and how often that happened; waits, or raises.
    """
    broken = 0
    while True:
        with get() as answer:
            shown = name or _name_of(answer)
            media_type = answer.headers.get("Content-Type", "")
            try:
                return keeper.save(shown, answer.iter_bytes(), media_type)
            except httpx2.TransportError as error:
                again(error, broken)
        broken += 1


def _name_of(answer: httpx2.Response) -> str:
    """Return what an answer calls its file (RFC 6266), else the end of its address."""
    header = answer.headers.get("Content-Disposition", "")
    if header:
        message = Message()
        message["Content-Disposition"] = re.sub(r"[\r\n]", " ", header)
        if found := message.get_filename():
            return found
    return unquote(urlsplit(str(answer.request.url)).path.rpartition("/")[2])
