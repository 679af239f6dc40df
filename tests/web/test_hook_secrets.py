"""Webhooks whose secret a person copies into the connection: Slack's events as the vendor sends them."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from flask.testing import FlaskClient

from engine.host import build_host
from engine.recipe.library import Library
from engine.sdk import (
    Connector,
    Context,
    Delivery,
    Field,
    HookReply,
    HookRequest,
    Record,
    SlackSignature,
    TypedDict,
    hookimpl,
)
from engine.store import hooks
from engine.store.connections import Connection, remove_connection, save_connection
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hooks import Hook, want_hook
from web import create_app

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Settings(TypedDict):
    signing_secret: Annotated[str, Field("Signing secret", secret=True)]


def chat() -> Connector:
    connector = Connector(name="chat", title="Chat", settings=Settings)

    @connector.trigger("Message", key="ts", sample={"ts": "1", "text": "Hello"})
    def message(ctx: Context) -> Iterator[Record]:
        """Start with each message."""
        yield from ()

    hook = connector.webhook(
        message,
        signature=SlackSignature(),
        secret_setting="signing_secret",
        instructions="Paste it.",
    )

    @hook.handshake
    def challenge(request: HookRequest, secret: str) -> HookReply | None:
        asked = request.json() if request.body else {}
        return HookReply(body=asked["challenge"]) if "challenge" in asked else None

    @hook.deliveries
    def messages(request: HookRequest) -> Iterator[Delivery]:
        told = request.json()
        yield Delivery(told["event_id"], record=told["event"], event=told["event"]["type"])

    return connector


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [chat()]

    save_connection(
        store, Connection(name="chat", connector="chat", secrets={"signing_secret": SECRET})
    )
    return create_app(store, build_host([Plugin()], strict=True), library).test_client()


@pytest.fixture
def hook(store: Store) -> Hook:
    found = want_hook(
        store,
        recipe="answers",
        connection="chat",
        trigger="chat.message",
        parameters={},
        now=datetime.now(UTC),
    )
    hooks.note_ready(store, found, {})
    return found


def sent(client: FlaskClient, hook: Hook, body: Any, *, ago: int = 0, secret: str = SECRET) -> Any:

    raw, stamp = json.dumps(body).encode(), str(int(time.time()) - ago)
    sum_ = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={sum_}"}
    return client.post(f"/hooks/{hook.token}", data=raw, headers=headers)


EVENT = {"event_id": "Ev1", "event": {"type": "message", "ts": "17.1", "text": "Hello"}}


def test_slacks_challenge_and_its_retried_event(
    client: FlaskClient, store: Store, hook: Hook
) -> None:
    asked = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY"}
    assert sent(client, hook, asked).text == asked["challenge"]
    for _ in range(3):  # Slack tries again when an answer is late
        assert sent(client, hook, EVENT).status_code == 200
    (kept,) = list_deliveries(store)
    assert (kept.delivery_id, kept.event) == ("Ev1", "message")


def test_an_old_or_wrongly_signed_event_is_refused(
    client: FlaskClient, store: Store, hook: Hook
) -> None:
    assert sent(client, hook, EVENT, ago=600).status_code == 401
    assert sent(client, hook, EVENT, secret="guessed").status_code == 401
    remove_connection(store, "chat")
    assert sent(client, hook, EVENT).status_code == 401  # no secret is known any more
    assert list_deliveries(store) == []
    found = hooks.get_hook(store, hook.id)
    assert found is not None
    assert found.refused == 3
