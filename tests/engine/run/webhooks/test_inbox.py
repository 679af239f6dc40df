"""Runs from the inbox: a delivery is done when its record is settled, and never lost in between."""

from datetime import timedelta
from typing import Any

import pytest

from engine.run import carrying
from engine.run.calling import FAILURES_IN_A_ROW
from engine.run.runner import execute
from engine.sdk import Delivery
from engine.store.deliveries import list_deliveries, send_again
from engine.store.runs import get_run, request_cancel
from engine.store.schedules import forget, plan
from engine.store.switches import set_switch


def states(porter: Any) -> dict[str, str]:
    return {one.delivery_id: one.state for one in list_deliveries(porter.office.store)}


def asked_for(bell: Any) -> list[str]:
    return [r["path"] for r in bell.requests if r["path"].startswith("/rings")]


def test_what_a_webhook_told_is_read_afresh_and_sent(porter: Any, bell: Any, depot: Any) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7", door="back")
    porter.deliver("7")
    run = porter.go()
    assert (run.origin, run.status, run.counts) == ("webhook", "succeeded", {"created": 1})
    assert depot.parcels["7"]["title"].startswith("back")
    (done,) = list_deliveries(porter.office.store)
    assert (done.state, done.run_id, done.outcome, done.attempts) == ("done", run.id, "created", 1)
    assert porter.look() == []


def test_ten_events_of_one_record_are_one_reading_of_it(porter: Any, bell: Any, depot: Any) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7")
    porter.deliver(*(Delivery(f"d{n}", key="7") for n in range(10)))
    run = porter.go()
    assert run.counts == {"created": 1}
    assert asked_for(bell) == ["/rings/7"]
    assert set(states(porter).values()) == {"done"}


def test_a_record_that_came_whole_is_not_asked_for(porter: Any, bell: Any, depot: Any) -> None:
    recipe = porter.recipe(trigger="posted")
    recipe.path.write_text(recipe.text.replace("order.door }} {{ order.at", "order.title"))
    porter.switch_on(porter.office.library.load(recipe.name))
    porter.deliver(
        Delivery("d1", record={"id": 1, "title": "first"}),
        Delivery("d2", record={"id": 2, "title": "other"}),
        Delivery("d3", record={"id": 1, "title": "second"}),
    )
    run = porter.go()
    assert run.counts == {"created": 2}
    assert depot.parcels["1"]["title"] == "second"
    assert asked_for(bell) == []


def test_a_record_told_of_twice_in_one_run_has_one_outcome_and_its_latest_state(
    porter: Any, bell: Any, depot: Any, small_chunks: None
) -> None:
    recipe = porter.recipe(trigger="posted")
    recipe.path.write_text(recipe.text.replace("order.door }} {{ order.at", "order.title"))
    porter.switch_on(porter.office.library.load(recipe.name))
    for n in range(12):
        porter.deliver(Delivery(f"d{n}", record={"id": n % 3, "title": f"state {n}"}))
    run = porter.go()
    assert (run.read, run.counts) == (3, {"created": 3})
    assert depot.parcels["2"]["title"] == "state 11"
    assert set(states(porter).values()) == {"done"}


def test_a_record_gone_or_not_wanted_is_skipped_with_the_reason(porter: Any, bell: Any) -> None:
    porter.switch_on(
        porter.recipe(trigger="rung", trigger_keys="schedule: instant\nwith: {door: back}")
    )
    bell.ring("7", door="front")
    porter.deliver("7", "8")
    run = porter.go()
    reasons = {e.key: (e.outcome, e.code) for e in porter.office.entries(run)}
    assert reasons == {"7": ("skipped", "not_wanted"), "8": ("skipped", "gone")}


def test_a_run_cut_short_reads_again_what_it_had_not_settled(
    porter: Any, bell: Any, depot: Any, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dies after its first chunk; meanwhile a settled record changes and is told of again."""
    porter.switch_on(porter.recipe(trigger="rung"))
    for n in range(6):
        bell.ring(str(n), door="front")
    porter.deliver(*map(str, range(6)))
    (run_id,) = porter.look()
    office, real, chunks = porter.office, carrying.settle, []

    class Killed(BaseException):
        pass

    def settle(*given: Any, **named: Any) -> None:
        if chunks:
            raise Killed
        chunks.append(given)
        real(*given, **named)

    how = {**office.how["transports"], **porter.transports}
    with monkeypatch.context() as patched:
        patched.setattr(carrying, "settle", settle)
        with pytest.raises(Killed):
            execute(office.store, office.host, run_id, clock=office.clock, transports=how)
    assert sorted(states(porter).values()) == ["done"] * 4 + ["waiting"] * 2
    bell.ring("0", door="back")
    porter.deliver(Delivery("again", key="0"))
    office.go(run_id, transports=how)
    run = get_run(office.store, run_id)
    # Two had arrived when it died, and the links knew.
    assert (run.read, run.counts) == (6, {"created": 4, "unchanged": 2})
    assert run.status == "succeeded"
    assert set(states(porter).values()) == {"done"}
    assert depot.parcels["0"]["title"].startswith("back")


def test_while_the_source_is_down_deliveries_wait_and_tries_grow_rare(
    porter: Any, bell: Any, clock: Any
) -> None:
    from engine.practice.server import Fault

    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7")
    porter.deliver("7")
    bell.faults.append(Fault("/rings", times=100, status=503))
    run = porter.go()
    assert (run.status, run.read) == ("failed", 0)
    assert states(porter) == {"e-7": "waiting"}
    assert porter.look() == []
    clock.pass_by(seconds=16)
    assert porter.go().status == "failed"
    clock.pass_by(seconds=16)
    assert porter.look() == []
    clock.pass_by(seconds=15)
    bell.faults.clear()
    assert porter.go().counts == {"created": 1}


def test_while_the_target_is_down_what_was_not_tried_waits(
    porter: Any, bell: Any, line: Any, clock: Any
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    many = 2 * FAILURES_IN_A_ROW
    for n in range(many):
        bell.ring(str(n))
    porter.deliver(*map(str, range(many)))
    line.reaches = lambda number: False
    run = porter.go()
    waiting = [id for id, state in states(porter).items() if state == "waiting"]
    assert run.status == "failed"
    assert run.counts == {"failed": FAILURES_IN_A_ROW}
    assert len(waiting) == many - FAILURES_IN_A_ROW
    line.reaches = lambda number: True
    clock.pass_by(minutes=1)
    assert porter.go().counts == {"created": len(waiting)}


def test_one_record_that_the_connector_fails_at_does_not_hold_up_the_others(
    porter: Any, bell: Any
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7", door="broken")
    bell.ring("8")
    porter.deliver("7", "8")
    assert porter.go().counts == {"created": 1}
    assert states(porter) == {"e-7": "unreadable", "e-8": "done"}
    assert porter.look() == []
    bell.ring("7")
    assert send_again(porter.office.store, failed=True) == 1
    assert porter.go().counts == {"created": 1}


def test_a_delivery_sent_again_is_read_again(porter: Any, bell: Any, depot: Any) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7")
    porter.deliver("7")
    porter.go()
    bell.ring("7", door="back")
    (done,) = list_deliveries(porter.office.store)
    send_again(porter.office.store, ids=[done.id])
    assert porter.go().counts == {"updated": 1}


def test_nothing_starts_while_the_recipe_is_off_running_or_about_to_run_by_the_clock(
    porter: Any, bell: Any, clock: Any
) -> None:
    from engine.run.schedule.due import start_due
    from engine.run.start import request_run

    recipe = porter.recipe(trigger="rung", trigger_keys="schedule: instant and every day at 20:31")
    porter.switch_on(recipe)
    bell.ring("7")
    porter.deliver("7")
    office = porter.office
    set_switch(office.store, recipe.name, False)
    assert porter.look() == []
    set_switch(office.store, recipe.name, True)
    by_hand = request_run(office.store, office.host, recipe)
    assert porter.look() == []
    office.go(by_hand, transports={**office.how["transports"], **porter.transports})
    start_due(porter.works, clock())  # plans 20:31; it is 20:30
    clock.pass_by(seconds=50)
    assert porter.look() == []
    clock.pass_by(seconds=20)
    start_due(porter.works, clock())
    (nightly,) = porter.asked
    assert porter.look() == []
    office.go(nightly, transports={**office.how["transports"], **porter.transports})
    assert porter.go().counts == {"unchanged": 1}


def test_a_run_from_the_inbox_leaves_the_cursor_and_open_problems_alone(
    porter: Any, bell: Any, depot: Any, line: Any
) -> None:
    from sqlalchemy import select

    from engine.store.tables import cursors

    porter.switch_on(porter.recipe(trigger="rung"))
    bell.ring("7")
    porter.deliver("7")
    porter.go()
    with porter.office.store.reading() as connection:
        assert connection.execute(select(cursors)).all() == []


def test_a_cancelled_run_leaves_the_rest_waiting(
    porter: Any, bell: Any, small_chunks: None
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    for n in range(6):
        bell.ring(str(n))
    porter.deliver(*map(str, range(6)))
    (run_id,) = porter.look()
    office = porter.office
    how = {**office.how["transports"], **porter.transports}
    office.go(
        run_id, transports=how, on_progress=lambda progress: request_cancel(office.store, run_id)
    )
    assert sorted(states(porter).values()) == ["done"] * 4 + ["waiting"] * 2
    assert porter.go().counts == {"created": 2}


def test_the_clock_of_any_of_its_triggers_comes_first(porter: Any, bell: Any, clock: Any) -> None:
    recipe = porter.recipe(trigger="rung")
    begins = "trigger:\n  use: bell.rung\n  as: order\n  schedule: instant\n"
    both = (
        "triggers:\n  - {id: rung, use: bell.rung, as: order, schedule: instant}\n"
        "  - {id: nightly, use: bell.rung, as: order, schedule: every day at 20:30}\n"
    )
    assert begins in recipe.text
    recipe.path.write_text(recipe.text.replace(begins, both))
    porter.switch_on(porter.office.library.load(recipe.name))
    bell.ring("7")
    porter.deliver("7")
    plan(
        porter.office.store,
        f"{recipe.name}/nightly",
        words="every day at 20:30",
        timezone="UTC",
        jitter=timedelta(),
        tick_at=clock() + timedelta(seconds=20),
        next_at=clock() + timedelta(seconds=20),
    )
    clock.pass_by(seconds=10)
    assert porter.look() == []
    forget(porter.office.store, [f"{recipe.name}/nightly"])
    assert porter.go().counts == {"created": 1}
