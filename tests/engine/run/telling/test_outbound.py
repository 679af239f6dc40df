"""The outbox: sent signed and in order, tried again for a day, ended by 410."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from werkzeug.wrappers import Request, Response

from engine.http.outward import ALLOW_VARIABLE
from engine.loopback import on_loopback
from engine.run.telling.outbound import CLAIMED_FOR, send_due
from engine.signatures import OURS
from engine.store import outbound
from engine.store import outbox as outgoing
from engine.store.api_tokens import list_tokens, make_token
from engine.store.notices import list_notices
from engine.store.outbound import Subscriber
from engine.store.tables import outbox, subscriptions
from engine.webhooks import HookRequest

URL = "https://hooks.example/catch/1"


@pytest.fixture(autouse=True)
def _private_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "1")


def answered(status: int, headers: dict[str, str] | None = None) -> httpx2.Response:
    """Return an answer whose body is still to be read, as from a network."""
    return httpx2.Response(status, headers=headers, content=iter([b"ok"]))


class Receiver(httpx2.BaseTransport):
    """Takes what it is sent; answers with each of ``statuses`` in turn, then 200."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.got: list[httpx2.Request] = []
        self.lock = threading.Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        with self.lock:
            self.got.append(request)
            status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise httpx2.ConnectError("nobody there", request=request)
        return answered(status, self.headers)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content)["n"] for request in self.got]


def subscribe(store: Any, clock: Any, *, url: str = URL, **values: Any) -> Subscriber:
    if not list_tokens(store):
        make_token(store, "Zapier", "admin@firm.example", clock())
    given = {"event": "run.finished", "recipe": "", **values}
    subscriber, _ = outbound.subscribe(
        store,
        token_id=list_tokens(store)[0].id,
        target=url,
        host="hooks.example",
        now=clock(),
        **given,
    )
    return subscriber


def post(store: Any, clock: Any, subscriber: Subscriber, *numbers: int) -> None:
    events = [(f"event-{n}", json.dumps({"n": n})) for n in numbers]
    with store.writing() as connection:
        outgoing.post(connection, events, [subscriber.id], clock())


def waiting(store: Any) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(outbox.c.id)).all())


def now_of(store: Any, subscriber: Subscriber) -> Subscriber:
    found = outbound.get_subscriber(store, subscriber.id)
    assert found is not None
    return found


def test_events_are_sent_in_order_each_with_its_id_and_a_signature(store, clock) -> None:
    subscriber, receiver = subscribe(store, clock), Receiver()
    post(store, clock, subscriber, *range(25))
    send_due(store, clock, receiver)
    assert receiver.bodies == list(range(25))
    assert waiting(store) == 0
    request = receiver.got[7]
    assert request.headers["X-Bridgework-Event-Id"] == "event-7"
    assert request.headers["X-Bridgework-Event"] == "run.finished"
    assert request.headers["Content-Type"] == "application/json"
    headers = {name.lower(): value for name, value in request.headers.items()}
    got = HookRequest("POST", headers, {}, request.content)
    assert OURS.refusal(got, subscriber.secret, clock()) is None
    assert OURS.refusal(got, "another", clock()) is not None
    assert OURS.refusal(got, subscriber.secret, clock() + timedelta(minutes=6)) is not None
    assert now_of(store, subscriber).sent_at == clock()


def test_it_arrives_over_real_http(store, clock) -> None:
    arrived: list[bytes] = []

    @Request.application
    def app(request: Request) -> Response:
        arrived.append(request.get_data())
        return Response(status=204)

    with on_loopback(app) as url:
        subscriber = subscribe(store, clock, url=f"{url}/catch")
        post(store, clock, subscriber, 1, 2)
        send_due(store, clock)
    assert arrived == [b'{"n": 1}', b'{"n": 2}']


def test_410_ends_the_subscription_and_what_was_still_to_be_sent(store, clock) -> None:
    subscriber, receiver = subscribe(store, clock), Receiver(200, 410)
    post(store, clock, subscriber, 1, 2, 3)
    send_due(store, clock, receiver)
    assert receiver.bodies == [1, 2]
    assert outbound.get_subscriber(store, subscriber.id) is None
    assert waiting(store) == 0


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, "answered 500"), (404, "answered 404"), (302, "answered 302"), (0, "can't be reached")],
)
def test_what_is_not_taken_is_tried_again_later_in_order_with_the_same_id(
    store, clock, status: int, said: str
) -> None:
    subscriber, receiver = subscribe(store, clock), Receiver(status)
    post(store, clock, subscriber, 1, 2)
    send_due(store, clock, receiver)
    assert receiver.bodies == [1]
    told = now_of(store, subscriber)
    assert said in told.problem
    assert (told.state, told.failures, told.waiting) == ("active", 1, 2)
    send_due(store, clock, receiver)  # too early
    assert receiver.bodies == [1]
    clock.pass_by(seconds=13)
    send_due(store, clock, receiver)
    assert receiver.bodies == [1, 1, 2]
    ids = [request.headers["X-Bridgework-Event-Id"] for request in receiver.got]
    assert ids == ["event-1", "event-1", "event-2"]
    told = now_of(store, subscriber)
    assert (told.problem, told.failures, told.failing_since, told.waiting) == ("", 0, None, 0)


def test_after_a_day_of_failing_a_subscription_is_broken_and_what_waits_is_dropped(
    store, clock
) -> None:
    subscriber, receiver = subscribe(store, clock), Receiver(*[503] * 200)
    post(store, clock, subscriber, 1, 2)
    began = clock()
    waits: list[float] = []
    while (told := now_of(store, subscriber)).state == "active":
        if told.retry_at is not None:
            waits.append((told.retry_at - clock()).total_seconds())
            clock.now = told.retry_at
        send_due(store, clock, receiver)
    assert timedelta(days=1) <= clock() - began < timedelta(days=1, hours=2)
    assert 8 <= waits[0] <= 12
    assert waits[1] > waits[0]
    assert all(2880 <= wait <= 4320 for wait in waits[10:])
    assert set(receiver.bodies) == {1}
    assert waiting(store) == 0
    [notice] = list_notices(store)
    assert notice.stands
    assert (notice.kind, notice.link) == ("webhook_broke", "/other-systems/")
    assert "hooks.example" in notice.subject
    assert "answered 503" in notice.body
    post(store, clock, subscriber, 3)
    send_due(store, clock, receiver)
    assert 3 not in receiver.bodies
    assert outbound.try_again(store, subscriber.id)
    receiver.statuses = []
    send_due(store, clock, receiver)
    assert receiver.bodies[-1] == 3
    assert now_of(store, subscriber).state == "active"
    assert not list_notices(store)[0].stands


def test_who_asks_for_time_gets_it(store, clock) -> None:
    subscriber = subscribe(store, clock)
    receiver = Receiver(429, headers={"Retry-After": "600"})
    post(store, clock, subscriber, 1)
    send_due(store, clock, receiver)
    assert now_of(store, subscriber).retry_at == clock() + timedelta(seconds=600)
    clock.pass_by(days=1)
    receiver.statuses, receiver.headers = [503], {"Retry-After": "99999"}
    send_due(store, clock, receiver)
    told = now_of(store, subscriber)
    assert told.state == "broken" or told.retry_at <= clock() + timedelta(hours=1)  # no longer


def test_a_subscriber_that_fails_does_not_hold_up_another(store, clock) -> None:
    bad = subscribe(store, clock)
    good = subscribe(store, clock, url="https://hooks.example/catch/2")
    post(store, clock, bad, 1)
    post(store, clock, good, 2)

    class Choosy(Receiver):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = super().handle_request(request)
            return answered(500) if request.url.path.endswith("/1") else answer

    receiver = Choosy()
    send_due(store, clock, receiver)
    assert sorted(receiver.bodies) == [1, 2]
    assert now_of(store, bad).waiting == 1
    assert now_of(store, good).waiting == 0


def test_what_a_dead_process_claimed_is_sent_by_another_once_the_claim_runs_out(
    store, clock
) -> None:
    subscriber, receiver = subscribe(store, clock), Receiver()
    post(store, clock, subscriber, 1)
    assert outgoing.claim(store, subscriber.id, 10, clock(), CLAIMED_FOR)
    send_due(store, clock, receiver)
    assert receiver.got == []
    clock.pass_by(seconds=CLAIMED_FOR.total_seconds())
    send_due(store, clock, receiver)
    assert receiver.bodies == [1]


def test_a_sender_that_is_killed_loses_nothing_and_repeats_one_event_at_most(store, clock) -> None:
    arrived: list[str] = []
    ten = threading.Event()

    @Request.application
    def app(request: Request) -> Response:
        arrived.append(request.headers["X-Bridgework-Event-Id"])
        if len(arrived) == 10:
            ten.set()
            threading.Event().wait(0.2)  # it is killed while it waits for this answer
        return Response("ok")

    with on_loopback(app) as url:
        subscriber = subscribe(store, clock, url=f"{url}/catch")
        post(store, clock, subscriber, *range(30))
        program = (
            "import sys; from pathlib import Path\n"
            "from engine.run.telling.outbound import send_due\n"
            "from engine.store.database import open_store\n"
            "send_due(open_store(Path(sys.argv[1])))\n"
        )
        with subprocess.Popen([sys.executable, "-c", program, str(store.home)]) as sender:
            assert ten.wait(30)
            sender.kill()
        later = datetime.now(UTC) + CLAIMED_FOR
        send_due(store, lambda: later)
    assert list(dict.fromkeys(arrived)) == [f"event-{n}" for n in range(30)]
    assert len(arrived) <= 31
    assert waiting(store) == 0


def test_two_processes_never_claim_the_same_event(store, clock) -> None:
    subscriber = subscribe(store, clock)
    post(store, clock, subscriber, *range(40))
    claimed: list[int] = []
    start = threading.Barrier(4)

    def worker() -> None:
        start.wait(10)
        for _ in range(8):
            letters = outgoing.claim(store, subscriber.id, 10, clock(), CLAIMED_FOR)
            claimed.extend(letter.id for letter in letters)
            outbound.note_sent(store, subscriber, [letter.id for letter in letters], clock())

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(claimed) == len(set(claimed)) == 40


def test_the_same_subscription_asked_for_twice_is_one_and_is_tried_anew(store, clock) -> None:
    first = subscribe(store, clock)
    other = subscribe(store, clock, recipe="parcels")
    assert first.id != other.id
    with store.writing() as connection:
        connection.execute(update(subscriptions).values(state="broken", problem="It answered 500."))
    again = subscribe(store, clock)
    assert (again.id, again.secret, again.state, again.problem) == (
        first.id,
        first.secret,
        "active",
        "",
    )
    assert len(outbound.list_subscribers(store)) == 2


def test_neither_address_nor_secret_is_readable_in_the_database(store, clock) -> None:
    subscriber = subscribe(store, clock)
    with store.reading() as connection:
        [row] = connection.execute(select(subscriptions)).all()
    assert "catch/1" not in repr(row)
    assert subscriber.secret not in repr(row)
    assert "catch/1" not in repr(subscriber)
    assert subscriber.secret not in repr(subscriber)


def test_events_written_while_their_subscriber_left_are_swept(store, clock) -> None:
    subscriber = subscribe(store, clock)
    assert outbound.unsubscribe(store, subscriber.id)
    post(store, clock, subscriber, 1)  # a run that had looked before
    send_due(store, clock, Receiver())
    assert waiting(store) == 1
    outgoing.sweep(store)
    assert waiting(store) == 0
    assert not outbound.unsubscribe(store, subscriber.id)


def test_a_target_that_leads_inside_by_now_is_not_sent_to(
    store, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber, receiver = subscribe(store, clock, url="https://127.0.0.1/x"), Receiver()
    monkeypatch.delenv(ALLOW_VARIABLE)
    post(store, clock, subscriber, 1)
    send_due(store, clock, receiver)
    assert receiver.got == []
    assert "private network" in now_of(store, subscriber).problem


def test_a_huge_answer_is_not_read_to_its_end(store, clock) -> None:
    read: list[int] = []

    class Endless(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            def parts() -> Iterator[bytes]:
                for n in range(10_000):
                    read.append(n)
                    yield b"x" * 10_000

            return httpx2.Response(200, content=parts())

    subscriber = subscribe(store, clock)
    post(store, clock, subscriber, 1)
    send_due(store, clock, Endless())
    assert len(read) < 20
    assert waiting(store) == 0
