"""The scheduler: each due time has one run, and a time without one says why."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from engine.run.schedule.due import start_due
from engine.run.start import request_run
from engine.run.upkeep.duties import Works
from engine.store.schedules import planned
from engine.store.switches import set_switch


def test_each_tick_is_asked_for_once(night):
    night.recipe()
    for _ in range(60 * 31 // 10):
        night.look(seconds=10)
        night.end()
    assert night.ticks() == ["2026-11-24T20:45", "2026-11-24T21:00"]
    assert [run.origin for run in night.runs()] == ["schedule"] * 2
    assert night.note() == ""


def test_a_time_of_day_is_that_of_the_recipes_zone(night):
    night.recipe("every day at 20:30", "America/New_York")
    night.watch(every=timedelta(minutes=1), until=timedelta(days=1))
    assert night.ticks() == ["2026-11-25T01:30"]


@pytest.mark.parametrize("words", ["manual", "instant"])
def test_what_no_clock_starts_has_no_plan(night, words):
    night.recipe(words)
    night.look()
    night.look(days=400)
    assert night.ticks() == []
    assert planned(night.office.store) == {}


# -- stops -----------------------------------------------------------------------------------------


def test_a_tick_missed_during_a_stop_runs_once_when_it_is_over(night):
    night.recipe("every day at 20:45")
    night.look()
    night.look(hours=9)  # nobody looked all night
    night.look(seconds=1)
    night.end()
    night.look(hours=1)
    assert night.ticks() == ["2026-11-24T20:45"]
    assert night.note() == (
        "The run of 20:45 on 24 November began late: Bridgework was not running then."
    )
    night.look(hours=16)
    assert night.ticks() == ["2026-11-24T20:45", "2026-11-25T20:45"]


def test_many_missed_ticks_make_one_run(night):
    night.recipe()
    night.look()
    night.look(hours=2)
    night.end()
    night.look(seconds=1)
    assert night.ticks() == ["2026-11-24T20:45"]
    assert "The run of 20:45 began late, in place of 8 that were missed" in night.note()
    night.look(minutes=15)
    assert night.ticks()[1:] == ["2026-11-24T22:45"]
    assert night.note() == ""


def test_a_recipe_may_leave_missed_ticks_out(night):
    night.recipe("every day at 20:45", more="missed: skip")
    night.look()
    night.look(hours=9)
    assert night.ticks() == []
    assert night.note() == (
        "The run of 20:45 on 24 November was left out: Bridgework was not running then."
    )
    night.look(hours=15, minutes=15)
    assert night.ticks() == ["2026-11-25T20:45"]


def test_a_short_stop_is_no_miss(night):
    night.recipe("every day at 20:45", more="missed: skip")
    night.look()
    night.look(minutes=16, seconds=30)
    assert night.ticks() == ["2026-11-24T20:45"]
    assert night.note() == ""


def test_a_jitter_delays_the_run_but_a_tick_keeps_its_name(night):
    night.recipe("every day at 21:00", more="jitter: 30 minutes")
    night.look()
    plan = night.plan()
    assert timedelta(0) < plan.next_at - plan.tick_at < timedelta(minutes=30)
    night.clock.now = plan.next_at - timedelta(seconds=1)
    night.look()
    assert night.ticks() == []
    night.look(seconds=1)
    night.end()
    assert night.ticks() == ["2026-11-24T21:00"]
    night.look(hours=1)
    assert night.ticks() == ["2026-11-24T21:00"]
    assert night.note() == ""


# -- changes ---------------------------------------------------------------------------------------


def test_a_new_schedule_or_zone_counts_from_the_next_look(night):
    night.recipe("every day at 22:00")
    night.look()
    night.recipe("every day at 21:00", on=False)
    night.look(minutes=1)
    assert night.plan().tick_at == datetime(2026, 11, 24, 21, tzinfo=UTC)  # fmt: skip
    night.recipe("every day at 21:00", "Europe/Berlin", on=False)
    night.look(minutes=1)
    night.watch(every=timedelta(minutes=30), until=timedelta(days=1))
    assert night.ticks() == ["2026-11-25T20:00"]
    night.recipe("manual", on=False)
    night.look()
    assert planned(night.office.store) == {}


def test_switching_on_makes_up_for_nothing_and_switching_off_ends_it(night):
    night.recipe(on=False)
    night.look(hours=2)
    set_switch(night.office.store, "parcels", True)
    night.look()
    night.look(minutes=15)
    assert len(night.ticks()) == 1
    night.end()
    set_switch(night.office.store, "parcels", False)
    night.look(hours=2)
    set_switch(night.office.store, "parcels", True)
    night.look()
    assert len(night.ticks()) == 1


# -- what holds a run up ---------------------------------------------------------------------------


def test_a_tick_while_the_run_before_is_going_is_left_out_and_says_so(night):
    night.recipe()
    night.look()
    night.look(minutes=15)
    night.look(minutes=15)
    assert night.note() == "The run of 21:00 was left out: the one before was still going."
    night.end()
    night.look(seconds=1)
    assert night.ticks() == ["2026-11-24T20:45"]
    night.look(minutes=15)
    assert night.ticks()[1:] == ["2026-11-24T21:15"]
    assert night.note() == ""


def test_a_tick_waits_for_a_run_that_a_person_started(night):
    recipe = night.recipe("every day at 20:45")
    night.look()
    by_hand = request_run(night.office.store, night.office.host, recipe)
    night.watch(every=timedelta(seconds=5), until=timedelta(minutes=20))
    assert night.note() == f"The run of 20:45 waits until run {by_hand} is done."
    assert night.ticks() == []
    night.end()
    night.look(seconds=10)
    assert night.ticks() == ["2026-11-24T20:45"]
    assert night.note() == ""


def test_a_recipe_that_skips_waits_for_nobody(night):
    recipe = night.recipe("every day at 20:45", more="missed: skip")
    night.look()
    request_run(night.office.store, night.office.host, recipe)
    night.look(minutes=15)
    assert night.note() == "The run of 20:45 was left out: another one was still going."


def test_a_run_by_hand_beside_the_nightly_one_changes_nothing_about_it(night):
    recipe = night.recipe("every day at 20:45")
    night.look()
    request_run(night.office.store, night.office.host, recipe)
    night.end()
    night.look(minutes=15)
    assert night.ticks() == ["2026-11-24T20:45"]


def test_a_recipe_with_mistakes_is_left_out_and_goes_on_when_they_are_mended(night):
    path = night.recipe().path
    night.look()
    good = path.read_text()
    path.write_text("name: [\n")
    night.look(minutes=15)
    assert night.note() == "The run of 20:45 was left out: the recipe has mistakes."
    path.write_text(good.replace("mill.order_changed", "mill.order_chnged"))
    night.look(minutes=15)
    assert night.note() == (
        "The run of 21:00 was left out. The recipe 'Orders become parcels' has 1 mistake. "
        f"See them with `bridgework check {path}`."
    )
    path.write_text(good)
    night.look(minutes=15)
    assert night.ticks() == ["2026-11-24T21:15"]


def test_a_recipe_whose_file_is_gone_is_forgotten(night):
    path = night.recipe().path
    night.look()
    path.unlink()
    night.look(minutes=15)
    assert planned(night.office.store) == {}
    assert night.ticks() == []


def test_one_recipe_that_can_not_start_does_not_hold_up_the_others(night, caplog):
    for name in ("bad", "good"):
        night.recipe(name=name)
    night.look()

    def enqueue(run_id: int) -> None:
        if night.runs()[-1].recipe == "bad":
            raise ZeroDivisionError
        night.asked.append(run_id)

    works = Works(night.office.store, night.office.host, night.office.library, enqueue)
    night.clock.pass_by(minutes=15)
    with caplog.at_level(logging.ERROR, "bridgework.schedule"):
        start_due(works, night.clock())
    assert [run.recipe for run in night.runs() if run.id in night.asked] == ["good"]
    assert "the schedule of bad can't be followed" in caplog.text
