"""The bell: a vendor with webhooks, its practice server, and the connector to it.

It signs what it sends, shakes hands when it is subscribed, lets subscriptions end after three days,
and forgets them where a test says so. Its second trigger takes JSON that anyone posts.
"""

import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from werkzeug.wrappers import Request, Response

from engine.sdk import (
    ApiKey,
    Connector,
    Context,
    Delivery,
    Handshake,
    Hmac,
    HookReply,
    HookRequest,
    InputError,
    PracticeServer,
    Record,
    Subscription,
    json_response,
    route,
)
from engine.store.connections import Connection

KEY = "bell-key-51c0"
RING = {"id": "1", "door": "front", "at": "2026-11-24T20:30:00+00:00"}
LIFE = timedelta(days=3)


class Bell(PracticeServer):
    """Keeps rings and subscriptions, and sends to whoever subscribed.

    :param send: delivers a POST of ``(url, headers, body)``, e.g. to an application in memory.
    """

    name = "bell"

    def __init__(self, send: Callable[[str, dict[str, str], bytes], int] | None = None) -> None:
        super().__init__()
        self.send = send
        self.rings: dict[str, Record] = {}
        self.hooks: dict[str, Record] = {}
        self.made = 0
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        #: Called in the middle of subscribing, when the subscription is made but not answered.
        self.before_answer: Callable[[], None] = lambda: None

    def ring(self, id: str, **fields: Any) -> Record:
        self.rings[id] = {**RING, "id": id, **fields}
        return self.rings[id]

    @route("GET", "/me")
    def me(self, request: Request) -> Response:
        return json_response({"name": "The Bell"})

    @route("GET", "/rings")
    def list_rings(self, request: Request) -> Response:
        return json_response({"rings": list(self.rings.values())})

    @route("GET", "/rings/<id>")
    def get_ring(self, request: Request, id: str) -> Response:
        found = self.rings.get(id)
        return json_response({"error": "no such ring"}, 404) if not found else json_response(found)

    @route("POST", "/hooks")
    def subscribe(self, request: Request) -> Response:
        self.made += 1
        id = f"H{self.made}"
        url, door = request.get_json()["url"], request.get_json()["door"]
        secret = f"bell-secret-{id}"
        if self.send is not None:
            status = self.send(url, {"X-Hook-Secret": secret}, b'{"hook": "new"}')
            if status != 200:
                return json_response({"error": f"the address answered {status}"}, 422)
        expires_at = (self.now() + LIFE).isoformat()
        self.hooks[id] = {"id": id, "url": url, "door": door, "secret": secret, "until": expires_at}
        self.before_answer()
        return json_response({"id": id, "until": expires_at})

    @route("GET", "/hooks")
    def find_hook(self, request: Request) -> Response:
        url = request.args["url"]
        return json_response({"hooks": [h for h in self.hooks.values() if h["url"] == url]})

    @route("PATCH", "/hooks/<id>")
    def renew(self, request: Request, id: str) -> Response:
        if id not in self.hooks:
            return json_response({"error": "no such hook"}, 404)
        self.hooks[id]["until"] = (self.now() + LIFE).isoformat()
        return json_response(self.hooks[id])

    @route("DELETE", "/hooks/<id>")
    def unsubscribe(self, request: Request, id: str) -> Response:
        found = self.hooks.pop(id, None)
        return json_response({}, 404 if found is None else 200)


def events(*rings: str, event: str = "rung") -> bytes:
    """Return the body that tells of rings, each an event of its own."""
    return json.dumps(
        {"events": [{"id": f"e-{r}", "ring": r, "kind": event} for r in rings]}
    ).encode()


def signed(body: bytes, secret: str) -> dict[str, str]:
    return {"X-Bell-Signature": hmac.digest(secret.encode(), body, "sha256").hex()}


def bell_account() -> Connection:
    return Connection(name="bell", connector="bell", secrets={"api_key": KEY})


def bell_connector(*, finds: bool = True) -> Connector:
    """Return the connector; without ``finds`` the vendor can't be asked for its subscriptions."""
    connector = Connector(
        name="bell", title="The Bell", auth=ApiKey(header="X-Key"), base_url="https://bell.test"
    )

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    def fetch_ring(ctx: Context, key: str) -> Record | None:
        try:
            found: Record = ctx.http.get(f"/rings/{key}").json()
        except InputError as error:
            if error.code == "not_found":
                return None
            raise
        if found.get("door") == "broken":
            raise KeyError("a defect of this connector")
        return found

    @connector.trigger("Rung", key="id", cursor="at", noun="ring", sample=RING, fetch=fetch_ring)
    def rung(ctx: Context, since: datetime | None, door: str = "") -> Iterator[Record]:
        """Start with each ring at the door."""
        for ring in ctx.http.get("/rings").json()["rings"]:
            if since is None or datetime.fromisoformat(ring["at"]) >= since:
                yield ring

    hook = connector.webhook(rung, signature=Hmac(header="X-Bell-Signature"))

    @hook.handshake
    def shake(request: HookRequest, secret: str) -> HookReply | Handshake | None:
        if given := request.headers.get("x-hook-secret"):
            return Handshake(given, HookReply(headers={"X-Hook-Secret": given}))
        if b"url_verification" in request.body:
            return HookReply(body=request.json()["challenge"])
        return None

    @hook.deliveries
    def deliveries(request: HookRequest) -> Iterator[Delivery]:
        for event in request.json()["events"]:
            yield Delivery(event["id"], key=event["ring"], event=event["kind"])

    @hook.wanted
    def wanted(record: Record, door: str = "") -> bool:
        return not door or record["door"] == door

    @hook.subscribe
    def subscribe(ctx: Context, url: str, door: str = "") -> Subscription:
        made = ctx.http.post("/hooks", json={"url": url, "door": door}).json()
        return Subscription(made["id"], expires_at=datetime.fromisoformat(made["until"]))

    @hook.renew
    def renew(ctx: Context, subscription: Subscription) -> Subscription:
        made = ctx.http.patch(f"/hooks/{subscription.id}").json()
        return Subscription(made["id"], expires_at=datetime.fromisoformat(made["until"]))

    @hook.unsubscribe
    def unsubscribe(ctx: Context, subscription: Subscription) -> None:
        ctx.http.delete(f"/hooks/{subscription.id}")

    if finds:

        @hook.find
        def find(ctx: Context, url: str) -> Subscription | None:
            found = ctx.http.get("/hooks", params={"url": url}).json()["hooks"]
            return Subscription(found[0]["id"], found[0]["secret"]) if found else None

    @connector.trigger(
        "Posted", key="id", label="title", noun="message", sample={"id": "1", "title": "A"}
    )
    def posted(ctx: Context) -> Iterator[Record]:
        """Start with each message that someone posts."""
        yield from ()

    open_hook = connector.webhook(posted, instructions="Post JSON to this address.")

    @open_hook.deliveries
    def messages(request: HookRequest) -> Iterator[Delivery]:
        message = request.json()
        if message == "crash":
            raise KeyError("a defect of this connector")
        if message == "key":
            yield Delivery("d", key="1")
        else:
            yield Delivery(request.headers.get("x-delivery") or str(message["id"]), record=message)

    return connector


class BellLine(httpx2.WSGITransport):
    """The line to the bell."""

    def __init__(self, bell: Bell) -> None:
        super().__init__(app=bell)
