"""Requests keep to what a connector declares and to what the vendor's answers say, together."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from engine.errors import BusyError, Interrupted, RetryableError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.sdk import (
    Connector,
    LimitHeaders,
    PracticeServer,
    Rate,
    json_response,
    route,
)
from engine.store.connections import Connection
from engine.store.workers import sign_in


class Kiosk(PracticeServer):
    """Answers with the headers and the status that a test sets, and counts who is inside."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: dict[str, str] = {}
        self.status = 200
        self.times: list[float] = []
        self.inside = self.most_inside = 0
        self.pause = 0.0
        self.counting = threading.Lock()

    def __call__(self, environ, start_response):
        with self.counting:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        time.sleep(self.pause)
        try:
            return super().__call__(environ, start_response)
        finally:
            with self.counting:
                self.inside -= 1

    @route("GET", "/papers")
    @route("POST", "/papers")
    def papers(self, request):
        self.times.append(self.clock())
        return json_response({}, self.status, headers=self.headers)


class Watch:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def kiosk(watch) -> Kiosk:
    server = Kiosk()
    server.clock = watch
    return server


@pytest.fixture
def line(store, kiosk, watch):
    """Return a function that opens a line to the kiosk as a worker would."""
    opened = []

    def line(*, stopping=None, patience=None, real_time=False, **declared) -> HttpClient:
        connector = Connector(
            name="kiosk", title="The Kiosk", base_url="https://kiosk.test", **declared
        )
        session = open_session(
            connector,
            Connection(name="kiosk", connector="kiosk"),
            store=store,
            transport=httpx2.WSGITransport(app=kiosk),
            retry=RetryPolicy() if real_time else RetryPolicy(sleep=watch.sleep),
            clock=time.time if real_time else watch,
            stopping=stopping,
        )
        opened.append(session)
        return HttpClient(session, patience=patience)

    yield line
    for session in opened:
        session.close()


FIVE = {"limits": (Rate(5, per=10),)}


# -- declared --------------------------------------------------------------------------------------


def test_a_declared_rate_is_kept_by_all_sessions_together(line, kiosk):
    lines = [line(**FIVE), line(**FIVE)]
    for n in range(12):
        lines[n % 2].get("/papers")
    windows = [sum(t <= other < t + 10 for other in kiosk.times) for t in kiosk.times]
    assert max(windows) == 5
    assert kiosk.times[-1] - kiosk.times[0] <= 22.1


def test_a_connector_without_limits_asks_no_database(line, store, kiosk, monkeypatch):
    client = line()
    monkeypatch.setattr(type(store), "writing", None)
    monkeypatch.setattr(type(store), "reading", None)
    for _ in range(20):
        client.get("/papers")
    assert client.session.budget is None


def test_a_fast_rate_costs_few_transactions(line, store, kiosk, monkeypatch):
    client = line(limits=(Rate(1000, per=1),))
    writes = []
    writing = type(store).writing
    monkeypatch.setattr(type(store), "writing", lambda self: writes.append(1) or writing(self))
    for _ in range(100):
        client.get("/papers")
    assert 1 <= len(writes) < 50


def test_no_more_requests_are_under_way_than_the_vendor_takes_at_once(line, kiosk):
    kiosk.pause = 0.02
    lines = [line(concurrency=3, real_time=True) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda c=client: [c.get("/papers") for _ in range(4)])
        for client in lines * 5
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kiosk.most_inside == 3
    assert len(kiosk.times) == 40


def test_workers_share_what_the_vendor_takes_at_once(line, store, kiosk):
    for _ in range(3):
        sign_in(store, serves=True)
    client = line(concurrency=10)
    budget = client.session.budget
    assert budget is not None
    assert budget._places(10) == 3
    budget._local.counted_at = float("-inf")
    for _ in range(20):
        sign_in(store, serves=True)
    assert budget._places(10) == 1  # never none


# -- told by answers -------------------------------------------------------------------------------


def test_when_nothing_remains_no_session_sends_before_the_reset(line, kiosk, watch):
    one, other = line(**FIVE), line(**FIVE)
    kiosk.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "42"}
    one.get("/papers")
    kiosk.headers = {}
    other.get("/papers")
    assert kiosk.times[1] - kiosk.times[0] == pytest.approx(42, abs=0.1)
    assert max(watch.naps) <= 1


def test_a_reset_told_as_a_time_is_read_by_the_vendors_own_clock(line, kiosk, watch):
    """Its clock is three hours ahead of ours."""
    vendor = datetime.fromtimestamp(watch.now, UTC) + timedelta(hours=3)
    kiosk.headers = {
        "Date": format_datetime(vendor),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(vendor.timestamp()) + 30),
    }
    client = line(**FIVE)
    client.get("/papers")
    kiosk.headers = {}
    client.get("/papers")
    assert kiosk.times[1] - kiosk.times[0] == pytest.approx(30, abs=1)


def test_a_vendors_own_header_names_are_read(line, kiosk):
    names = LimitHeaders(limit="Quota", remaining="Quota-Left", reset="Quota-Ends")
    client = line(limits=(Rate(2, per=10),), limit_headers=names)
    kiosk.headers = {"Quota": "6"}
    for _ in range(6):
        client.get("/papers")
    assert kiosk.times[-1] == kiosk.times[0]
    kiosk.headers = {"Quota": "6", "Quota-Left": "0", "Quota-Ends": "20"}
    client.get("/papers")
    client.get("/papers")
    assert kiosk.times[-1] - kiosk.times[-2] == pytest.approx(20, abs=0.1)


def test_retry_after_is_obeyed_by_every_session(line, kiosk, watch):
    one, other = line(**FIVE), line(**FIVE)
    one.get("/papers")
    kiosk.status, kiosk.headers = 429, {"Retry-After": "33"}

    def recover(seconds: float) -> None:
        Watch.sleep(watch, seconds)
        kiosk.status, kiosk.headers = 200, {}

    watch.sleep = recover
    one.session.retry = RetryPolicy(sleep=watch.sleep)
    one.get("/papers")
    assert kiosk.times[-1] - kiosk.times[0] == pytest.approx(33, abs=0.1)
    kiosk.status, kiosk.headers = 429, {"Retry-After": "20"}
    with pytest.raises(RetryableError):
        HttpClient(one.session, patience=5).post("/papers")
    kiosk.status, kiosk.headers = 200, {}
    other.get("/papers")  # it was never told by the kiosk itself


# -- waits that are too long, or cut short ---------------------------------------------------------


def test_a_wait_beyond_the_policy_says_until_when(line, kiosk, watch):
    client = line(**FIVE)
    kiosk.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "600"}
    client.get("/papers")
    with pytest.raises(BusyError) as failure:
        client.get("/papers")
    until = datetime.now(UTC) + timedelta(seconds=600)
    near = {f"{until + timedelta(minutes=n):%H:%M}" for n in (-1, 0, 1)}
    assert any(
        failure.value.message == f"The Kiosk takes no more requests until {t} UTC." for t in near
    )
    assert failure.value.after == pytest.approx(600)
    assert watch.naps == []
    assert len(kiosk.times) == 1


def test_a_refusal_for_longer_than_that_says_so_too_also_without_declared_limits(line, kiosk):
    kiosk.status, kiosk.headers = 429, {"Retry-After": "86400"}
    with pytest.raises(BusyError, match=r"until \d{4}-\d\d-\d\d \d\d:\d\d UTC"):
        line().post("/papers")
    assert len(kiosk.times) == 1


def test_a_connector_that_says_busy_ends_it_for_every_session_and_nothing_was_done(
    line, kiosk, watch
):
    kiosk.status = 403  # Salesforce's, for one: all of a day's requests are used
    client = line(**FIVE)
    client.session.connector.explain(lambda answer: BusyError("No papers today.", after=3600))
    with pytest.raises(BusyError, match="No papers today") as failure:
        client.post("/papers")
    assert not failure.value.maybe_sent
    with pytest.raises(BusyError, match="takes no more requests until"):
        line(**FIVE).get("/papers")
    assert watch.naps == []
    assert len(kiosk.times) == 1


def test_who_is_to_wait_as_long_as_it_takes_does(line, kiosk, watch):
    client = line(**FIVE, patience=float("inf"))
    kiosk.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3600"}
    client.get("/papers")
    kiosk.headers = {}
    client.get("/papers")
    assert kiosk.times[1] - kiosk.times[0] == pytest.approx(3600, abs=0.1)


def test_a_waiting_request_ends_within_a_second_when_the_run_is_stopped(line, kiosk):
    stop = threading.Event()
    client = line(**FIVE, stopping=stop.is_set, real_time=True)
    kiosk.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}
    client.get("/papers")
    threading.Timer(0.1, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        client.get("/papers")
    assert time.monotonic() - begun < 1.5
    assert len(kiosk.times) == 1


def test_so_does_one_that_waits_to_be_tried_again(line, kiosk):
    kiosk.status = 503
    kiosk.headers = {"Retry-After": "60"}
    stop = threading.Event()
    client = line(stopping=stop.is_set, real_time=True)
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Interrupted):
        client.get("/papers")
    assert len(kiosk.times) == 1
