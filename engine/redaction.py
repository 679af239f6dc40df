"""Keeps secrets out of logs, reports and errors: values once known are replaced wherever shown."""

import json
import logging
import re
import threading
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

#: Shorter values would blank out ordinary words.
SHORTEST = 6
#: Stands in their place.
HIDDEN = "•••"
#: Values remembered; tokens are replaced every hour, for years, and old ones open nothing.
REMEMBERED = 2000
#: Longer values are never part of a Basic header.
LONGEST_ENCODED = 256

_PUBLIC = frozenset({"token_type", "expires_in", "expires_at", "obtained_at", "scope"})
_PERCENT = re.compile("%[0-9A-F]{2}")


class Secrets:
    """Known secrets, looked up by how they end: a text is read once, however many there are.

    By their end, since many begin alike (every JSON web token does).

    :param values: known from the start.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[str, None] = OrderedDict()
        self._by_end: dict[str, tuple[str, ...]] = {}
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        with self._lock:
            if value in self._values:
                self._values.move_to_end(value)
                return
            self._values[value] = None
            if len(self._values) > REMEMBERED:
                for _ in range(REMEMBERED // 10):
                    self._values.popitem(last=False)
                self._by_end = {}
                for kept in self._values:
                    self._index(kept)
            else:
                self._index(value)

    def copy(self) -> "Secrets":
        with self._lock:
            return Secrets(self._values)

    def redact(self, text: str) -> str:
        spans: list[tuple[int, int]] = []
        by_end = self._by_end
        for end in range(SHORTEST, len(text) + 1) if by_end else ():
            for form in by_end.get(text[end - SHORTEST : end], ()):
                begin = end - len(form)
                if begin >= 0 and text.startswith(form, begin):
                    while spans and spans[-1][1] > begin:  # secrets that overlap are hidden whole
                        begin = min(begin, spans.pop()[0])
                    spans.append((begin, end))
        if not spans:
            return text
        edges = [0, *(edge for span in spans for edge in span), len(text)]
        return HIDDEN.join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))

    def _index(self, value: str) -> None:
        for form in _forms(value):
            end = form[-SHORTEST:]
            alike = self._by_end.get(end, ())
            if form not in alike:
                self._by_end[end] = (*alike, form)  # replaced whole: other threads read it


_secrets = Secrets()


def register(value: Any) -> None:
    """Remember every text within ``value`` (a text, map or list) as secret."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            _secrets.add(value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _PUBLIC:
                register(item)
    elif isinstance(value, list | tuple):
        for item in value:
            register(item)


def redact(text: str) -> str:
    """Return ``text`` with every known secret replaced, also where it stands encoded.

    That is in an address, in JSON, in Python's own notation, or in the base64 of a Basic header.
    """
    return _secrets.redact(text)


def redact_within(value: Any) -> Any:
    """Return a JSON value with the known secrets covered in all its texts."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return [redact_within(one) for one in value]
    if isinstance(value, dict):
        return {name: redact_within(one) for name, one in value.items()}
    return value


def _forms(secret: str) -> set[str]:
    """Return the secret as it may be written."""
    encodable = secret.encode("utf-8", "replace").decode()  # half a character has no other form
    addresses = {quote(encodable), quote(encodable, safe=""), quote_plus(encodable)}
    addresses |= {_PERCENT.sub(lambda code: code[0].lower(), form) for form in addresses}
    written = {
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }
    return {secret, *addresses, *written, *_base64(encodable)}


def _base64(secret: str) -> Iterator[str]:
    """Yield how it reads within the base64 of any longer text, e.g. ``user:secret``.

    Base64 writes three bytes as four characters, so there are three ways, by what stands before;
    the characters at both ends that also depend on its neighbours are left out.
    """
    data = secret.encode()
    if len(data) > LONGEST_ENCODED:
        return
    for before in range(3):
        length = before + len(data)
        whole = length // 3 * 4 + (0, 1, 2)[length % 3]
        form = b64encode(b"\0" * before + data).decode()[(0, 2, 3)[before] : whole]
        if len(form) >= SHORTEST:
            yield from {form, form.replace("+", "-").replace("/", "_")}


#: Ends of our own addresses, and parts of anybody's query, that open something to whoever has them.
_IN_ADDRESS = re.compile(
    r"(?<=/hooks/)[\w-]{20,}|(?<=/welcome/)[\w-]{20,}"
    r"|(?<=[?&])((?:[a-z_]*(?:secret|token|password|key)|code|state|sig|signature)=)[^&\s'\"]+",
    re.IGNORECASE,
)


class RedactingFormatter(logging.Formatter):
    """Formats a log record, traceback included, without secrets.

    In addresses also those that nobody has registered: a link may be asked for while the database
    that knows it is away.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = redact(super().format(record))
        return _IN_ADDRESS.sub(lambda found: (found[1] or "") + HIDDEN, text)
