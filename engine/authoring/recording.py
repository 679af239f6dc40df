"""Recordings: what a real account answered, without people and secrets, to be checked again offline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import orjson

from engine.auth import TokenAuth
from engine.authoring.exchanges import without_secrets
from engine.authoring.live import LiveCheck
from engine.authoring.live_looks import operations_of
from engine.authoring.pseudonyms import Pseudonyms
from engine.connector import Connector
from engine.errors import RemoteError, SetupError
from engine.fields import Record
from engine.http.settings import secret_settings
from engine.store.connections import Connection

FILE = "recording.json"
#: Headers of answers that say something to a connector.
KEPT_HEADERS = ("content-type", "retry-after", "etag")
#: Bytes of an answer that are kept.
LARGEST = 5_000_000
#: Stands for every secret setting where a recording answers.
STAND_IN = "recorded-nobodys-secret"


@dataclass(frozen=True)
class _Heard:
    """An exchange as it was; it never leaves the memory."""

    method: str
    url: str
    sent: bytes
    status: int
    headers: dict[str, str]
    answer: bytes


@dataclass
class Recorder:
    """Keeps what goes over the line of one connection; see :mod:`engine.authoring.pseudonyms`.

    :param origin: of the app.
    """

    live: LiveCheck
    origin: str
    heard: list[_Heard] = field(default_factory=list, repr=False)

    def listen(self, client: httpx2.Client) -> None:
        hooks = client.event_hooks
        client.event_hooks = {**hooks, "response": [*hooks.get("response", []), self._answered]}

    def _answered(self, response: httpx2.Response) -> None:
        request = response.request
        kept = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        sent = b"" if request.method == "GET" else request.content
        self.heard.append(
            _Heard(
                request.method, str(request.url), sent, response.status_code, kept, response.read()
            )
        )

    def save(self, folder: Path) -> Path:
        """Write the recording into ``folder``, without people and secrets; return its file.

        :raises SetupError: it can't be written.
        """
        live, file = self.live, folder / FILE
        names = Pseudonyms(self.origin, _named_by(live))
        settings = {k: v for k, v in live.connection.settings.items() if k != "base_url"}
        document = {
            "connector": live.connector.name,
            "now": live.now.isoformat(),
            "settings": names.value(settings),
            "values": {name: names.value(values) for name, values in live.values.items()},
        }
        bodies = [(_body(names, one.sent), _body(names, one.answer)) for one in self.heard]
        # Addresses last: what of them came out of an answer is known only now.
        document["exchanges"] = [
            {
                "method": one.method,
                "target": names.target(one.url),
                "sent": sent,
                "status": one.status,
                "headers": one.headers,
                "answer": answer,
            }
            for one, (sent, answer) in zip(self.heard, bodies, strict=True)
        ]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(document, ensure_ascii=False, indent=1)
            file.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise SetupError(f"'{file}' can't be written: {error.strerror or error}.") from error
        return file


def _body(names: Pseudonyms, data: bytes) -> Any:
    if not data or len(data) > LARGEST:
        return None
    try:
        return names.value(without_secrets(orjson.loads(data)))
    except orjson.JSONDecodeError:
        text = data.decode("utf-8", "replace")
        if "=" in text and "<" not in text[:200]:  # a form
            pairs = parse_qsl(text, keep_blank_values=True)
            return {name: names.text(value, name) for name, value in pairs}
        return names.text(text)


def _named_by(live: LiveCheck) -> set[str]:
    """Return the texts that a connector itself names: its fields, their choices and defaults."""
    found: set[str] = set()

    def look(schema: Any) -> None:
        if isinstance(schema, list):
            for one in schema:
                look(one)
        elif isinstance(schema, dict):
            named = [*schema.get("enum", ()), schema.get("const"), schema.get("default")]
            found.update(one for one in named if isinstance(one, str))
            if isinstance(schema.get("properties"), dict):
                found.update(schema["properties"])
            for part in schema.values():
                look(part)

    look(live.schemas)
    for operation in operations_of(live.connector):
        look([operation.inputs, operation.result])
    return found


def replayed(connector: Connector, folder: Path) -> tuple[LiveCheck, "Replay"]:
    """Return the checks that were recorded, and who answers them in the app's place.

    :raises SetupError: there is no recording of this connector.
    """
    try:
        document = orjson.loads((folder / FILE).read_bytes())
        name, now = document["connector"], datetime.fromisoformat(document["now"])
        exchanges: list[dict[str, Any]] = document["exchanges"]
        values: Mapping[str, Record] = document["values"]
        settings: Mapping[str, Any] = document["settings"]
    except OSError as error:
        raise SetupError(
            f"'{folder / FILE}' can't be read: {error.strerror or error}.",
            hint="`--record` makes one.",
        ) from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise SetupError(f"'{folder / FILE}' is no recording.", hint="Record it anew.") from error
    if name != connector.name:
        raise SetupError(f"'{folder / FILE}' is a recording of {name!r}.")
    return (
        LiveCheck(connector, _stand_in(connector, settings), values, now=now),
        Replay(exchanges),
    )


def _stand_in(connector: Connector, settings: Mapping[str, Any]) -> Connection:
    """Return a connection that looks like a real one: its secrets are the practice server's."""
    practice = connector.practice_function
    known = {} if practice is None else dict(practice(1).credentials())
    secrets = {name: known.get(name, STAND_IN) for name in secret_settings(connector)}
    public = {name: value for name, value in known.items() if name not in secrets}
    tokens = None
    if isinstance(connector.auth, TokenAuth):
        tokens = {"access_token": STAND_IN, "refresh_token": STAND_IN, "token_type": "Bearer"}
    return Connection(
        name="recorded",
        connector=connector.name,
        settings={**public, **settings},
        secrets=secrets,
        tokens=tokens,
    )


class Replay(httpx2.BaseTransport):
    """Answers requests as they were answered when they were recorded."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self._left = list(exchanges)
        self._used: list[dict[str, Any]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        found = self._find(request)
        if found is None:
            raise RemoteError(
                f"The recording has no answer to {request.method} {request.url.path}.",
                hint="The connector asks for something else than it did: record it anew.",
            )
        if found in self._left:
            self._left.remove(found)
            self._used.append(found)
        answer = found["answer"]
        body = b"" if answer is None else answer.encode() if isinstance(answer, str) else orjson.dumps(answer)  # fmt: skip
        return httpx2.Response(found["status"], headers=found["headers"], content=body)

    def _find(self, request: httpx2.Request) -> dict[str, Any] | None:
        """Return what was answered: to the same request, else to the next of the same path."""
        path = request.url.path
        query = sorted(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        like = [
            one
            for one in (*self._left, *self._used)
            if one["method"] == request.method and unquote(urlsplit(one["target"]).path) == path
        ]
        for one in like:
            asked = parse_qsl(urlsplit(one["target"]).query, keep_blank_values=True)
            if sorted(asked) == query:
                return one
        return like[0] if like else None
