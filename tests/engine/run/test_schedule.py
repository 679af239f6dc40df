"""The scheduler: each due time has one run, and a time without one says why."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from engine.run.duties import Works
from engine.run.schedule import start_due
from engine.run.start import request_run
from engine.store.database import open_store
from engine.store.runs import change_run, list_runs
from engine.store.schedules import planned, planned_for
from engine.store.switches import set_switch
from engine.store.tables import runs


class Night:
    """An office whose scheduler looks when a test says so; ``asked`` are the runs it started."""

    def __init__(self, office, clock) -> None:
        self.office, self.clock = office, clock
        self.asked: list[int] = []
        self.works = Works(office.store, office.host, office.library, self.asked.append)

    def recipe(self, words="every 15 minutes", zone="UTC", name="parcels", more="", on=True):
        keys = f"schedule: {words}\ntimezone: {zone}\n{more}"
        recipe = self.office.recipe(self.office.SINGLE, trigger_keys=keys, name=name)
        if on:
            set_switch(self.office.store, name, True)
        return recipe

    def look(self, **later: float) -> None:
        """Look now, or after some time."""
        self.clock.pass_by(**later)
        start_due(self.works, self.clock())

    def watch(self, *, every: timedelta, until: timedelta) -> None:
        for _ in range(until // every):
            self.clock.now += every
            self.look()

    def end(self, status="succeeded") -> None:
        """End the runs that were started."""
        with self.office.store.writing() as connection:
            for run in self.runs():
                if run.active:
                    change_run(connection, run.id, status=status, finished_at=self.clock())

    def runs(self):
        return list_runs(self.office.store)[::-1]

    def ticks(self) -> list[str]:
        """Return the times that runs were started for, in UTC."""
        with self.office.store.reading() as connection:
            keys = connection.execute(select(runs.c.origin_key).order_by(runs.c.id)).scalars().all()
        return [key.partition("@")[2].removesuffix(":00+00:00") for key in keys if key]

    def note(self, name="parcels") -> str:
        plan = planned_for(self.office.store, name)
        return plan.note if plan else ""


@pytest.fixture
def night(office, clock):
    return Night(office, clock)


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


def test_many_processes_looking_at_once_start_one_run(night):
    """Each with a database connection of its own, ten times in a row, after a stop."""
    night.recipe("every 15 minutes")
    night.look()
    homes = [open_store(night.office.store.home) for _ in range(3)]
    office, barrier = night.office, threading.Barrier(3)
    errors: list[BaseException] = []

    def look(home, now: datetime) -> None:
        works = Works(home, office.host, office.library, lambda run_id: None)
        barrier.wait(timeout=30)
        try:
            start_due(works, now)
        except BaseException as error:
            errors.append(error)

    for _ in range(10):
        night.clock.pass_by(hours=1)
        threads = [threading.Thread(target=look, args=(h, night.clock())) for h in homes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        night.end()
    for home in homes:
        home.close()
    assert errors == []
    with office.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(runs)).scalar() == 10
    assert len(set(night.ticks())) == 10


def test_a_look_cut_short_after_asking_is_repeated_without_a_second_run(night, caplog):
    night.recipe()
    night.look()

    def dies(run_id: int) -> None:
        raise KeyboardInterrupt

    night.clock.pass_by(minutes=15)
    with pytest.raises(KeyboardInterrupt):
        start_due(Works(night.office.store, night.office.host, night.office.library, dies),
                  night.clock())  # fmt: skip
    [run] = night.runs()
    night.look(seconds=1)
    assert night.asked == [run.id]  # on the queue now
    night.end()
    night.look(seconds=1)
    assert night.ticks() == ["2026-11-24T20:45"]


def test_a_jitter_delays_the_run_but_a_tick_keeps_its_name(night):
    night.recipe("every day at 21:00", more="jitter: 30 minutes")
    night.look()
    plan = planned_for(night.office.store, "parcels")
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
    assert planned_for(night.office.store, "parcels").tick_at == datetime(2026, 11, 24, 21, tzinfo=UTC)  # fmt: skip
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
