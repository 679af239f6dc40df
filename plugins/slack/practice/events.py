"""Events of the practice server: one Request URL, asked first, then sent signed requests.

Documented: three seconds to answer; then at once, after a minute and after five, numbered in
``X-Slack-Retry-Num``; ``X-Slack-No-Retry: 1`` in an answer ends that.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs

import httpx2

from engine.sdk import HookSender, is_https_or_loopback
from plugins.slack.practice.workspace import APP, TEAM, Row

#: Seconds before each further try.
WAITS = (0, 60, 300)
SECONDS_TO_ANSWER = 3

#: What an app subscribes to, and the event it is then told as.
NAMES = {
    "message.channels": ("message", "channel"),
    "message.groups": ("message", "group"),
    "message.im": ("message", "im"),
}


class Headers(Mapping[str, str]):
    """The headers of one event's tries: each is signed when it is sent, and says which it is."""

    def __init__(self, secret: str, body: bytes, clock: Callable[[], float]) -> None:
        self.tries, self.reason = 0, ""
        self._secret, self._body, self._clock = secret, body, clock

    def _made(self) -> dict[str, str]:
        at = str(int(self._clock()))
        signed = hmac.new(self._secret.encode(), f"v0:{at}:".encode() + self._body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={signed.hexdigest()}",
        }
        if self.tries:
            headers |= {"X-Slack-Retry-Num": str(self.tries), "X-Slack-Retry-Reason": self.reason}
        return headers

    def __getitem__(self, name: str) -> str:
        return self._made()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


@dataclass
class Events:
    """The app's one Request URL, and what it wants to be told.

    :param wanted: names of events, as the app's page lists them.
    :param twice: each event is sent under two event ids, as has happened (node-slack-sdk#2141).
    """

    secret: str
    clock: Callable[[], float]
    sender: HookSender
    url: str = ""
    verified: bool = False
    wanted: frozenset[str] = frozenset()
    twice: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)
    _made: int = 0

    def subscribe(self, url: str, wanted: Iterable[str]) -> None:
        """Enter a Request URL: it is asked, and told events once it has answered.

        :raises ValueError: nothing may be sent there.
        """
        if not is_https_or_loopback(url):
            raise ValueError("The Request URL must begin with https.")
        self.url, self.wanted, self.verified = url, frozenset(wanted), False
        challenge = secrets.token_urlsafe(30)
        asked = {"token": "practice", "challenge": challenge, "type": "url_verification"}

        def answered(answer: httpx2.Response | None) -> Literal["done", "again"]:
            self.verified = (
                answer is not None and answer.status_code == 200 and (challenge in _said(answer))
            )
            return "done"

        self._send(asked, answered)

    def tell(self, event: Row) -> None:
        """Send what happened, if the app wants to hear of it."""
        if not self.verified or not any(self._is(name, event) for name in self.wanted):
            return
        shown = {name: value for name, value in event.items() if name != "channel_type"}
        if event["type"] == "message":
            shown["channel_type"] = event.get("channel_type", "channel")
        for _ in range(2 if self.twice else 1):
            self._made += 1
            told = {
                "token": "practice",
                "team_id": TEAM["id"],
                "api_app_id": APP["app"],
                "event": shown,
                "type": "event_callback",
                "event_id": f"Ev0{self._made:08d}",
                "event_time": int(self.clock()),
                "authorizations": [{"team_id": TEAM["id"], "user_id": APP["user"], "is_bot": True}],
                "is_ext_shared_channel": False,
            }
            self.sent.append(told)
            self._send(told)

    def _is(self, name: str, event: Row) -> bool:
        kind, place = NAMES.get(name, (name, None))
        return event["type"] == kind and place in (None, event.get("channel_type", "channel"))

    def _send(
        self,
        told: Row,
        answered: Callable[[httpx2.Response | None], Literal["done", "again"]] | None = None,
    ) -> None:
        body = json.dumps(told).encode()
        headers = Headers(self.secret, body, self.clock)

        def usual(answer: httpx2.Response | None) -> Literal["done", "again"]:
            if answer is not None and answer.is_success:
                return "done"
            if answer is not None and answer.headers.get("X-Slack-No-Retry") == "1":
                return "done"
            headers.tries += 1
            headers.reason = "http_timeout" if answer is None else "http_error"
            return "again"

        self.sender.send(self.url, body, headers, answered or usual)


def sender(clock: Callable[[], float]) -> HookSender:
    return HookSender(WAITS, clock, timeout=SECONDS_TO_ANSWER)


def _said(answer: httpx2.Response) -> list[str]:
    """Return the challenge as an answer may hold it: as text, a form or JSON (documented)."""
    text = answer.text.strip()
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    as_json = [str(document.get("challenge"))] if isinstance(document, dict) else []
    return [text, *parse_qs(text).get("challenge", []), *as_json]
