"""Segment's own Python client (segment-analytics-python) works unchanged with the practice server."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from segment.analytics.client import Client

from engine.loopback import on_loopback
from plugins.segment.practice.server import WRITE_KEY, PracticeSegment

Make = Callable[..., Client]


@pytest.fixture
def app() -> PracticeSegment:
    return PracticeSegment(seed=1)


@pytest.fixture
def url(app: PracticeSegment) -> Iterator[str]:
    with on_loopback(app) as address:
        yield address


@pytest.fixture
def make(url: str) -> Make:
    def client(**options: Any) -> Client:
        return Client(WRITE_KEY, host=url, max_retries=0, **{"sync_mode": True, **options})

    return client


def kinds(app: PracticeSegment) -> list[str]:
    return [one["type"] for one in app.events]


def test_every_call_arrives(make: Make, app: PracticeSegment) -> None:
    client = make()
    client.identify("user-17", {"email": "ada@mail.example"})
    client.track("user-17", "Matter Opened", {"area": "Family"})
    client.group("user-17", "firm-1", {"name": "Harbor Law"})
    client.page("user-17", "Site", "Intake", {"url": "https://harborlaw.example/"})
    client.screen("user-17", "App", "Start")
    client.alias("lead-17", "user-17")
    assert kinds(app) == ["identify", "track", "group", "page", "screen", "alias"]
    assert app.events[1]["properties"] == {"area": "Family"}
    assert app.events[2]["groupId"] == "firm-1"
    assert app.dropped == []


def test_events_are_queued_sent_in_batches_and_flushed(make: Make, app: PracticeSegment) -> None:
    client = make(sync_mode=False, upload_interval=0.05, upload_size=10)
    for number in range(25):
        client.track(f"user-{number}", "Form Sent")
    client.shutdown()
    assert len(app.events) == 25
    assert 3 <= len(app.requests) < 25


def test_a_zipped_body_is_taken(make: Make, app: PracticeSegment) -> None:
    make(gzip=True).track("user-17", "Form Sent")
    assert kinds(app) == ["track"]


def test_a_message_id_that_comes_twice_counts_once(make: Make, app: PracticeSegment) -> None:
    for _ in range(2):
        make().track("user-17", "Form Sent", message_id="the-same")
    assert len(app.events) == 1
    assert [one["reason"] for one in app.dropped] == ["duplicate"]


def test_a_wrong_key_is_answered_alike_and_nothing_is_kept(url: str, app: PracticeSegment) -> None:
    Client("wrong-key", host=url, sync_mode=True).track("user-17", "Form Sent")
    assert app.events == []
    assert [one["reason"] for one in app.dropped] == ["unknown_write_key"]


def test_what_is_too_large_is_an_error(url: str, app: PracticeSegment) -> None:
    event = {"userId": "a", "event": "X", "properties": {"text": "x" * 40_000}}
    auth = (WRITE_KEY, "")
    assert httpx2.post(f"{url}/v1/track", json=event, auth=auth).status_code == 400
    batch = {"batch": [{"type": "track", **event}]}
    assert httpx2.post(f"{url}/v1/batch", json=batch, auth=auth).status_code == 400
    assert httpx2.post(f"{url}/v1/batch", content=b"{", auth=auth).status_code == 400
    assert app.events == []


@pytest.mark.parametrize("kind", ["identify", "track", "page", "screen", "group", "alias"])
def test_each_kind_has_an_address_of_its_own(url: str, app: PracticeSegment, kind: str) -> None:
    event = {"userId": "a", "event": "X", "writeKey": WRITE_KEY}
    answer = httpx2.post(f"{url}/v1/{kind}", json=event)
    assert answer.json() == {"success": True}
    assert kinds(app) == [kind]
