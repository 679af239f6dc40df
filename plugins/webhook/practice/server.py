"""A receiver as docs/rest-hooks.md tells people to write one."""

import hmac
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.sdk import PracticeServer, Request, Response, json_response, route

SECRET = "practice-webhook-secret-3fd0"  # noqa: S105 - everybody may know it
PLACE = "practice-receiver-71c2ab90d4"
#: Seconds that a signature is good for.
TOLERANCE = 300


class PracticeReceiver(PracticeServer):
    """Takes events that are genuine, each once.

    :ivar taken: the events it took, by their id.
    :ivar ended: it answers 410 from now on.
    """

    name: ClassVar[str] = "webhook"

    def __init__(self, seed: int = 1, **options: Any) -> None:
        super().__init__(seed, **options)
        self.taken: dict[str, dict[str, Any]] = {}
        self.repeats = 0
        self.ended = False

    def credentials(self) -> dict[str, Any]:
        return {"address": f"https://receiver.example/in/{PLACE}", "secret": SECRET}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {"events": [{"id": id, **event} for id, event in self.taken.items()]}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """End the receiver, or let it begin again: ``{"kind": "receiver", …, {"ended": true}}``."""
        if kind != "receiver":
            raise KeyError(kind)
        self.ended = bool(changes["ended"])
        return {"ended": self.ended}

    @route("POST", f"/in/{PLACE}")
    def receive(self, request: Request) -> Response:
        event = request.get_json()
        if why := event.get("refuse"):
            return json_response({"error": str(why)}, 422)
        id = request.headers.get("X-Bridgework-Event-Id", "")
        if id in self.taken:
            self.repeats += 1
        else:
            about = request.headers.get("X-Bridgework-Event", "")
            self.taken[id] = {"event": about, "body": event}
        return json_response({"received": True})

    def refusal(self, request: Request) -> Response | None:
        """Take only what is signed, and just now."""
        if self.ended:
            return json_response({"message": "The flow is switched off"}, 410)
        stamp = request.headers.get("X-Bridgework-Timestamp", "")
        if not stamp.isdecimal() or abs(int(stamp) - self.clock()) > TOLERANCE:
            return json_response({"error": "It is not signed just now"}, 401)
        signed = f"{stamp}.".encode() + request.get_data()
        expected = hmac.new(SECRET.encode(), signed, "sha256").hexdigest()
        shown = request.headers.get("X-Bridgework-Signature", "")
        if not hmac.compare_digest(f"v1={expected}", shown):
            return json_response({"error": "The signature is wrong"}, 401)
        return None
