"""Recipes whose runs fail are tried less often, and those that always fail are paused."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import RetryableError
from engine.run.start import request_run
from engine.store.connections import mark_checked
from engine.store.notices import list_notices
from engine.store.schedules import planned
from engine.store.switches import paused_recipes, set_switch, switches

DOWN = "The depot did not answer."


def fails(night, times: int) -> list[str]:
    """Let runs fail, each as soon as it is due; return when they were, as minutes between them."""
    gaps, before = [], night.clock()
    for _ in range(times):
        night.look()
        if not planned(night.office.store):
            break
        night.clock.now = night.plan().next_at
        night.look()
        night.end("failed", DOWN)
        gaps.append((night.clock() - before) // timedelta(minutes=1))
        before = night.clock()
    night.look(seconds=1)
    return gaps


def test_each_failure_doubles_the_wait_up_to_a_day_and_one_good_run_ends_it(night):
    night.recipe("every 15 minutes")
    assert fails(night, 9) == [15, 15, 30, 60, 120, 240, 480, 960, 1440]
    plan = night.plan()
    assert plan.failures == 9
    assert plan.next_at - plan.last_tick_at == timedelta(days=1)
    night.clock.now = plan.next_at
    night.look()
    night.end("succeeded")
    night.look(seconds=1)
    plan = night.plan()
    assert (plan.failures, plan.failing_since, plan.backed_off_until, plan.note) == (
        0,
        None,
        None,
        "",
    )
    assert plan.next_at - plan.last_tick_at == timedelta(minutes=15)


def test_the_note_says_until_when(night):
    night.recipe("every 15 minutes", "America/New_York")
    fails(night, 1)
    assert night.note() == ""
    fails(night, 1)  # at 21:00 UTC
    assert night.note() == (
        "It failed 2 times in a row. It is tried again on Tuesday 24 November at 16:30 (New York); "
        "the times before are left out."
    )
    assert night.plan().backed_off_until == datetime(2026, 11, 24, 21, 30, tzinfo=UTC)


def test_what_runs_once_a_day_is_tried_every_day(night):
    night.recipe("every day at 20:45")
    assert fails(night, 4) == [15, 1440, 1440, 1440]
    assert night.note() == ""


def test_a_good_run_by_hand_ends_the_wait(night):
    recipe = night.recipe("every 15 minutes")
    fails(night, 5)
    assert night.plan().backed_off_until
    request_run(night.office.store, night.office.host, recipe)
    night.end("partial")
    night.look(seconds=1)
    plan = night.plan()
    assert (plan.failures, plan.backed_off_until, plan.note) == (0, None, "")
    assert plan.next_at - night.clock() <= timedelta(minutes=15)


def test_a_new_schedule_ends_the_wait_but_not_the_count(night):
    night.recipe("every 15 minutes")
    fails(night, 5)
    night.recipe("every 20 minutes", on=False)
    night.look(seconds=1)
    plan = night.plan()
    assert (plan.failures, plan.backed_off_until, plan.note) == (5, None, "")
    assert plan.next_at - night.clock() <= timedelta(minutes=20)
    assert fails(night, 1)[0] <= 20
    assert night.plan().next_at - night.clock() > timedelta(hours=10)


@pytest.mark.parametrize("status", ["cancelled", "held"])
def test_a_run_that_was_stopped_counts_neither_way(night, status):
    night.recipe("every 15 minutes")
    fails(night, 3)
    night.clock.now = night.plan().next_at
    night.look()
    night.end(status)
    night.look(seconds=1)
    assert night.plan().failures == 3


def test_a_failed_run_by_hand_changes_nothing(night):
    recipe = night.recipe("every 15 minutes")
    night.look()
    for _ in range(3):
        request_run(night.office.store, night.office.host, recipe)
        night.end("failed")
    night.look(seconds=1)
    assert night.plan().failures == 0


# -- connections -----------------------------------------------------------------------------------


def test_when_its_connection_is_mended_a_recipe_is_tried_as_before(night):
    night.recipe("every 15 minutes")
    mark_checked(night.office.store, "depot", problem="The key is not valid.")
    fails(night, 6)
    assert "or when 'depot' works again" in night.note()
    assert night.plan().next_at - night.clock() > timedelta(hours=1)
    mark_checked(night.office.store, "depot", problem="")
    night.look(seconds=1)
    plan = night.plan()
    assert plan.next_at - night.clock() <= timedelta(minutes=15)
    assert (plan.backed_off_until, plan.note) == (None, "")


def test_a_recipe_whose_connection_is_broken_is_not_paused(night):
    """It goes on by itself when that is mended; its own notice says what to do."""
    night.recipe("every day at 20:45")
    mark_checked(night.office.store, "depot", problem="The key is not valid.")
    fails(night, 25)
    assert switches(night.office.store) == {"parcels": True}


def test_a_recipe_whose_app_is_down_for_good_is_paused(night):
    """That it is down is noted at the connection, but nobody can mend it by connecting again."""
    night.recipe("every day at 20:45")
    mark_checked(night.office.store, "depot", problem=DOWN, code=RetryableError.code)
    fails(night, 10)
    assert switches(night.office.store) == {"parcels": False}


# -- pauses ----------------------------------------------------------------------------------------


def test_a_recipe_that_always_fails_is_paused_with_a_notice(night):
    night.recipe("every day at 20:45")
    fails(night, 9)
    assert switches(night.office.store) == {"parcels": True}
    fails(night, 1)
    assert switches(night.office.store) == {"parcels": False}
    assert paused_recipes(night.office.store) == {
        "parcels": "It failed 10 times in a row, first on Tuesday 24 November at 20:45 (UTC). "
        f"The last time: {DOWN}"
    }
    [notice] = list_notices(night.office.store)
    assert (notice.kind, notice.about) == ("recipe_paused", "recipe:parcels")
    assert notice.subject == "“Orders become parcels” is paused"
    assert DOWN in notice.body
    assert notice.link == "/recipes/parcels"
    night.look(days=3)
    assert len(night.ticks()) == 10


def test_ten_fast_failures_are_no_reason_yet(night):
    night.recipe("every minute")
    assert len(fails(night, 10)) == 10
    assert night.clock() - night.plan().failing_since < timedelta(days=3)
    assert switches(night.office.store) == {"parcels": True}


def test_switching_on_again_begins_anew_and_a_second_pause_is_told_again(night):
    night.recipe("every day at 20:45")
    fails(night, 10)
    set_switch(night.office.store, "parcels", True)
    assert paused_recipes(night.office.store) == {}
    assert len(fails(night, 9)) == 9
    assert switches(night.office.store) == {"parcels": True}
    fails(night, 1)
    assert switches(night.office.store) == {"parcels": False}
    assert len(list_notices(night.office.store)) == 2


def test_a_paused_recipe_can_be_run_by_hand(night):
    recipe = night.recipe("every day at 20:45")
    fails(night, 10)
    run = request_run(night.office.store, night.office.host, recipe)
    assert night.runs()[-1].id == run
