"""The physical lines of a text file: numbered, of bounded length, and readable again."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import chain

#: Characters read at once. Lines go to the csv module a block at a time, at C speed.
BLOCK = 1 << 16
#: A longer line is cut here; its row is reported, not used.
LINE_LIMIT = 1 << 20
#: A row that runs over more blocks than this is given up.
HELD_LIMIT = 64
#: Stands for bytes that are no text in the file's encoding; a lone surrogate, so never real text.
UNDECODABLE = "\udcff"

_LINE_END = re.compile(r"\r\n?|\n")


class RecordTooLongError(Exception):
    """A row runs over more than HELD_LIMIT blocks."""


class Lines:
    """Reads text in blocks of lines and keeps those of the current row, so that it can go back.

    :param read: ``read(size)`` returns up to ``size`` characters with line ends as they are.
    :param first: the number of the first line.
    """

    def __init__(self, read: Callable[[int], str], first: int = 1) -> None:
        self._read = read
        self._fresh = self._blocks()
        self._again: list[str] = []
        self._held: deque[tuple[int, list[str]]] = deque()
        self._next = first
        #: Number of the line at which the current row starts; the reader of rows moves it on.
        self.row_start = first
        #: Whether a NUL, undecodable bytes or an overlong line were met so far.
        self.damaged = False
        #: Numbers of overlong lines.
        self.cut: set[int] = set()

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._numbered())

    @property
    def last(self) -> int:
        """Number of the last line handed out as part of a block."""
        return self._next - 1

    def text(self, start: int, end: int) -> list[str]:
        """Return the lines from ``start`` to ``end`` inclusive, of those still held."""
        return [
            line
            for first, block in self._held
            for line in block[max(start - first, 0) : max(end + 1 - first, 0)]
        ]

    def go_back_to(self, number: int) -> None:
        """Let the next iteration start at line ``number``, which must still be held."""
        self._again = self.text(number, self.last)
        self._held.clear()
        self._next = self.row_start = number

    def _numbered(self) -> Iterator[list[str]]:
        while True:
            held = self._held
            while held and held[0][0] + len(held[0][1]) <= self.row_start:
                held.popleft()
            if len(held) > HELD_LIMIT:
                raise RecordTooLongError
            block, self._again = self._again, []
            if not block:
                block = next(self._fresh, [])
            if not block:
                return
            held.append((self._next, block))
            self._next += len(block)
            yield block

    def _blocks(self) -> Iterator[list[str]]:
        tail = ""
        number = self._next  # of the first line in `tail`
        while chunk := self._read(BLOCK):
            if "\0" in chunk or UNDECODABLE in chunk:
                self.damaged = True
            lines = StringIO(tail + chunk, newline="").readlines()
            tail = lines.pop()  # may go on in the next chunk; "\r" may be half of "\r\n"
            number += len(lines)
            if len(tail) > LINE_LIMIT and tail[-1] not in "\r\n":
                self.damaged = True
                self.cut.add(number)
                lines.append(tail[:LINE_LIMIT])
                number += 1
                tail = self._after_line_end()
            if lines:
                yield lines
        if tail:
            yield StringIO(tail, newline="").readlines()

    def _after_line_end(self) -> str:
        """Pass over the rest of a line; return what was read beyond it."""
        while chunk := self._read(BLOCK):
            if chunk[-1] == "\r":  # keep "\r\n" together
                chunk += self._read(1)
            if end := _LINE_END.search(chunk):
                return chunk[end.end() :]
        return ""
