"""Events packed into requests that Segment takes whole: measured on the bytes that are really sent.

Sizes are documented; segment-analytics-python 2.4 counts a KB of an event as 1,024 bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.sdk import Accepted, Context, Record, Rejected, RemoteError, RowResult

#: Bytes of one event, and of one request, as the vendor gives them: 32 KB and 500 KB.
LARGEST_EVENT = 32 * 1024
LARGEST_REQUEST = 500_000

#: What stands around the events of a request.
HEAD, TAIL = b'{"batch":[', b"]}"

#: What a recipe calls the fields that Segment writes otherwise.
NAMES = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "group_id": "groupId",
    "previous_id": "previousId",
}

NOBODY = Rejected(
    "This event names nobody: it has neither a user id nor an anonymous id.",
    code="no_user_anon_id",
    field="user_id",
    hint="Segment would answer that all is well and drop it. Fill in `user_id` or `anonymous_id`.",
)


def send(ctx: Context, kind: str, rows: Sequence[Mapping[str, Any]]) -> list[RowResult]:
    """Send rows as events of one kind, in as few requests as they fit into; one result a row.

    Every event has the message id that its row has for good, so that Segment knows a repeat.
    """
    results: list[RowResult] = []
    packed: list[bytes] = []
    for row, key in zip(rows, ctx.idempotency_keys, strict=True):
        event = as_event(kind, row, key)
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        refused = refusal(event, body)
        if refused is None:
            packed.append(body)
            results.append(Accepted(_told(event), id=event["messageId"]))
        else:
            results.append(refused)
    for request in requests(packed):
        reply = ctx.http.post(
            "/batch", content=request, headers={"Content-Type": "application/json"}
        )
        _check(reply.content)
    return results


def as_event(kind: str, row: Mapping[str, Any], key: str) -> Record:
    """Return a row as Segment takes it."""
    event: Record = {"type": kind, "messageId": key}
    event |= {NAMES.get(name, name): value for name, value in row.items() if value is not None}
    if "timestamp" in event:
        moment = datetime.fromisoformat(event["timestamp"])
        event["timestamp"] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return event


def refusal(event: Record, body: bytes) -> Rejected | None:
    """Return why an event must not be sent; None where all is well."""
    if not event.get("userId") and not event.get("anonymousId"):
        return NOBODY
    if len(body) > LARGEST_EVENT:
        return Rejected(
            f"This event has {len(body):,} bytes, and Segment takes {LARGEST_EVENT:,} at most.",
            code="too_large",
            hint="Leave long texts and lists out of its traits or properties.",
        )
    return None


def requests(events: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the bodies of requests that hold all events, none larger than Segment takes."""
    batch: list[bytes] = []
    size = len(HEAD) + len(TAIL)
    for event in events:
        if batch and size + len(event) + 1 > LARGEST_REQUEST:
            yield HEAD + b",".join(batch) + TAIL
            batch, size = [], len(HEAD) + len(TAIL)
        batch.append(event)
        size += len(event) + 1
    if batch:
        yield HEAD + b",".join(batch) + TAIL


def _check(answer: bytes) -> None:
    """See whether an answer of a good status says that something went wrong.

    :raises RemoteError: it does.
    """
    try:
        reply = json.loads(answer)
    except ValueError:
        reply = None
    if not isinstance(reply, dict) or reply.get("success") is not True:
        raise RemoteError(
            "Segment answered a batch without saying that it took it.",
            hint="The same events are sent with the same message ids once more; none counts twice.",
        )


def _told(event: Record) -> Record:
    who = event.get("userId") or event.get("anonymousId")
    return {"id": event["messageId"], "type": event["type"], "who": str(who)}
