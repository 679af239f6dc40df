"""Slack and webhooks: what is posted, and what their answers mean."""

import hashlib
import hmac
import itertools
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from engine.errors import DeliveryError, SetupError
from engine.http.urls import host_of
from engine.loopback import on_loopback
from engine.notices.message import Message
from engine.notices.posting import check_url, post, slack_text
from engine.store.notice_channels import Channel

MESSAGE = Message(
    id="notice-7",
    kind="connection_broke",
    about="connection:clio",
    subject="Reconnect Clio <now>",
    body="Clio no longer accepts the log-in & 2 recipes wait.",
    link="https://bridge.firm.example/connections/#clio",
    at=datetime(2026, 11, 24, 20, 30, tzinfo=UTC),
)
KEY = "sign-with-this-4471"


def slack(receiver) -> Channel:
    secrets = {"url": receiver.url}
    return Channel(id=3, name="chat", kind="slack", place=host_of(receiver.url), secrets=secrets)


def webhook(receiver) -> Channel:
    secrets = {"url": receiver.url, "key": KEY}
    return Channel(id=4, name="hook", kind="webhook", place=host_of(receiver.url), secrets=secrets)


def test_slack_gets_a_text_in_its_own_markup(receiver) -> None:
    post(slack(receiver), MESSAGE)
    [(headers, body)] = receiver.got
    assert headers["CONTENT_TYPE"] == "application/json"
    assert json.loads(body) == {
        "text": ":red_circle: *Reconnect Clio &lt;now&gt;*\n"
        "Clio no longer accepts the log-in &amp; 2 recipes wait.\n"
        "<https://bridge.firm.example/connections/#clio|See it in Bridgework>"
    }


def test_a_long_text_ends_with_a_line(receiver) -> None:
    body = "\n".join(f"Line {number} of many." for number in range(500))
    text = slack_text(Message(**{**vars(MESSAGE), "body": body, "link": ""}))
    assert len(text) < 3200
    assert text.endswith(" of many.\n…")


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        ("400 Bad Request", "invalid_payload", "Slack could not read the message."),
        ("403 Forbidden", "action_prohibited", "Slack doesn't let this webhook post"),
        ("404 Not Found", "channel_not_found", "The channel of this webhook is gone"),
        ("404 Not Found", "no_service", "This webhook was removed in Slack."),
        ("410 Gone", "channel_is_archived", "The channel of this webhook is archived"),
    ],
)
def test_slack_s_refusals_are_told_in_words_and_final(receiver, status, said, message) -> None:
    receiver.will_answer(status, said)
    with pytest.raises(DeliveryError, match=message) as caught:
        post(slack(receiver), MESSAGE)
    assert caught.value.permanent


def test_a_page_that_isn_t_slack_s_is_no_success(receiver) -> None:
    receiver.will_answer("200 OK", "<html>Welcome</html>")
    with pytest.raises(DeliveryError, match="not as its webhooks do: “<html>Welcome</html>”") as e:
        post(slack(receiver), MESSAGE)
    assert not e.value.permanent


@pytest.mark.parametrize("make", [slack, webhook])
@pytest.mark.parametrize(
    ("status", "after"), [("429 Too Many Requests", 30.0), ("503 Service Unavailable", None)]
)
def test_who_is_busy_is_asked_again_later(receiver, make, status: str, after: float) -> None:
    receiver.will_answer(status, **({"Retry_After": "30"} if after else {}))
    with pytest.raises(DeliveryError, match="too busy just now") as caught:
        post(make(receiver), MESSAGE)
    assert (caught.value.permanent, caught.value.after) == (False, after)


def test_a_webhook_gets_signed_json(receiver) -> None:
    post(webhook(receiver), MESSAGE)
    [(headers, body)] = receiver.got
    assert json.loads(body) == {
        "id": "notice-7",
        "kind": "connection_broke",
        "about": "connection:clio",
        "subject": "Reconnect Clio <now>",
        "body": "Clio no longer accepts the log-in & 2 recipes wait.",
        "link": "https://bridge.firm.example/connections/#clio",
        "at": "2026-11-24T20:30:00+00:00",
    }
    assert headers["X_BRIDGEWORK_DELIVERY"] == "notice-7"
    at = headers["X_BRIDGEWORK_TIMESTAMP"]
    expected = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X_BRIDGEWORK_SIGNATURE"] == f"v1={expected}"
    assert abs(int(at) - time.time()) < 60


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("404 Not Found", False), ("401 Unauthorized", False), ("410 Gone", True)],
)
def test_a_webhook_that_refuses_is_tried_again_unless_it_is_gone(
    receiver, status: str, permanent: bool
) -> None:
    receiver.will_answer(status, "no such hook")
    with pytest.raises(DeliveryError, match=f"answered {status[:3]}: “no such hook”") as caught:
        post(webhook(receiver), MESSAGE)
    assert caught.value.permanent is permanent


def test_nothing_is_sent_on_to_another_address(receiver) -> None:
    receiver.will_answer("302 Found", Location="https://elsewhere.example/")
    with pytest.raises(DeliveryError, match="sends on to another address"):
        post(webhook(receiver), MESSAGE)
    assert len(receiver.got) == 1


def test_who_can_t_be_reached_is_told_without_the_secret_address(store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/services/hush5hush5"
    channel = Channel(id=3, name="chat", kind="slack", place=host_of(url), secrets={"url": url})
    with pytest.raises(DeliveryError, match="can't be reached: ") as caught:
        post(channel, MESSAGE)
    assert "hush5hush5" not in str(caught.value)
    assert "hush5hush5" not in repr(channel)


@pytest.mark.parametrize(
    "url", ["hooks.slack.com/services", "ftp://a.example", "https://", "http://[x"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="no web address"):
        check_url(url)


def test_notices_don_t_travel_in_the_open() -> None:
    with pytest.raises(SetupError, match="isn't encrypted"):
        check_url("http://hooks.firm.example/x")
    assert check_url(" http://127.0.0.1:8000/x ") == "http://127.0.0.1:8000/x"
    assert check_url("https://hooks.firm.example/x") == "https://hooks.firm.example/x"


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    told = itertools.count()

    def endless(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("404 Not Found", [("Content-Type", "text/plain")])
        for _ in zip(range(3000), told, strict=False):
            yield b"no " * 20_000

    with on_loopback(endless) as url:
        channel = Channel(id=4, name="hook", kind="webhook", place="x", secrets={"url": url})
        with pytest.raises(DeliveryError, match="answered 404: “no no"):
            post(channel, MESSAGE)
    assert next(told) < 1500
