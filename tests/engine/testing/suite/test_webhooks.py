"""The contract suite finds out what is wrong with a connector's webhook."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from engine.connector import Connector
from engine.sdk import (
    Context,
    Delivery,
    Hmac,
    HookReply,
    HookRequest,
    InputError,
    Subscription,
    json_response,
    route,
)
from engine.testing import connector_suite
from tests.engine.testing.suite.notes import ROWS, NotesServer, notes

SIGNED = Hmac(header="X-Notes-Sum")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


class Ringing(NotesServer):
    """Notes that tell of changes."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.hooks: dict[str, str] = {}

    @route("POST", "/v1/hooks")
    def add_hook(self, request: Request) -> Response:
        self.hooks["h1"] = request.get_json()["url"]
        return json_response({"id": "h1", "secret": "s3cret-of-the-hook"})

    @route("GET", "/v1/hooks")
    def list_hooks(self, request: Request) -> Response:
        return json_response({"hooks": [{"id": id, "url": url} for id, url in self.hooks.items()]})

    @route("GET", "/v1/hooks/<id>")
    def one_hook(self, request: Request, id: str) -> Response:
        return json_response({"id": id}, 200 if id in self.hooks else 404)

    @route("DELETE", "/v1/hooks/<id>")
    def end_hook(self, request: Request, id: str) -> Response:
        del self.hooks[id]
        return json_response({})


def deliveries(request: HookRequest) -> Iterator[Delivery]:
    body = request.json()
    if not isinstance(body, dict) or "note" not in body:
        raise InputError("It names no note.")
    yield Delivery(str(body["id"]), key=str(body["note"]))


def subscribe(ctx: Context, url: str) -> Subscription:
    made = ctx.http.post("hooks", json={"url": url}).json()
    return Subscription(made["id"], made["secret"], LATER)


def find(ctx: Context, url: str) -> Subscription | None:
    there = ctx.http.get("hooks").json()["hooks"]
    return next((Subscription(hook["id"]) for hook in there if hook["url"] == url), None)


def renew(ctx: Context, subscription: Subscription) -> Subscription:
    ctx.http.get(f"hooks/{subscription.id}")
    return Subscription(subscription.id, subscription.secret, LATER + timedelta(days=1))


def unsubscribe(ctx: Context, subscription: Subscription) -> None:
    ctx.http.delete(f"hooks/{subscription.id}")


GOOD: dict[str, Callable[..., Any] | None] = {
    "deliveries": deliveries,
    "subscribe": subscribe,
    "find": find,
    "renew": renew,
    "unsubscribe": unsubscribe,
}


def ringing(*, signature: Any = SIGNED, **spoilt: Callable[..., Any] | None) -> Connector:
    """Build the connector with a webhook, a part of which is replaced by something worse."""
    built = notes()
    hook = built.webhook(built.triggers["note_changed"].function, signature=signature)
    for name, part in {**GOOD, **spoilt}.items():
        if part is not None:
            getattr(hook, name)(part)
    built.practice(Ringing)
    return built


def said(built: Connector) -> list[str]:
    """Return what the checks of webhooks say."""
    suite: Any = connector_suite(built, rows=ROWS)
    found = []
    for name in (
        "test_unsigned_requests_are_refused",
        "test_nonsense_is_refused_in_words",
        "test_a_webhook_is_subscribed_found_renewed_and_ended",
    ):
        if getattr(suite(), name) is None:
            continue
        try:
            getattr(suite(), name)(built.triggers["note_changed"])
        except pytest.fail.Exception as failure:
            found.append(str(failure))
    return found


@pytest.mark.parametrize("signature", [SIGNED, None])
def test_a_good_webhook_passes(signature: Any) -> None:
    assert said(ringing(signature=signature)) == []


class Gullible:
    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        return "The secret is wrong." if secret else None


def careless(request: HookRequest) -> Iterator[Delivery]:
    yield Delivery("1", key=request.json()["note"])


def nameless(request: HookRequest) -> Iterator[Delivery]:
    yield Delivery("", key="n1")


def hasty(request: HookRequest, secret: str) -> HookReply:
    return HookReply(body=request.json()["challenge"])


def without_secret(ctx: Context, url: str) -> Subscription:
    return Subscription(subscribe(ctx, url).id)


def without_zone(ctx: Context, url: str) -> Subscription:
    return Subscription("h1", "s3cret", datetime(2027, 1, 1))


def refused(ctx: Context, url: str) -> Subscription:
    raise InputError("Notes takes no more webhooks.")


def blind(ctx: Context, url: str) -> Subscription | None:
    return None


def forever(ctx: Context, subscription: Subscription) -> Subscription:
    return subscription


def forgotten(ctx: Context, subscription: Subscription) -> None:
    pass


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"signature": Gullible()}, "takes a request without signature, while no secret is known"),
        ({"signature": None, "deliveries": careless}, "doesn't foresee the body b'null'"),
        ({"signature": None, "deliveries": nameless}, "yields a delivery without an id"),
        ({"handshake": hasty}, "doesn't foresee the body b'null'"),
        ({"subscribe": without_secret}, "Nobody tells the secret"),
        ({"subscribe": without_zone}, "without a time zone"),
        ({"subscribe": refused}, "failed: Notes takes no more webhooks."),
        ({"renew": None}, "ends, and nothing renews it"),
        ({"find": blind}, "was subscribed, and its find returned None"),
        ({"renew": forever}, "is gone, and renewing it raised nothing"),
        ({"unsubscribe": forgotten}, "was ended, and its find returned Subscription"),
    ],
)
def test_what_is_wrong_is_said(spoilt: dict[str, Any], words: str) -> None:
    (sentence,) = said(ringing(**spoilt))
    assert words in sentence
