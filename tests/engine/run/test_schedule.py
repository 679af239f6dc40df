"""The scheduler: each due time is asked for once, whatever else goes wrong."""

import logging
import time
from datetime import UTC, datetime

import pytest

from engine.errors import SetupError
from engine.run.schedule import Scheduler


@pytest.fixture
def scheduled(office):
    """Return a recipe that runs every quarter of an hour, or as said."""

    def make(words: str = "every 15 minutes", zone: str = "UTC", name: str = "parcels"):
        keys = f"schedule: {words}\ntimezone: {zone}"
        return office.recipe(office.SINGLE, trigger_keys=keys, name=name)

    return make


def test_each_tick_is_asked_for_once(scheduled, clock):
    asked: list[str] = []
    recipe = scheduled()
    scheduler = Scheduler(lambda: [recipe], lambda _, key: asked.append(key), clock)
    for _ in range(60 * 31):  # a look each second, for 31 minutes
        clock.pass_by(seconds=1)
        scheduler.look()
    assert asked == [
        "parcels@2026-11-24T20:45:00+00:00",
        "parcels@2026-11-24T21:00:00+00:00",
    ]


def test_a_pause_of_the_program_makes_one_run_of_what_it_missed(scheduled, clock):
    asked: list[str] = []
    recipe = scheduled()
    scheduler = Scheduler(lambda: [recipe], lambda _, key: asked.append(key), clock)
    clock.pass_by(hours=3)  # the machine slept
    scheduler.look()
    scheduler.look()
    assert len(asked) == 1


@pytest.mark.parametrize("words", ["manual", "instant"])
def test_what_no_clock_starts_is_never_asked_for(scheduled, clock, words):
    asked: list[str] = []
    recipe = scheduled(words)
    scheduler = Scheduler(lambda: [recipe], lambda _, key: asked.append(key), clock)
    clock.pass_by(days=400)
    scheduler.look()
    assert asked == []


def test_a_time_of_day_is_that_of_the_recipes_zone(scheduled, clock):
    asked: list[str] = []
    recipe = scheduled("every day at 20:30", "America/New_York")
    scheduler = Scheduler(lambda: [recipe], lambda _, key: asked.append(key), clock)
    for _ in range(48):
        clock.pass_by(minutes=30)
        scheduler.look()
    assert asked == ["parcels@2026-11-25T01:30:00+00:00"]


def test_one_recipe_that_can_not_start_does_not_hold_up_the_others(scheduled, clock, caplog):
    asked: list[str] = []
    recipes = [scheduled(name=name) for name in ("busy", "broken", "good")]

    def ask(recipe, key: str) -> None:
        if recipe.name == "busy":
            raise SetupError("'busy' is running already (run 7).")
        if recipe.name == "broken":
            raise ZeroDivisionError
        asked.append(key)

    scheduler = Scheduler(lambda: recipes, ask, clock)
    clock.pass_by(minutes=15)
    with caplog.at_level(logging.WARNING, "bridgework.schedule"):
        scheduler.look()
    assert asked == ["good@2026-11-24T20:45:00+00:00"]
    assert "busy was not started: 'busy' is running already (run 7)." in caplog.text


def test_a_recipe_switched_on_later_does_not_run_for_the_time_before(scheduled, clock):
    asked, on = [], []
    scheduler = Scheduler(lambda: on, lambda _, key: asked.append(key), clock)
    clock.pass_by(hours=2)
    scheduler.look()
    on.append(scheduled())
    scheduler.look()
    assert asked == []


def test_its_thread_looks_until_it_is_stopped(scheduled):
    asked: list[str] = []
    recipe = scheduled("every 1 minute")
    times = iter([datetime(2026, 11, 24, 20, 30, tzinfo=UTC)])
    later = datetime(2026, 11, 24, 20, 31, tzinfo=UTC)
    scheduler = Scheduler(
        lambda: [recipe], lambda _, key: asked.append(key), lambda: next(times, later), pause=0.01
    )
    scheduler.start()
    deadline = time.monotonic() + 10
    while not asked and time.monotonic() < deadline:
        time.sleep(0.01)
    scheduler.stop()
    assert asked == ["parcels@2026-11-24T20:31:00+00:00"]
