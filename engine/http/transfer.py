"""Files over HTTP, a piece at a time: sent as a body or part of a form, and fetched."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2

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
def body_with_files(
    keeper: Files,
    *,
    headers: Any,
    json: Any,
    data: Any,
    content: bytes | File | None,
    files: Mapping[str, File] | None,
) -> Iterator[dict[str, Any]]:
    """Yield a request's ``headers`` and body, in which files are read while they are sent."""
    body: dict[str, Any] = {"headers": headers, "json": json, "data": data, "content": content}
    if is_file(content):
        own = httpx2.Headers(headers)
        own.setdefault("Content-Type", content["media_type"])
        own["Content-Length"] = str(content["size"])
        body |= {"headers": own, "content": FileBody(keeper, content)}
    with ExitStack() as opened:
        if files:
            body["files"] = {
                field: (file["name"], opened.enter_context(keeper.open(file)), file["media_type"])
                for field, file in files.items()
            }
        yield body


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
