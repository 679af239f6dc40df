"""A practice Segment: the HTTP Tracking API, true to what is documented of its silence.

Nearly everything is answered with 200, and much of it dropped nevertheless: read :attr:`dropped`.
The facts are of segmentio/segment-docs; bodies of answers are taken from other people's code.
"""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.sdk import (
    HookSender,
    PracticeServer,
    Record,
    Request,
    RequestWindow,
    Response,
    json_response,
    route,
)

WRITE_KEY = "practice-segment-write-key"
SHARED_SECRET = "practice-segment-shared-secret"  # noqa: S105 - its spelling says that it opens nothing

KINDS = ("identify", "track", "page", "screen", "group", "alias")
HOSTS = {"us": "api.segment.io", "eu": "events.eu1.segmentapis.com"}

LARGEST_EVENT, LARGEST_BATCH, MOST_EVENTS = 32 * 1024, 500 * 1024, 2500

#: Seconds in which a message id is known again (documented: about a day).
KNOWN_FOR = 24 * 60 * 60

#: Seconds before each further try of a webhook; they come to four hours (the intervals are ours).
WAITS = (60, 300, 1200, 3600, 9240)


class PracticeSegment(PracticeServer):
    """One source in memory.

    :param region: of the workspace; what is sent to the other region's host vanishes.
    :param rate: requests a second, more are answered with 429; None: as many as come.
    """

    name: ClassVar[str] = "segment"

    def __init__(
        self, seed: int = 1, *, region: str = "us", rate: int | None = None, **options: Any
    ) -> None:
        super().__init__(seed, **options)
        self.region, self.rate = region, rate
        self.events: list[Record] = []
        self.dropped: list[Record] = []
        self.destinations: list[tuple[str, str]] = []
        self.sender = HookSender(WAITS, self.clock)
        self._seen: dict[str, float] = {}
        self._recent = RequestWindow(lambda: self.clock(), 1)
        self._given = 0

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        """Return the settings of a connection to this server."""
        return {
            "write_key": WRITE_KEY,
            "region": self.region,
            "source": "Harbor Law's website",
            "shared_secret": SHARED_SECRET,
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return what was taken, and what was dropped though it was answered with 200."""
        return {"events": self.events, "dropped": self.dropped}

    @route("POST", "/_practice/destination")
    def add_destination(self, request: Request) -> Response:
        """Take ``{"url": …}``: events are passed on to it from now on, as a webhook destination."""
        self.destinations.append((request.get_json()["url"], SHARED_SECRET))
        return json_response({"destinations": len(self.destinations)})

    # -- the tracking API ----------------------------------------------------------------------

    @route("POST", "/v1/batch")
    def batch(self, request: Request) -> Response:
        """Take up to 2,500 events; of more, none, with the same answer."""
        data = _body(request)
        body = _json(data)
        if len(data) > LARGEST_BATCH or not isinstance(body, dict):
            return _refused("Request body is too large or is no JSON.")
        batch = body.get("batch")
        if not isinstance(batch, list) or not all(isinstance(one, dict) for one in batch):
            return _refused("'batch' must be a list of events.")
        if any(_size(one) > LARGEST_EVENT for one in batch):
            return _refused("An event is larger than 32 KB.")
        key = _write_key(request, body)
        for one in batch:
            reason = "too_many_events" if len(batch) > MOST_EVENTS else ""
            self._take(one, str(one.get("type")), key, request.host, reason)
        return json_response({"success": True})

    @route("POST", "/v1/<kind>")
    def single(self, request: Request, kind: str) -> Response:
        """Take one event."""
        if kind not in KINDS:
            return self.not_found(request)
        data = _body(request)
        body = _json(data)
        if len(data) > LARGEST_EVENT or not isinstance(body, dict):
            return _refused("The event is larger than 32 KB or is no JSON.")
        self._take(body, kind, _write_key(request, body), request.host, "")
        return json_response({"success": True})

    def _take(self, event: Mapping[str, Any], kind: str, key: str, host: str, reason: str) -> None:
        """Keep an event or drop it; nobody is told which."""
        other = HOSTS["eu" if self.region == "us" else "us"]
        if key != WRITE_KEY:
            reason = reason or "unknown_write_key"
        elif host == other:
            reason = reason or "wrong_region"
        elif kind not in KINDS:
            reason = reason or "no_type"
        elif not event.get("userId") and not event.get("anonymousId"):
            reason = reason or "no_user_anon_id"
        elif kind == "track" and not event.get("event"):
            reason = reason or "no_event"
        id = str(event.get("messageId") or self._new_id())
        now = self.clock()
        if not reason and now - self._seen.get(id, -KNOWN_FOR) < KNOWN_FOR:
            reason = "duplicate"
        if reason:
            self.dropped.append({"reason": reason, "messageId": id})
            return
        self._seen[id] = now
        kept = {**event, "type": kind, "messageId": id}
        self.events.append(kept)
        self._pass_on(kept)

    def _pass_on(self, event: Record) -> None:
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        for url, secret in self.destinations:
            signature = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Segment.io/1.0",
                "X-Signature": signature,
            }
            self.sender.send(url, body, headers)

    def refusal(self, request: Request) -> Response | None:
        """Count a request; answer it where there were too many within the second."""
        if self.rate is None or not self._recent.wait(self.rate):
            return None
        headers = {"Retry-After": "1", "X-RateLimit-Reset": "1"}
        return json_response({"success": False, "message": "Too many requests"}, 429, headers)

    def _new_id(self) -> str:
        self._given += 1
        return f"api-{self._given}"


def _body(request: Request) -> bytes:
    data = request.get_data()
    return gzip.decompress(data) if request.headers.get("Content-Encoding") == "gzip" else data


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _size(event: Any) -> int:
    return len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())


def _write_key(request: Request, body: Mapping[str, Any]) -> str:
    """Return the key in the header, with the colon behind it, else in the body."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, colon, _ = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return ""
        return name if colon else ""
    return str(body.get("writeKey") or "")


def _refused(message: str) -> Response:
    return json_response({"success": False, "message": message}, 400)
