"""The worker: runs from the queue are executed, also those an earlier process left unfinished."""

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import SetupError
from engine.redaction import register
from engine.run.schedule.due import start_due
from engine.run.start import request_run
from engine.run.upkeep.duties import Works
from engine.run.workers.durable import Worker
from engine.store.runs import change_run, get_run, list_runs, log_lines
from engine.store.schedules import planned_for
from engine.store.switches import set_switch
from engine.store.workers import sign_in


@pytest.fixture
def listing(office, make_order):
    """A recipe between two apps of this machine, so that a worker needs no network."""
    office.mill.orders = [make_order(str(n)) for n in range(3)]
    return office.recipe("- id: shelf\n  use: mill.keep\n  with: {title: '{{ order.title }}'}\n")


@pytest.fixture
def worker(office):
    worker = Worker(office.store, office.host, office.library)
    worker.start()
    yield worker
    worker.stop()


def finished(office, run_id: int):
    """Return the run once it is done; a worker has 20 seconds for it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        run = get_run(office.store, run_id)
        if run is not None and not run.active:
            return run
        time.sleep(0.05)
    raise AssertionError(f"run {run_id} is not done: {get_run(office.store, run_id)}")


def test_a_run_on_the_queue_is_executed_once_however_often_it_was_put_there(
    office, listing, worker
):
    run_id = request_run(office.store, office.host, listing)
    worker.enqueue(run_id)
    worker.enqueue(run_id)
    run = finished(office, run_id)
    assert (run.status, run.counts) == ("succeeded", {"created": 3})
    assert office.mill.kept == ["Order 0", "Order 1", "Order 2"]


@pytest.mark.sqlite
@pytest.mark.usefixtures("worker")
def test_a_home_on_sqlite_has_one_worker(office):
    with pytest.raises(SetupError, match="already works in"):
        Worker(office.store, office.host, office.library).start()


def test_runs_that_an_earlier_process_left_are_picked_up(office, listing):
    other = office.recipe(
        "- id: shelf\n  use: mill.keep\n  with: {title: '{{ order.title }}'}\n", name="other"
    )
    queued = request_run(office.store, office.host, listing)
    running = request_run(office.store, office.host, other)
    began = {"worker": sign_in(office.store, serves=True), "started_at": office.clock()}
    with office.store.writing() as connection:
        change_run(connection, running, status="running", **began)
    worker = Worker(office.store, office.host, office.library)
    worker.start()
    try:
        assert finished(office, queued).counts == {"created": 3}
        assert finished(office, running).counts == {"created": 3}
    finally:
        worker.stop()


def test_stopping_puts_a_run_back_on_the_queue_and_the_next_worker_ends_it(
    office, listing, make_order, small_chunks
):
    first = Worker(office.store, office.host, office.library)
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    office.mill.orders.insert(5, first.stopping.set)  # while the second chunk is read
    run_id = request_run(office.store, office.host, listing)
    first.start()
    try:
        deadline = time.monotonic() + 20
        while not first.stopping.is_set() and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        first.stop()
    assert get_run(office.store, run_id).status == "queued"
    second = Worker(office.store, office.host, office.library)
    second.start()
    try:
        assert finished(office, run_id).counts == {"created": 10}
    finally:
        second.stop()
    assert sorted(office.mill.kept) == sorted(f"Order {n}" for n in range(10))


def test_what_was_due_while_no_worker_was_there_runs_once_when_one_is(office, listing):
    path = listing.path
    path.write_text(path.read_text().replace("as: order", "as: order\n  schedule: every 24 hours"))
    set_switch(office.store, "parcels", True)
    set_switch(office.store, "long-gone", True)  # a recipe whose file was deleted
    works = Works(office.store, office.host, office.library, lambda run_id: None)
    start_due(works, datetime.now(UTC) - timedelta(days=3))  # planned by an earlier process
    due = Worker(office.store, office.host, office.library)
    due.start()
    try:
        deadline = time.monotonic() + 20
        while not list_runs(office.store) and time.monotonic() < deadline:
            time.sleep(0.05)
        run = finished(office, list_runs(office.store)[0].id)
    finally:
        due.stop()
    assert (run.origin, run.counts) == ("schedule", {"created": 3})
    assert len(list_runs(office.store)) == 1
    plan = planned_for(office.store, "parcels")
    assert "began late, in place of 3 that were missed" in plan.note
    assert plan.next_at > datetime.now(UTC)


def test_a_run_whose_end_could_not_be_written_is_handed_out_again(office, listing, worker):
    """As after a database that was away: the run is this worker's, and no thread is at it."""
    run_id = request_run(office.store, office.host, listing, worker=worker._attendance.shift.worker)
    with office.store.writing() as connection:
        change_run(connection, run_id, status="running", started_at=office.clock())
    run = finished(office, run_id)
    assert (run.status, run.counts, run.attempts) == ("succeeded", {"created": 3}, 1)
    first = log_lines(office.store, run_id)[0][1]
    assert first.message == "Taken up again where it stood: 0 orders were settled."


@pytest.mark.usefixtures("worker")
def test_what_the_execution_engine_logs_holds_no_secret():
    register("hunter2-of-the-engine")
    record = logging.makeLogRecord(
        {"msg": "failed with hunter2-of-the-engine at /hooks/" + "a" * 43}
    )
    handlers = logging.getLogger("dbos").handlers
    assert handlers
    for handler in handlers:
        assert "failed with ••• at /hooks/•••" in handler.format(record)
