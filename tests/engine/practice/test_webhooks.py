"""Webhooks of practice servers: sent over HTTP, in order, tried again by the server's clock."""

import threading
from typing import Any

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.loopback import on_loopback
from engine.practice.webhooks import HookSender, is_https_or_loopback

WAITS = (60, 120)


class Clock:
    def __init__(self) -> None:
        self.now = 1_763_990_000.0

    def __call__(self) -> float:
        return self.now


class Receiver(httpx2.BaseTransport):
    """Takes what is sent to it; answers with each of ``statuses`` in turn, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.bodies.append(request.read())
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise httpx2.ConnectError("nobody there", request=request)
        return httpx2.Response(status)


def test_what_is_sent_arrives_over_http_with_its_body_and_headers() -> None:
    arrived: list[Any] = []

    @Request.application
    def app(request: Request) -> Response:
        arrived.append((request.path, request.get_data(), request.headers["X-Sum"]))
        return Response("ok")

    sender = HookSender(WAITS)
    with on_loopback(app) as url:
        sender.send(f"{url}/hooks/a", b"one", {"X-Sum": "1"})
        sender.send(f"{url}/hooks/a", b"two", {"X-Sum": "2"})
        assert sender.wait_until_idle()
    assert arrived == [("/hooks/a", b"one", "1"), ("/hooks/a", b"two", "2")]
    assert [entry["status"] for entry in sender.log] == [200, 200]


def test_what_is_not_taken_is_tried_again_when_the_clock_says_so() -> None:
    clock, receiver = Clock(), Receiver(500, 0)
    sender = HookSender(WAITS, clock, transport=receiver)
    sender.send("https://app.example/h", b"x", {})
    for seconds, tries in ((0, 1), (59, 1), (1, 2), (119, 2), (1, 3), (9999, 3)):
        clock.now += seconds
        assert sender.wait_until_idle()
        assert len(receiver.bodies) == tries
    assert [entry["status"] for entry in sender.log] == [500, None, 200]


def test_after_its_last_try_it_gives_up_and_says_so() -> None:
    clock, given_up = Clock(), threading.Event()
    receiver = Receiver(*[503] * 9)
    sender = HookSender(WAITS, clock, transport=receiver)
    sender.send("https://app.example/h", b"x", {}, gave_up=given_up.set)
    for _ in range(5):
        assert sender.wait_until_idle()
        clock.now += 1000
    assert given_up.is_set()
    assert len(receiver.bodies) == 3


def test_its_thread_ends_when_there_is_nothing_to_send() -> None:
    others = set(threading.enumerate())  # other tests' servers may still wait to try again
    sender = HookSender(WAITS, transport=Receiver())
    sender.send("https://app.example/h", b"x", {})
    assert sender.wait_until_idle()
    mine = set(threading.enumerate()) - others
    for thread in mine:
        thread.join(5)
    assert not any(thread.is_alive() for thread in mine)
    sender.send("https://app.example/h", b"y", {})
    assert sender.wait_until_idle()
    assert len(sender.log) == 2


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://bridge.example/hooks/1", True),
        ("http://127.0.0.1:8080/hooks/1", True),
        ("http://localhost/hooks/1", True),
        ("http://[::1]:8080/", True),
        ("http://bridge.example/hooks/1", False),
        ("http://10.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("https:///hooks", False),
        ("hooks", False),
    ],
)
def test_it_sends_to_https_and_to_this_machine_alone(url: str, may: bool) -> None:
    assert is_https_or_loopback(url) is may
