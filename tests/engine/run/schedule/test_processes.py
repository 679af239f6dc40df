"""However many processes look after the schedules, and wherever one dies: a tick has one run."""

import threading
from datetime import datetime

import pytest
from sqlalchemy import func, select

from engine.run.schedule.due import start_due
from engine.run.upkeep.duties import Works
from engine.store.database import Store, open_store
from engine.store.schedules import forget, plan, planned, planned_for
from engine.store.switches import pause_recipe, paused_recipes, set_switch, switches
from engine.store.tables import runs


@pytest.fixture(params=["sqlite_store", "postgres_store"])
def store(request: pytest.FixtureRequest) -> Store:
    """Every one of these holds on both databases."""
    found: Store = request.getfixturevalue(request.param)
    return found


def test_many_processes_looking_at_once_start_one_run(night):
    """Each with a database connection of its own, ten times in a row, after a stop."""
    night.recipe("every 15 minutes")
    night.look()
    url = night.office.store.engine.url.render_as_string(hide_password=False)
    homes = [open_store(night.office.store.home, url) for _ in range(3)]
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


def test_a_tick_missed_during_a_stop_runs_once(night):
    night.recipe("every day at 20:45")
    night.look()
    night.look(hours=9)
    night.end()
    night.look(seconds=1)
    night.look(hours=1)
    assert night.ticks() == ["2026-11-24T20:45"]


def test_plans_and_pauses_are_kept(night):
    store = night.office.store
    night.recipe(name="one")
    night.recipe(name="other")
    night.look()
    assert set(planned(store)) == {"one", "other"}
    forget(store, ["one"])
    assert planned_for(store, "one") is None
    night.look()
    before = night.plan("one")
    words = {"words": "every hour", "timezone": "UTC", "jitter": before.jitter}
    plan(store, "one", tick_at=night.clock(), next_at=night.clock(), **words)
    assert night.plan("one").tick_at == night.clock()
    with store.writing() as connection:
        pause_recipe(connection, "other", "It always failed.")
    assert set(planned(store)) == {"one"}
    assert paused_recipes(store) == {"other": "It always failed."}
    assert switches(store) == {"one": True, "other": False}
    set_switch(store, "other", True)
    assert paused_recipes(store) == {}
