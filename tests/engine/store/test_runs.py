"""Runs: asked for, changed, listed; their log, and the recipe text they ran."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from engine.nouns import Noun
from engine.store.database import Store
from engine.store.runs import (
    Run,
    RunRequest,
    active_run,
    change_run,
    create_run,
    get_run,
    latest_runs,
    list_runs,
    log,
    log_lines,
    request_cancel,
    run_of_origin,
)
from engine.store.versions import save_version


def ask(store: Store, recipe: str = "matters", *, status: str = "succeeded", **values: Any) -> int:
    """Ask for a run, and leave it in ``status``."""
    with store.writing() as connection:
        version = save_version(connection, recipe, Path("/r") / f"{recipe}.yaml", "name: R")
        given = {
            "title": recipe.title(),
            "version_id": version,
            "request": RunRequest(),
            "nouns": {"source": ("matter", "matters"), "target": ("case", "cases")},
            "origin": "manual",
        }
        run_id = create_run(connection, recipe=recipe, **{**given, **values})
        change_run(connection, run_id, status=status)
    return run_id


def read(store: Store, run_id: int) -> Run:
    run = get_run(store, run_id)
    assert run is not None
    return run


def test_a_run_starts_in_the_queue_with_what_it_was_asked(store: Store) -> None:
    parent = ask(store)
    request = RunRequest(limit=5, full=True, retry=("1", "2"))
    run = read(
        store, ask(store, status="queued", request=request, parent_id=parent, origin="retry")
    )
    assert (run.recipe, run.title, run.origin, run.parent_id) == (
        "matters", "Matters", "retry", parent,
    )  # fmt: skip
    assert run.request == request
    assert run.active
    assert (run.read, run.counts, run.fixed, run.seconds) == (0, {}, 0, 0.0)
    assert (run.started_at, run.finished_at, run.cancel_requested) == (None, None, False)
    assert run.source_noun == Noun("matter", "matters")
    assert run.target_noun.count(1200) == "1,200 cases"


def test_a_request_to_retry_nothing_differs_from_none(store: Store) -> None:
    assert read(store, ask(store, request=RunRequest(retry=()))).request.retry == ()
    assert read(store, ask(store)).request.retry is None


def test_how_long_it_took_or_has_taken(store: Store) -> None:
    run_id = ask(store, status="running")
    started = datetime.now(UTC) - timedelta(minutes=5)
    with store.writing() as connection:
        change_run(connection, run_id, started_at=started)
    assert read(store, run_id).seconds == pytest.approx(300, abs=5)
    with store.writing() as connection:
        change_run(connection, run_id, finished_at=started + timedelta(seconds=42))
    assert read(store, run_id).seconds == 42


def test_a_run_nobody_asked_for_is_none(store: Store) -> None:
    assert get_run(store, 7) is None


def test_a_cancel_is_noted_and_left_to_the_run(store: Store) -> None:
    first, second = ask(store, status="running"), ask(store, "users", status="running")
    request_cancel(store, first)
    assert (read(store, first).cancel_requested, read(store, first).status) == (True, "running")
    assert not read(store, second).cancel_requested


# -- lists -----------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_page_by_page(store: Store) -> None:
    ids = [ask(store, recipe) for recipe in ("a", "b", "a", "a", "b")]
    assert [run.id for run in list_runs(store)] == ids[::-1]
    assert [run.id for run in list_runs(store, limit=2)] == [ids[4], ids[3]]
    assert [run.id for run in list_runs(store, before=ids[3], limit=2)] == [ids[2], ids[1]]
    assert [run.id for run in list_runs(store, recipe="a")] == [ids[3], ids[2], ids[0]]
    assert list_runs(store, recipe="c") == []


def test_each_recipes_latest_run_is_no_retry_of_single_records(store: Store) -> None:
    ask(store, "a")
    a, b = ask(store, "a"), ask(store, "b")
    ask(store, "a", origin="retry")
    assert {recipe: run.id for recipe, run in latest_runs(store).items()} == {"a": a, "b": b}


@pytest.mark.parametrize("status", ["queued", "running"])
def test_the_active_run_of_a_recipe(store: Store, status: str) -> None:
    ask(store, status="failed")
    ask(store, "users", status=status)
    assert active_run(store, "matters") is None
    active = ask(store, status=status)
    ask(store, status="held")
    found = active_run(store, "matters")
    assert found is not None
    assert found.id == active


def test_a_tick_of_the_schedule_makes_one_run(store: Store) -> None:
    tick = "matters@2026-11-24T20:30"
    run_id = ask(store, origin="schedule", origin_key=tick)
    with store.reading() as connection:
        assert run_of_origin(connection, tick) == run_id
        assert run_of_origin(connection, "matters@later") is None
    with pytest.raises(IntegrityError):
        ask(store, origin="schedule", origin_key=tick)
    assert len(list_runs(store)) == 1


# -- the log ---------------------------------------------------------------------------------------


def test_the_log_is_read_from_where_one_left_off(store: Store) -> None:
    run_id, other = ask(store), ask(store, "users")
    log(store, run_id, "Read 5 matters.")
    log(store, other, "Read 2 users.")
    log(store, run_id, "The Depot is slow.", "warning")
    lines = log_lines(store, run_id)
    assert [(line.level, line.message) for _, line in lines] == [
        ("info", "Read 5 matters."),
        ("warning", "The Depot is slow."),
    ]
    assert all(line.at.tzinfo is UTC for _, line in lines)
    first, last = (id for id, _ in lines)
    assert [line.message for _, line in log_lines(store, run_id, after=first)] == [
        "The Depot is slow."
    ]
    assert log_lines(store, run_id, after=last) == []
