"""A pretend Zap that uses Bridgework's API as Zapier's platform does with an app's definition.

Switched on it subscribes, switched off it unsubscribes and its address answers 410; an action asks
for the recipes of a picker, for a recipe's fields, and starts it. Tests run it against the real API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from plugins.zapier.practice.server import ACCOUNT, PracticeZapier


class Send(Protocol):
    """Sends a request to Bridgework: returns status, headers and the JSON of the answer."""

    def __call__(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], Any]: ...


class ExpiredAuth(Exception):
    """The API answered 401: Zapier asks its user to connect again."""


class Throttled(Exception):
    """The API answered 429.

    :param after: the seconds after which Zapier tries again.
    """

    def __init__(self, after: float) -> None:
        self.after = after
        super().__init__(f"{after:g} seconds")


class Failed(Exception):
    """The step failed with these words."""


@dataclass
class Zap:
    """One Zap with Bridgework's app.

    :param address: where the practice server is reached.
    :param subscribed: what the API answered when it was subscribed (Zapier's ``subscribeData``).
    """

    zapier: PracticeZapier
    address: str
    send: Send
    name: str = "zap1"
    subscribed: dict[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return f"{self.address}/hooks/standard/{ACCOUNT}/{self.name}/"

    def test_connection(self) -> str:
        """Return the label of the connection."""
        return str(self.ask("GET", "/api/me")["name"])

    def turn_on(self, event: str, recipe: str = "") -> None:
        """Subscribe."""
        body = {"targetUrl": self.target, "event": event, "recipe": recipe}
        self.zapier.zaps[self.name] = []
        self.subscribed = self.ask("POST", "/api/hooks", body)

    def turn_off(self) -> None:
        """Unsubscribe; what is sent from now on is answered 410."""
        del self.zapier.zaps[self.name]
        self.ask("DELETE", f"/api/hooks/{self.subscribed['id']}")

    def forget(self) -> None:
        """Vanish without a word, as a Zap does whose unsubscribing failed."""
        del self.zapier.zaps[self.name]

    def received(self) -> list[dict[str, Any]]:
        """Return what was sent to it."""
        return self.zapier.zaps[self.name]

    def choices(self, path: str) -> list[tuple[str, str]]:
        """Return what a dynamic dropdown offers: each item needs an id and a name."""
        return [(str(item["id"]), str(item["name"])) for item in self.ask("GET", path)]

    def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> Any:
        """Send a request and read its answer as Zapier's platform does.

        :raises ExpiredAuth, Throttled, Failed: for 401, 429 and any other refusal.
        """
        status, headers, answer = self.send(method, path, body, query)
        if status == 401:
            raise ExpiredAuth
        if status == 429:
            raise Throttled(float(headers["Retry-After"]))
        if status >= 400:
            raise Failed(f"{answer['error']} {answer.get('hint', '')}".strip())
        return answer
