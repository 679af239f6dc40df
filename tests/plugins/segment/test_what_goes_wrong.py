"""What people suffer from with Segment's API, one test each; the reports are named in apis.md §9."""

import json
from datetime import UTC, datetime

import httpx2
import pytest

from engine.context import Context
from engine.errors import InputError, RemoteError
from engine.practice.server import Fault
from engine.results import Accepted, Rejected
from plugins.segment.batches import LARGEST_REQUEST
from plugins.segment.calls import MOST_EVENTS
from plugins.segment.practice.server import WRITE_KEY, PracticeSegment
from tests.conftest import Clock
from tests.plugins.segment.source import open_source, reasons, send

ADA = {"user_id": "user-17"}
#: What takes more bytes as JSON than it has letters.
WIDE = {**ADA, "event": "X", "properties": {"text": '"é\n' * 5000}}


def test_1_batches_are_measured_on_the_bytes_that_are_really_sent(app: PracticeSegment) -> None:
    sizes: list[int] = []

    class Scales(httpx2.WSGITransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            sizes.append(len(request.read()))
            return super().handle_request(request)

    ctx = open_source(app, transport=Scales(app=app))
    results = send(ctx, "track", *[WIDE] * 40)
    assert all(isinstance(one, Accepted) for one in results)
    assert len(app.events) == 40
    assert len(sizes) > 1
    assert all(size <= LARGEST_REQUEST for size in sizes)


def test_1_an_event_over_32_kb_is_a_rejected_row_and_never_a_lost_batch(
    ctx: Context, app: PracticeSegment
) -> None:
    large = {**ADA, "event": "X", "properties": {"text": "x" * 40_000}}
    small = {**ADA, "event": "X"}
    first, refused, last = send(ctx, "track", small, large, small)
    assert isinstance(first, Accepted)
    assert isinstance(refused, Rejected)
    assert isinstance(last, Accepted)
    assert len(app.events) == 2


def test_1_a_batch_that_is_refused_as_too_large_is_told_in_words(
    ctx: Context, app: PracticeSegment
) -> None:
    app.faults.append(Fault("/v1/batch", 1, 400, '{"success": false}'))
    with pytest.raises(InputError, match="too large") as caught:  # the engine halves the batch
        send(ctx, "track", {**ADA, "event": "X"})
    assert caught.value.code == "refused"


def test_2_nothing_is_dropped_after_retries_an_outage_is_an_error(
    ctx: Context, app: PracticeSegment
) -> None:
    app.faults.append(Fault("/v1/batch", 99, 500))
    with pytest.raises(Exception, match="Segment"):
        send(ctx, "track", {**ADA, "event": "X"})
    assert app.events == []


def test_3_200_is_not_acceptance_so_no_request_holds_more_than_2500_events(
    ctx: Context, app: PracticeSegment
) -> None:
    events = [{"type": "track", "userId": "a", "event": "X"}] * (MOST_EVENTS + 1)
    answer = ctx.http.post("/batch", json={"batch": events})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert app.events == []
    assert set(reasons(app)) == {"too_many_events"}
    rows = [{**ADA, "event": "X"}] * MOST_EVENTS
    assert len(send(ctx, "track", *rows)) == MOST_EVENTS
    assert len(app.events) == MOST_EVENTS


def test_3_200_is_not_acceptance_so_nobodys_events_are_refused_here(
    ctx: Context, app: PracticeSegment
) -> None:
    ctx.http.post("/batch", json={"batch": [{"type": "track", "event": "X"}]})
    assert reasons(app) == ["no_user_anon_id"]
    (refused,) = send(ctx, "track", {"event": "X"})
    assert isinstance(refused, Rejected)
    assert "would answer that all is well and drop it" in refused.hint


def test_3_an_answer_that_does_not_say_success_is_no_success(
    ctx: Context, app: PracticeSegment
) -> None:
    app.faults.append(Fault("/v1/batch", 1, 200, '{"success": false}'))
    with pytest.raises(RemoteError, match="without saying that it took it"):
        send(ctx, "track", {**ADA, "event": "X"})


def test_3_the_wrong_region_answers_200_and_drops_everything(app: PracticeSegment) -> None:
    ctx = open_source(app, region="eu")
    send(ctx, "track", {**ADA, "event": "X"})
    assert reasons(app) == ["wrong_region"]
    ctx.http.session.close()  # type: ignore[attr-defined]


def test_4_an_event_whose_answer_was_lost_is_sent_again_and_counts_once(
    app: PracticeSegment,
) -> None:
    class Lost(httpx2.WSGITransport):
        lost = False

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = super().handle_request(request)
            if not self.lost:
                self.lost = True
                raise httpx2.ReadError("the line broke after the request")
            return answer

    ctx = open_source(app, transport=Lost(app=app))
    (result,) = send(ctx, "track", {**ADA, "event": "X"})
    assert isinstance(result, Accepted)
    assert len(app.events) == 1
    assert reasons(app) == ["duplicate"]


def test_4_a_later_retry_has_the_same_message_ids_and_counts_once(
    ctx: Context, app: PracticeSegment, clock: Clock
) -> None:
    rows = [{**ADA, "event": "X"}, {**ADA, "event": "Y"}]
    send(ctx, "track", *rows)
    clock.pass_by(hours=23)
    send(ctx, "track", *rows)
    assert len(app.events) == 2
    clock.pass_by(hours=2)
    send(ctx, "track", *rows)  # after a day Segment has forgotten them, and Bridgework doesn't send
    assert len(app.events) == 4


def test_4_message_ids_are_short_enough() -> None:
    from engine.testing.rig import key_of

    assert len(key_of({**WIDE, "at": datetime.now(UTC)})) < 100
    assert WRITE_KEY not in json.dumps(WIDE)
