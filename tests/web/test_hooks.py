"""The address of a webhook over real HTTP requests: stored before answered, and open to nobody else."""

import json
import logging
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.host import build_host
from engine.recipe.library import Library
from engine.redaction import RedactingFormatter
from engine.sdk import Connector, hookimpl
from engine.store import hooks
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hook_addresses import new_address
from engine.store.hooks import Hook, get_hook, want_hook
from tests.engine.run.bell import bell_connector, events, signed
from web import create_app

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
SECRET = "secret-of-the-bell"


@pytest.fixture
def app(store: Store, library: Library) -> Flask:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [bell_connector()]

    return create_app(store, build_host([Plugin()], strict=True), library)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def rung(store: Store) -> Hook:
    """A webhook whose requests are signed."""
    hook = made(store, "bell.rung")
    hooks.take_secret(store, hook, SECRET)
    return hook


@pytest.fixture
def posted(store: Store) -> Hook:
    """A webhook whose address is the only secret."""
    return made(store, "bell.posted")


def made(store: Store, trigger: str) -> Hook:
    hook = want_hook(
        store, recipe="visitors", connection="bell", trigger=trigger, parameters={}, now=NOW
    )
    hooks.note_ready(store, hook, {})
    return hook


def again(store: Store, hook: Hook) -> Hook:
    found = get_hook(store, hook.id)
    assert found is not None
    return found


def sent(client: FlaskClient, hook: Hook, body: bytes, **options: Any) -> Any:
    return client.post(f"/hooks/{hook.token}", data=body, **options)


def test_a_signed_delivery_is_stored_before_it_is_answered(
    client: FlaskClient, store: Store, rung: Hook
) -> None:
    body = events("7", "8")
    answer = sent(client, rung, body, headers=signed(body, SECRET))
    assert (answer.status_code, answer.data) == (200, b"")
    found = list_deliveries(store)
    assert [(one.delivery_id, one.key, one.event, one.state) for one in found] == [
        ("e-8", "8", "rung", "waiting"),
        ("e-7", "7", "rung", "waiting"),
    ]
    assert "Set-Cookie" not in answer.headers


def test_the_same_delivery_again_changes_nothing(
    client: FlaskClient, store: Store, rung: Hook
) -> None:
    body = events("7")
    for _ in range(3):
        assert sent(client, rung, body, headers=signed(body, SECRET)).status_code == 200
    assert len(list_deliveries(store)) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Bell-Signature": "0" * 64}])
def test_a_request_that_is_not_genuine_is_refused_and_counted(
    client: FlaskClient, store: Store, rung: Hook, headers: dict[str, str]
) -> None:
    answer = sent(client, rung, events("7"), headers=headers)
    assert (answer.status_code, answer.text) == (401, "This request was refused.\n")
    assert list_deliveries(store) == []
    found = again(store, rung)
    assert found.refused == 1
    assert found.refused_because


def test_the_signature_is_of_the_very_bytes_that_came(
    client: FlaskClient, store: Store, rung: Hook
) -> None:
    body = b'{ "events":[ {"kind":"rung","id":"e-1","ring":"1"} ] }\n'
    assert sent(client, rung, body, headers=signed(body, SECRET)).status_code == 200
    dense = json.dumps(json.loads(body)).encode()
    assert sent(client, rung, dense, headers=signed(body, SECRET)).status_code == 401


def test_a_handshake_brings_the_secret_once(client: FlaskClient, store: Store) -> None:
    hook = made(store, "bell.rung")
    body = events("7")
    assert sent(client, hook, body, headers=signed(body, "")).status_code == 401  # none known yet
    shaken = sent(client, hook, b"{}", headers={"X-Hook-Secret": "from-the-vendor"})
    assert (shaken.status_code, shaken.headers["X-Hook-Secret"]) == (200, "from-the-vendor")
    assert again(store, hook).secret == "from-the-vendor"
    forged = sent(client, hook, b"{}", headers={"X-Hook-Secret": "from-someone-else"})
    assert forged.status_code == 401
    assert "X-Hook-Secret" not in forged.headers
    assert sent(client, hook, body, headers=signed(body, "from-the-vendor")).status_code == 200


def test_a_challenge_is_answered_in_the_vendors_way(
    client: FlaskClient, store: Store, rung: Hook
) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "<b>3eZbrw1a</b>"}).encode()
    answer = sent(client, rung, body)
    assert (answer.status_code, answer.text) == (200, "<b>3eZbrw1a</b>")
    assert answer.mimetype == "text/plain"
    assert list_deliveries(store) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_vendor_may_look_whether_the_address_is_there(
    client: FlaskClient, store: Store, rung: Hook, method: str
) -> None:
    assert client.open(f"/hooks/{rung.token}", method=method).status_code == 200
    assert client.open("/hooks/" + "x" * 43, method=method).status_code == 404
    assert list_deliveries(store) == []


def test_any_system_may_post_json_to_an_open_webhook(
    client: FlaskClient, store: Store, posted: Hook
) -> None:
    assert (
        client.post(f"/hooks/{posted.token}", json={"id": 5, "title": "Hello"}).status_code == 200
    )
    assert [one.delivery_id for one in list_deliveries(store)] == ["5"]
    bad = sent(client, posted, b"title=Hello")
    assert (bad.status_code, bad.text) == (400, "The body of the webhook isn't JSON.\n")


@pytest.mark.parametrize(
    ("message", "problem"), [("crash", "did not foresee"), ("key", "needs a `fetch`")]
)
def test_what_a_connector_fails_to_read_is_kept_for_later(
    client: FlaskClient, store: Store, posted: Hook, message: str, problem: str
) -> None:
    assert client.post(f"/hooks/{posted.token}", json=message).status_code == 200
    (kept,) = list_deliveries(store)
    assert kept.state == "unreadable"
    assert problem in kept.problem


def test_an_unknown_address_is_not_found_and_a_closed_one_is_gone(
    client: FlaskClient, store: Store, rung: Hook
) -> None:
    assert client.post("/hooks/" + "x" * 43, json={}).status_code == 404
    old = rung.token
    new = new_address(store, rung, NOW)
    assert client.post(f"/hooks/{old}", json={}).status_code == 410
    hooks.close_hook(store, new)
    for method in ("GET", "POST"):
        assert client.open(f"/hooks/{new.token}", method=method).status_code == 410


def test_a_body_may_hold_a_mebibyte(app: Flask, store: Store, posted: Hook) -> None:
    client = app.test_client()

    def title(size: int) -> bytes:
        return b'{"id": 1, "title": "' + b"x" * (size - 22) + b'"}'

    assert sent(client, posted, title(1024 * 1024)).status_code == 200
    large = sent(client, posted, title(1024 * 1024 + 1))
    assert (large.status_code, large.mimetype) == (413, "text/plain")
    app.config["HOOK_MAX_BYTES"] = 100
    assert sent(client, posted, title(101)).status_code == 413
    assert len(list_deliveries(store)) == 1


def test_a_vendor_is_asked_to_come_back_while_the_connector_is_missing(
    store: Store, library: Library, rung: Hook
) -> None:
    client = create_app(store, build_host([]), library).test_client()
    assert sent(client, rung, b"{}").status_code == 503


def test_neither_address_nor_body_reach_the_log_even_when_storing_fails(
    client: FlaskClient, store: Store, posted: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(RedactingFormatter())
    with caplog.at_level(logging.DEBUG):
        client.post(f"/hooks/{posted.token}", json={"id": 1, "title": "Ada Lovelace"})
        with store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE deliveries")
        answer = client.post(f"/hooks/{posted.token}", json={"id": 2, "title": "Ada Lovelace"})
    assert answer.status_code == 500
    assert "no such table" in caplog.text
    assert posted.token not in caplog.text
    assert "Lovelace" not in caplog.text


def test_a_webhook_is_answered_fast(
    client: FlaskClient, store: Store, rung: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    took = []
    for n in range(200):
        body = events(str(n))
        headers = signed(body, SECRET)
        begun = time.perf_counter()
        assert sent(client, rung, body, headers=headers).status_code == 200
        took.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(took, n=100)
    with capsys.disabled():
        print(f"\nA webhook was answered in {cuts[49]:.1f} ms (median), {cuts[98]:.1f} ms (99 %).")
    assert cuts[49] < 50
