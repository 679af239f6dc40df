"""After a restore nothing starts by itself, unless nothing has run since the backup."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from engine.backup.settling import settle
from engine.recipe.library import Library
from engine.run.parked.after_wait import wake
from engine.run.upkeep.duties import Works
from engine.store import runs, tables
from engine.store.hooks import list_hooks
from engine.store.switches import held_since_restore, paused_recipes, set_switch, switches
from engine.store.workers import list_workers, sign_in

pytestmark = pytest.mark.sqlite  # as the copy that is settled before it is moved into place

MADE = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def run_under_way(store):
    worker = sign_in(store, serves=True)
    with store.writing() as connection:
        connection.execute(
            update(tables.runs)
            .where(tables.runs.c.id == 1)
            .values(status="running", worker=worker, recipe="night")
        )
    set_switch(store, "night", True)


def test_what_was_under_way_stops_and_recipes_wait_for_a_person(firm):
    store = firm.store
    run_under_way(store)
    settled = settle(store, MADE, resume=False)
    assert settled.stopped == ((1, "night"),)
    assert "night" in settled.paused
    run = runs.get_run(store, 1)
    assert (run.status, run.cancel_requested, run.worker) == ("queued", True, "")
    assert "24 November 2026, 20:30 UTC" in runs.log_lines(store, 1)[-1][1].message
    assert "look at a preview" in paused_recipes(store)["night"]
    assert not any(switches(store).values())
    assert list_workers(store) == []
    assert held_since_restore(store) == set(settled.paused)
    assert len(list_hooks(store)) == 2  # a paused recipe keeps its webhook
    set_switch(store, "night", True)
    assert "night" not in held_since_restore(store)


def test_where_nothing_has_run_since_all_goes_on(firm):
    store = firm.store
    run_under_way(store)
    on = switches(store)
    settled = settle(store, MADE, resume=True)
    assert (settled.go_on, settled.paused, settled.stopped) == (((1, "night"),), (), ())
    assert switches(store) == on
    run = runs.get_run(store, 1)
    assert (run.status, run.cancel_requested, run.worker) == ("queued", False, "")


def test_records_that_wait_go_on_only_once_the_recipe_is_switched_on(firm):
    store = firm.store
    with store.writing() as connection:
        connection.execute(update(tables.waits).values(state="open", recipe="night", try_at=None))
        connection.execute(update(tables.open_problems).values(recipe="night"))
    settle(store, MADE, resume=False)
    assert "night" in held_since_restore(store)
    works = Works(store, None, Library(firm.recipes), lambda _: None)
    tries = select(tables.waits.c.try_at)  # set whenever a run was asked for

    def tried():
        wake(works)
        with store.reading() as connection:
            return any(connection.execute(tries).scalars())

    assert not tried()
    set_switch(store, "night", True)
    assert tried()  # the recipe has mistakes, but it was tried
