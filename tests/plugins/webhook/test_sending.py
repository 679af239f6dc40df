"""Events go out signed, each with its own id; receivers' refusals are one sentence."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from engine.calls import call_single
from engine.errors import AuthError, ConnectorError, InputError, RetryableError, SetupError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.public import HOSTS_VARIABLE
from engine.http.sessions import no_connection, open_session
from engine.webhooks import HookRequest
from plugins.webhook import connector
from plugins.webhook.practice import PracticeReceiver
from plugins.webhook.practice.server import PLACE, SECRET
from plugins.webhook.sending import SIGNATURE

NOW = datetime.now(UTC)
ADDRESS = "https://receiver.example/in/abc?flow=1"


@pytest.fixture
def receiver() -> PracticeReceiver:
    return PracticeReceiver()


class Sender:
    """Sends events over a transport, with or without a connection."""

    def __init__(self, stack: ExitStack, transport: Any, settings: dict[str, str] | None) -> None:
        connection = no_connection(connector)
        if settings is not None:
            connection = new_connection(connector, "out", settings)
        retry = RetryPolicy(attempts=3, sleep=lambda _: None)
        session = open_session(connector, connection, transport=transport, retry=retry)
        http = HttpClient(stack.enter_context(session), keyed=True)
        self.context = context_for(connector, connection, http, NOW)

    def __call__(self, body: Any, key: str = "event-1", **given: Any) -> Any:
        context = replace(self.context, idempotency_key=key)
        return call_single(connector.actions["send"], context, {"body": body, **given})


@pytest.fixture
def sender() -> Iterator[Callable[..., Sender]]:
    with ExitStack() as stack:
        yield lambda transport, settings=None: Sender(stack, transport, settings)


@pytest.fixture
def practised(sender: Callable[..., Sender], receiver: PracticeReceiver) -> Sender:
    settings = {**receiver.credentials(), "base_url": "http://practice.test"}
    return sender(httpx2.WSGITransport(app=receiver), settings)


def answering(*answers: httpx2.Response) -> tuple[httpx2.MockTransport, list[httpx2.Request]]:
    seen: list[httpx2.Request] = []
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    return httpx2.MockTransport(answer), seen


def test_an_event_is_taken_and_its_repeat_is_dropped(
    practised: Sender, receiver: PracticeReceiver
) -> None:
    body = {"name": "Zoë", "total": 12.5, "lines": [{"n": 1}]}
    done = practised(body, event="order refused")
    assert done.record == {"id": "event-1", "status": 200, "answer": {"received": True}}
    practised(body)
    assert receiver.taken == {"event-1": {"event": "order refused", "body": body}}
    assert receiver.repeats == 1
    practised(body, key="event-2")
    assert len(receiver.taken) == 2


def test_the_signature_is_the_one_that_bridgework_itself_checks(sender) -> None:
    transport, seen = answering(httpx2.Response(204))
    done = sender(transport, {"address": ADDRESS, "secret": SECRET})({"a": "ü"})
    assert done.record == {"id": "event-1", "status": 204, "answer": None}
    [sent] = seen
    assert str(sent.url) == ADDRESS
    headers = {name.lower(): value for name, value in sent.headers.items()}
    request = HookRequest(method="POST", headers=headers, body=sent.read(), query={})
    assert SIGNATURE.refusal(request, SECRET, datetime.now(UTC)) is None
    assert SIGNATURE.refusal(request, "another-secret", datetime.now(UTC))
    assert json.loads(sent.content) == {"a": "ü"}


def test_without_a_connection_it_goes_unsigned_to_the_address_in_the_recipe(sender) -> None:
    transport, seen = answering(httpx2.Response(200, text="ok"))
    done = sender(transport)({"a": 1}, address="https://example.com/hook", event="new\nline é")
    assert done.record["answer"] == "ok"
    assert "X-Bridgework-Signature" not in seen[0].headers
    assert seen[0].headers["X-Bridgework-Event"] == "new line ?"
    assert seen[0].headers["X-Bridgework-Event-Id"] == "event-1"


def test_a_busy_receiver_is_tried_again_with_the_same_id(sender) -> None:
    answers = httpx2.Response(503), httpx2.Response(429), httpx2.Response(200)
    transport, seen = answering(*answers)
    sender(transport, {"address": ADDRESS, "secret": SECRET})({"a": 1})
    assert [one.headers["X-Bridgework-Event-Id"] for one in seen] == ["event-1"] * 3
    transport, seen = answering(httpx2.Response(500))
    with pytest.raises(RetryableError) as told:
        sender(transport, {"address": ADDRESS})({"a": 1})
    assert told.value.maybe_sent
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, AuthError, "does not take this for genuine (answer 401): No such list."),
        (404, InputError, "receives nothing at this address (answer 404)"),
        (410, InputError, "wants nothing more at this address (answer 410): No such list."),
        (422, InputError, "refused this (answer 422): No such list."),
        (302, ConnectorError, "says that this address has moved (answer 302)."),
    ],
)
def test_each_refusal_is_one_sentence_without_the_address(sender, status, kind, said) -> None:
    transport, seen = answering(httpx2.Response(status, json={"message": "No such list."}))
    with pytest.raises(kind) as told:
        sender(transport, {"address": ADDRESS, "secret": SECRET})({"a": 1})
    assert told.value.message.startswith(f"receiver.example {said}")
    assert "/in/abc" not in f"{told.value} {told.value.hint}"
    assert len(seen) == 1


def test_a_receiver_that_is_switched_off_rejects_the_record_with_the_reason(
    practised: Sender, receiver: PracticeReceiver
) -> None:
    receiver.edit("receiver", "", {"ended": True})
    with pytest.raises(InputError, match="The flow is switched off") as told:
        practised({"a": 1})
    assert told.value.code == "gone"


def test_a_wrong_secret_is_found_out(sender, receiver: PracticeReceiver) -> None:
    settings = {**receiver.credentials(), "secret": "wrong-secret-1", "base_url": "http://p.test"}
    with pytest.raises(AuthError, match="The signature is wrong"):
        sender(httpx2.WSGITransport(app=receiver), settings)({"a": 1})
    assert receiver.taken == {}


def test_nothing_says_where_it_goes(sender) -> None:
    transport, seen = answering(httpx2.Response(200))
    with pytest.raises(SetupError, match="Nothing says where this is posted"):
        sender(transport, {"secret": SECRET})({"a": 1})
    for wrong in (
        "example.com",
        "ftp://example.com",
        "https://user:pw-secret@example.com",
        "https://[",
    ):
        with pytest.raises(InputError) as told:
            sender(transport)({"a": 1}, address=wrong)
        assert "pw-secret" not in str(told.value)
    assert seen == []


def test_it_reaches_public_addresses_alone(sender, monkeypatch) -> None:
    for wrong in ("https://127.0.0.1/x", "https://169.254.169.254/x", "http://93.184.215.14/x"):
        # It may be the record's, and then the other records are sent all the same.
        with pytest.raises(InputError, match=r"private network|must begin with https") as told:
            sender(None)({"a": 1}, address=wrong)
        assert told.value.field == "address"
        with pytest.raises(SetupError, match=r"private network|must begin with https"):
            sender(None, {"address": wrong})({"a": 1})
    monkeypatch.setenv(HOSTS_VARIABLE, "127.0.0.1:9")
    with pytest.raises(RetryableError, match=r"can't be reached at 127\.0\.0\.1:9"):
        sender(None)({"a": 1}, address="http://127.0.0.1:9/x")


def test_the_address_and_the_secret_are_secrets_of_the_connection() -> None:
    made = new_connection(connector, "out", PracticeReceiver().credentials())
    assert set(made.secrets) == {"address", "secret"}
    assert PLACE not in str(made.settings)
