"""What Zapier's users suffer from, one test each: what Bridgework makes of it, or can't.

Two more are in test_zaps, beside the API they are about: ids that apps must invent for updates, and
pages of a list that Zapier never reads.
"""

from dataclasses import replace
from typing import Any

import pytest

from engine.calls import call_batch
from engine.context import Context
from engine.errors import InputError, RemoteError, RetryableError
from engine.practice.server import Fault
from plugins.zapier.practice.server import PracticeZapier
from tests.plugins.zapier.hook import CONNECTOR, MANY, send

PATH = "/hooks/catch"


def test_a_dead_hook_answers_success_and_hides_the_loss(
    server: PracticeZapier, ctx: Context
) -> None:
    """Nothing can tell it from a living one; so it is written where people read it."""
    server.edit("hooks", "practice", {"on": False})
    assert send(ctx, {"name": "Ada"})["status"] == "success"
    assert (len(server.caught), len(server.lost)) == (0, 1)
    assert (
        "answers success also while the Zap is off" in CONNECTOR.actions["send_to_catch_hook"].help
    )


def test_what_is_sent_twice_can_be_told_by_its_event_id(
    server: PracticeZapier, ctx: Context
) -> None:
    send(ctx, {"name": "Ada"})
    send(ctx, {"name": "Ada"})
    assert [one["event_id"] for one in server.caught] == ["row-1", "row-1"]


def test_a_burst_over_the_limit_waits_and_is_not_lost(server: PracticeZapier, ctx: Context) -> None:
    server.per_second = 0
    with pytest.raises(RetryableError) as caught:
        send(ctx, {"name": "Ada"})
    assert not caught.value.maybe_sent
    server.per_second = 30
    send(ctx, {"name": "Ada"})
    assert len(server.caught) == 1


def test_a_burst_of_many_records_is_one_request(server: PracticeZapier, ctx: Context) -> None:
    rows: list[Any] = [{"data": {"number": n}} for n in range(100)]
    keys = tuple(f"row-{n}" for n in range(100))
    call_batch(MANY, replace(ctx, idempotency_keys=keys), {}, rows)
    assert (len(server.requests), len(server.caught)) == (1, 100)


def test_a_lost_answer_is_not_sent_again_blindly(server: PracticeZapier, ctx: Context) -> None:
    server.faults.append(Fault(PATH, status=502))
    with pytest.raises(RetryableError) as caught:
        send(ctx, {"name": "Ada"})
    assert caught.value.maybe_sent


def test_a_hook_that_was_deleted_says_so(server: PracticeZapier, ctx: Context) -> None:
    server.faults.append(Fault(PATH, status=404, body="not found"))
    with pytest.raises(RemoteError, match="no catch hook at this address"):
        send(ctx, {"name": "Ada"})


def test_an_answer_without_success_is_none(server: PracticeZapier, ctx: Context) -> None:
    server.faults.append(Fault(PATH, status=200, body='{"status": "error"}'))
    with pytest.raises(RemoteError, match="did not say that it took this"):
        send(ctx, {"name": "Ada"})
    server.faults.append(Fault(PATH, status=200, body="<html>log in</html>"))
    with pytest.raises(RemoteError):
        send(ctx, {"name": "Ada"}, silent=True)


def test_too_much_is_refused_before_it_is_sent(server: PracticeZapier, ctx: Context) -> None:
    with pytest.raises(InputError, match="more than Zapier takes"):
        send(ctx, {"text": "x" * 10_000_001})
    assert server.requests == []
