"""What went over the line: requests and answers as an author may look at them, without secrets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from engine.http.bodies import UNBOUND
from engine.redaction import HIDDEN, redact, redact_within

#: Bytes of a body that are kept.
LARGEST_BODY = 256_000
#: Words in the names of headers and fields whose values are never shown.
SECRET_WORDS = frozenset(
    {"authorization", "cookie", "token", "secret", "password", "passwd", "apikey", "signature"}
    | {"credential", "credentials", "jwt"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    :param sent: the body that was sent: JSON, else text; None without.
    :param answer: the body that came back, likewise; None while none did.
    :param status: of the answer; 0: none came.
    :param size: of the answer, in bytes.
    """

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = ()
    sent: Any = None
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    answer: Any = None
    size: int = 0


@dataclass
class Exchanges:
    """Keeps what a client sends and gets; see :func:`listening`.

    :param clean: takes secrets out of values; more than ``redact_within`` where more is to go.
    """

    clean: Callable[[Any], Any] = redact_within
    made: list[Exchange] = field(default_factory=list)

    def listen(self, client: httpx2.Client) -> None:
        """Keep every exchange of ``client`` from now on."""
        hooks = client.event_hooks
        client.event_hooks = {**hooks, "response": [*hooks.get("response", []), self._answered]}

    def _answered(self, response: httpx2.Response) -> None:
        request = response.request
        is_file = UNBOUND in request.extensions
        body = b"" if is_file else response.read()
        self.made.append(
            Exchange(
                request.method,
                redact(str(request.url)),
                _headers(request.headers),
                self._body(request.headers, b"" if is_file else _sent(request)),
                response.status_code,
                _headers(response.headers),
                "(a file)" if is_file else self._body(response.headers, body),
                len(body),
            )
        )

    def _body(self, headers: httpx2.Headers, data: bytes) -> Any:
        if not data:
            return None
        if len(data) > LARGEST_BODY and "json" not in headers.get("Content-Type", ""):
            return f"({len(data):,} bytes)"
        try:
            return self.clean(without_secrets(orjson.loads(data)))
        except orjson.JSONDecodeError:
            pass
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return f"({len(data):,} bytes that are no text)"
        return self.clean(_FIELD.sub(lambda found: f"{found[1]}{HIDDEN}", text))


#: A form's field, or an address's, by whose name one knows that its value is secret.
_FIELD = re.compile(
    r"((?:^|[?&])[\w.\[\]-]*(?:secret|token|password|key|code|assertion)[\w\]]*=)[^&\s]+",
    re.IGNORECASE,
)


def _sent(request: httpx2.Request) -> bytes:
    try:
        return request.content
    except httpx2.RequestNotRead:  # it was sent in pieces
        return b"(sent in pieces)"


def _headers(headers: httpx2.Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, HIDDEN if sounds_secret(name) else redact(value)) for name, value in headers.items()
    )


def without_secrets(value: Any) -> Any:
    """Return a JSON value with what its fields' names say is secret covered."""
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _covered(item) if sounds_secret(name) else without_secrets(item)
        for name, item in value.items()
    }


def _covered(value: Any) -> Any:
    """Return the value of a secret field, or of one that holds several, without a text of it."""
    if isinstance(value, dict):
        return {name: _covered(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_covered(one) for one in value]
    return HIDDEN if isinstance(value, str) and value else value


def sounds_secret(name: str) -> bool:
    """Say whether a header or field of this name holds what opens something."""
    words = {word.lower() for word in _WORD.findall(name)}
    words |= {word.removesuffix("s") for word in words}
    if words & {"next", "page", "continuation", "cursor"}:  # where a list goes on opens nothing
        return False
    return bool(words & SECRET_WORDS) or {"api", "key"} <= words
