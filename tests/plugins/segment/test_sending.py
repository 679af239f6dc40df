"""Events on their way to Segment: their shape, their sizes, and what is refused before it is sent."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import Context
from engine.errors import AuthError
from engine.practice.server import Fault
from engine.results import Accepted, Rejected
from plugins.segment.batches import LARGEST_EVENT, LARGEST_REQUEST, as_event, refusal, requests
from plugins.segment.connection import host, source
from plugins.segment.practice.server import PracticeSegment
from tests.conftest import Clock
from tests.plugins.segment.source import open_source, send

ADA = {"user_id": "user-17"}


def test_every_call_has_its_own_fields(ctx: Context, app: PracticeSegment) -> None:
    send(ctx, "identify", {**ADA, "traits": {"email": "ada@mail.example"}}, keys="a")
    send(
        ctx, "track", {"anonymous_id": "x", "event": "Form Sent", "properties": {"n": 1}}, keys="b"
    )
    send(ctx, "group", {**ADA, "group_id": "firm-1", "traits": {"name": "Harbor"}}, keys="c")
    send(ctx, "page", {**ADA, "name": "Intake", "context": {"ip": "203.0.113.7"}}, keys="d")
    send(ctx, "screen", {**ADA, "name": "Start", "integrations": {"All": False}}, keys="e")
    send(ctx, "alias", {**ADA, "previous_id": "lead-17"}, keys="f")
    assert app.events == [
        {"type": "identify", "messageId": "a-0", "userId": "user-17",
         "traits": {"email": "ada@mail.example"}},
        {"type": "track", "messageId": "b-0", "anonymousId": "x", "event": "Form Sent",
         "properties": {"n": 1}},
        {"type": "group", "messageId": "c-0", "userId": "user-17", "groupId": "firm-1",
         "traits": {"name": "Harbor"}},
        {"type": "page", "messageId": "d-0", "userId": "user-17", "name": "Intake",
         "context": {"ip": "203.0.113.7"}},
        {"type": "screen", "messageId": "e-0", "userId": "user-17", "name": "Start",
         "integrations": {"All": False}},
        {"type": "alias", "messageId": "f-0", "userId": "user-17", "previousId": "lead-17"},
    ]  # fmt: skip


def test_the_answer_of_a_row_is_known_by_its_message_id(ctx: Context) -> None:
    (result,) = send(ctx, "track", {**ADA, "event": "Matter Opened"})
    assert isinstance(result, Accepted)
    assert result.record == {"id": "key-0", "type": "track", "who": "user-17"}
    assert result.target_id == "key-0"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("2026-01-31T20:30:00", "2026-01-31T20:30:00+00:00"),
        ("2026-01-31T20:30:00-05:00", "2026-01-31T20:30:00-05:00"),
    ],
    ids=["without a zone", "with a zone"],
)
def test_times_are_sent_with_a_zone(written: str, sent: str) -> None:
    assert as_event("track", {**ADA, "timestamp": written}, "k")["timestamp"] == sent


def test_whoever_names_nobody_is_refused_and_the_others_are_sent(
    ctx: Context, app: PracticeSegment
) -> None:
    nobody, ada = send(ctx, "track", {"event": "X"}, {**ADA, "event": "X"})
    assert isinstance(nobody, Rejected)
    assert nobody.code == "no_user_anon_id"
    assert isinstance(ada, Accepted)
    assert [one["messageId"] for one in app.events] == ["key-1"]


def test_an_event_of_just_32_kb_goes_and_one_byte_more_does_not(
    ctx: Context, app: PracticeSegment
) -> None:
    empty = as_event("track", {**ADA, "event": "X", "properties": {"text": ""}}, "key-0")
    room = LARGEST_EVENT - len(json.dumps(empty, separators=(",", ":")).encode())
    rows = [{**ADA, "event": "X", "properties": {"text": "é" * (room // 2) + "x" * more}}
            for more in (room % 2, room % 2 + 1)]  # fmt: skip
    fits, larger = send(ctx, "track", *rows)
    assert isinstance(fits, Accepted)
    assert isinstance(larger, Rejected)
    assert larger.code == "too_large"
    assert f"{LARGEST_EVENT + 1:,} bytes" in larger.reason
    assert len(app.events) == 1


def test_nothing_is_sent_when_every_row_is_refused(ctx: Context, app: PracticeSegment) -> None:
    send(ctx, "track", {"event": "X"})
    assert app.requests == []


@given(st.lists(st.integers(1, LARGEST_EVENT), max_size=60))
def test_events_are_packed_in_order_into_requests_that_fit(sizes: list[int]) -> None:
    events = [b'"' + b"x" * max(0, size - 2) + b'"' for size in sizes]
    bodies = list(requests(events))
    assert all(len(body) <= LARGEST_REQUEST for body in bodies)
    assert [one.encode() for body in bodies for one in json.loads(body)["batch"]] == [
        event[1:-1] for event in events
    ]
    # No two neighbours would have fitted into one: no request is wasted.
    assert all(len(one) + len(other) > LARGEST_REQUEST for one, other in pairwise(bodies))


def test_the_write_key_is_the_user_name_and_the_colon_is_kept(
    ctx: Context, app: PracticeSegment
) -> None:
    send(ctx, "track", {**ADA, "event": "X"})
    assert len(app.events) == 1  # the practice server wants the colon
    assert "practice-segment-write-key" not in str(app.requests)


def test_each_region_has_its_host() -> None:
    assert host({}) == {"host": "api.segment.io"}
    assert host({"region": "eu"}) == {"host": "events.eu1.segmentapis.com"}


def test_a_connection_is_called_as_the_settings_say(ctx: Context, app: PracticeSegment) -> None:
    assert source(ctx) == "A source (US)"
    assert app.requests[0]["path"] == "/v1/batch"
    app.faults.append(Fault("/v1/batch", 1, 400, "{}"))
    assert source(ctx) == "A source (US)"  # it was reached, which is all that can be told
    app.faults.append(Fault("/v1/batch", 1, 401, "{}"))
    with pytest.raises(AuthError, match="did not accept the write key") as caught:
        source(ctx)
    assert "region" in caught.value.hint


def test_a_rate_limit_is_waited_for(clock: Clock) -> None:
    app = PracticeSegment(rate=1, clock=clock.seconds)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.pass_by(seconds=max(1, seconds))

    ctx = open_source(app)
    ctx.http.session.nap = sleep  # type: ignore[attr-defined]  # of Bridgework's own client
    results: list[Any] = []
    for number in range(2):
        results += send(ctx, "track", {**ADA, "event": "X"}, keys=f"k{number}")
    assert [type(one) for one in results] == [Accepted, Accepted]
    assert [one["status"] for one in app.requests] == [200, 429, 200]
    assert waited
    ctx.http.session.close()  # type: ignore[attr-defined]


def test_refusals_are_told_of_before_the_size_of_nobodys_event() -> None:
    event = as_event("track", {"event": "X"}, "k")
    found = refusal(event, b"x" * (LARGEST_EVENT + 1))
    assert found is not None
    assert found.code == "no_user_anon_id"
