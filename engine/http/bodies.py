"""How much of an answer is read, and for how long: what any list page needs, and no more.

A few hundred kilobytes of gzip can unfold into gigabytes, by mistake or on purpose, and all runs of
a process would end with it. So what counts is the size after unpacking.
"""

import time
from collections.abc import Iterable, Iterator
from math import inf

import httpx2

from engine.errors import RemoteError

#: Bytes of one answer, unpacked. A page of a thousand large records has some megabytes.
LARGEST_ANSWER = 64 * 1024 * 1024
#: In a request's extensions: its answer is a file, written away piece by piece, and as large as
#: files may be (:mod:`engine.store.kept_files` sees to that).
UNBOUND = "bridgework_file"
#: Seconds that a file may take.
LONGEST_DOWNLOAD = 3600.0
#: Seconds from its first part to its last: a server that drips would else hold a run for ever.
LONGEST_READ = 300.0


def bound(response: httpx2.Response) -> None:
    """Let an answer that is too large end in an error while it is read; a hook for clients."""
    is_file = UNBOUND in response.request.extensions and response.status_code < 400
    stream = response.stream
    assert isinstance(stream, httpx2.SyncByteStream)
    parts: Iterable[bytes] = stream
    if "Content-Encoding" in response.headers:
        packed = httpx2.Response(response.status_code, headers=response.headers, stream=stream)
        response.headers.pop("Content-Encoding")
        parts = packed.iter_bytes()
    response.stream = _Unpacked(
        stream,
        parts,
        inf if is_file else LARGEST_ANSWER,
        LONGEST_DOWNLOAD if is_file else LONGEST_READ,
    )


class _Unpacked(httpx2.SyncByteStream):
    """The parts of an answer, unpacked.

    :param largest: bytes that it may have.
    :param longest: seconds that it may take.
    """

    def __init__(
        self,
        stream: httpx2.SyncByteStream,
        parts: Iterable[bytes],
        largest: float,
        longest: float,
    ) -> None:
        self._stream, self._parts = stream, parts
        self._largest, self._longest = largest, longest

    def __iter__(self) -> Iterator[bytes]:
        """Yield the parts of the answer.

        :raises RemoteError: there are too many.
        :raises httpx2.ReadTimeout: they come too slowly, one at a time.
        """
        size, ends = 0, time.monotonic() + self._longest
        for part in self._parts:
            size += len(part)
            if time.monotonic() > ends:
                raise httpx2.ReadTimeout(f"It was not complete after {self._longest:g} seconds.")
            if size > self._largest:
                raise RemoteError(
                    f"An answer is larger than {LARGEST_ANSWER // 1024**2} MiB, and was not read.",
                    hint="Ask for fewer records at a time, or check the connection's address.",
                )
            yield part

    def close(self) -> None:
        self._stream.close()
