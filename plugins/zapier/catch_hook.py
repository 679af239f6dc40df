"""Zaps that begin with *Webhooks by Zapier, Catch Hook*: what is posted to their address.

The address is the only proof there is, so it is a secret of the connection. Zapier answers success
before the Zap has begun, and also while it is off (documented): success says that Zapier took it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
import orjson

from engine.sdk import (
    Accepted,
    ConnectorError,
    Context,
    Field,
    InputError,
    NotRequired,
    Record,
    RemoteError,
    RowResult,
    SetupError,
    TypedDict,
)

ORIGIN = "https://hooks.zapier.com"
#: How a catch hook's address looks (documented); without "silent", which an option adds.
PATH = re.compile(r"/hooks/catch/\d+/[A-Za-z0-9]+/?")

#: Bytes of a body that Zapier takes (documented).
LARGEST = 10_000_000
#: Messages sent as one array: few enough for any Zap, and far from the largest body.
AT_ONCE = 100

#: Where each message says which it is, so that a Zap can drop what it saw.
EVENT_ID = "event_id"


class Settings(TypedDict):
    """What a connection holds; recipes that only start from Zapier need none."""

    hook_url: NotRequired[
        Annotated[
            str,
            Field(
                "Address of the catch hook",
                "In Zapier: the Zap's trigger, Webhooks by Zapier, Catch Hook, its webhook URL.",
                secret=True,
            ),
        ]
    ]


Data = Annotated[
    dict[str, Any], Field("Data", "What the Zap is given, by name, such as `email: …`.")
]
Silent = Annotated[
    bool, Field("Silent", "Zapier answers without a word; nothing is known of it then but success.")
]


class Message(TypedDict):
    """One message of several."""

    data: Data


def known_hook(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Refuse an address that is no catch hook's before anything is sent there.

    :raises SetupError: it is another one.
    """
    given = str(settings.get("hook_url") or "").strip()
    if given:
        _path(given)
    return {}


def send_to_catch_hook(ctx: Context, data: Data, silent: Silent = False) -> Record:
    """Start a Zap that begins with a catch hook.

    Zapier answers success also while the Zap is off: then nothing happens, and nobody is told.
    With the data goes an `event_id`, unless there is one already: the same one if the same is sent
    once more, for Zapier doesn't drop what it got before.
    """
    event_id, body = _numbered(data, ctx.idempotency_key)
    return _answer(_post(ctx, body, silent), event_id, _is_silent(ctx, silent))


def send_many_to_catch_hook(
    ctx: Context, *, rows: list[Message], silent: Silent = False
) -> list[RowResult]:
    """Start a Zap once for each message, sent as one list, up to 100 at a time."""
    numbered = [
        _numbered(row["data"], key) for row, key in zip(rows, _keys(ctx, rows), strict=True)
    ]
    answer = _post(ctx, [body for _, body in numbered], silent)
    quiet = _is_silent(ctx, silent)
    return [Accepted(_answer(answer, id, quiet)) for id, _ in numbered]


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None leaves it to the engine."""
    match response.status_code:
        case 404 | 410:
            return RemoteError(
                "Zapier has no catch hook at this address.",
                hint="Copy the address from the Zap's trigger again.",
            )
        case 413:
            return _too_large()
    return None


def _keys(ctx: Context, rows: Sequence[Message]) -> Sequence[str]:
    return ctx.idempotency_keys or [""] * len(rows)


def _numbered(data: Mapping[str, Any], key: str) -> tuple[str, Record]:
    """Return a message with its event's id, and that id."""
    id = str(data.get(EVENT_ID) or key)
    return id, {**data, EVENT_ID: id} if id else dict(data)


def _post(ctx: Context, body: Any, silent: bool) -> httpx2.Response:
    given = ctx.secrets.get("hook_url", "")
    if not given:
        raise SetupError(
            "Nothing says to which catch hook this goes.",
            hint="Make a connection with the hook's address, and name it in the step: "
            "`connection: …`.",
        )
    content = orjson.dumps(body)
    if len(content) > LARGEST:
        raise _too_large()
    path = _path(given).rstrip("/") + ("/silent/" if _is_silent(ctx, silent) else "/")
    return ctx.http.post(path, content=content, headers={"Content-Type": "application/json"})


def _is_silent(ctx: Context, asked: bool) -> bool:
    return asked or ctx.secrets.get("hook_url", "").strip().rstrip("/").endswith("/silent")


def _answer(answer: httpx2.Response, event_id: str, silent: bool) -> Record:
    """Read Zapier's answer; a silent hook's is empty."""
    if silent:
        if answer.content.strip():
            raise _odd()
        return {"id": event_id or None, "event_id": event_id, "status": "success"}
    said = answer.json()
    if not isinstance(said, dict) or said.get("status") != "success":
        raise _odd()
    return {"id": said.get("id"), "event_id": event_id, "status": "success"}


def _path(url: str) -> str:
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/").removesuffix("/silent")
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN or not PATH.fullmatch(path):
        raise SetupError(
            "This is no address of a catch hook.",
            hint=f"It looks like {ORIGIN}/hooks/catch/1234567/abcdefg/ ; copy it whole.",
        )
    return path


def _odd() -> RemoteError:
    return RemoteError(
        "Zapier did not say that it took this.", hint="Look into the Zap's history before a retry."
    )


def _too_large() -> InputError:
    return InputError(
        "This is more than Zapier takes at once (10 MB).",
        hint="Send less, or links instead of files.",
        field="data",
        code="too_large",
    )
