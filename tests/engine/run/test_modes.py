"""`mode:` carried out: a run that is asked for while another is active is refused, waits, or goes first."""

import threading

import pytest

from engine.errors import SetupError
from engine.run.runner import execute
from engine.run.start import AlreadyRunning, request_run
from engine.run.workers.attendance import Attendance
from engine.store import claims
from engine.store.runs import RunRequest, get_run, list_runs, log_lines

FULL = RunRequest(full=True)


@pytest.fixture
def recipe(office, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(12)]

    def recipe(mode: str):
        return office.recipe(office.SINGLE, more=f"mode: {mode}")

    return recipe


@pytest.fixture
def worker(office):
    """A worker that lives."""
    with Attendance(office.store) as attendance:
        yield attendance.shift.worker


def ask(office, recipe, request=None, **how):
    return request_run(office.store, office.host, recipe, request=request, **how)


def test_single_refuses_a_second_run(office, recipe):
    single = recipe("single")
    ask(office, single)
    with pytest.raises(AlreadyRunning):
        ask(office, single)


def test_queued_lets_one_more_wait_that_begins_when_the_first_is_done(office, recipe):
    queued = recipe("queued")
    first, second = ask(office, queued), ask(office, queued, FULL)
    assert second > first
    assert [run.id for run in claims.waiting_runs(office.store)] == [first]
    assert office.go(second).status == "queued"  # not its turn
    assert office.go(first).counts == {"created": 12}
    assert [run.id for run in claims.waiting_runs(office.store)] == [second]
    assert office.go(second).counts == {"unchanged": 12}


def test_of_one_kind_one_run_waits_at_most(office, recipe, worker):
    queued = recipe("queued")
    first = ask(office, queued)
    assert claims.claim_run(office.store, first, worker, office.clock())
    second = ask(office, queued, FULL)
    assert ask(office, queued, FULL) == second
    tick = {"origin": "schedule", "origin_key": "parcels@2026-11-24T20:30:00+00:00"}
    assert ask(office, queued, FULL, **tick) == second
    with pytest.raises(AlreadyRunning):
        ask(office, queued, RunRequest(limit=3))  # another reading of the source
    retry = ask(office, queued, RunRequest(retry=("1",)), origin="retry")
    assert retry > second
    with pytest.raises(AlreadyRunning):
        ask(office, queued, RunRequest(retry=("2",)), origin="retry")
    assert len(list_runs(office.store)) == 3


def test_a_run_that_waits_begins_though_the_first_one_failed(office, recipe):
    queued = recipe("queued")
    first, second = ask(office, queued), ask(office, queued, FULL)
    good = office.mill.orders
    office.mill.orders = [RuntimeError("away")]
    assert office.go(first).status == "failed"
    office.mill.orders = good
    assert office.go(second).status == "succeeded"


def test_restart_stops_the_active_run_at_its_next_chunk_and_begins_after_it(
    office, recipe, small_chunks
):
    restart = recipe("restart")
    first, later = ask(office, restart), []
    orders = office.mill.orders
    office.mill.orders = [*orders[:6], lambda: later.append(ask(office, restart)), *orders[6:]]
    run = office.go(first)
    assert (run.status, run.counts) == ("cancelled", {"created": 8})
    assert run.message == "It made way for a newer run."
    office.mill.orders = orders
    assert office.go(later[0]).counts == {"unchanged": 8, "created": 4}
    assert len(office.depot.sent("PUT /parcels")) == 12


def test_restart_ends_a_run_that_has_not_begun(office, recipe):
    restart = recipe("restart")
    first = ask(office, restart)
    second = ask(office, restart, FULL)
    run = get_run(office.store, first)
    assert (run.status, run.message) == ("cancelled", "It made way for a newer run.")
    assert run.finished_at is not None
    assert office.go(second).counts == {"created": 12}


def test_restart_lets_a_retry_finish_and_a_retry_stops_nothing(office, recipe):
    restart = recipe("restart")
    ask(office, restart, RunRequest(retry=("1",)), origin="retry")
    reading = ask(office, restart)
    again = ask(office, restart, RunRequest(retry=("2",)), origin="mending")
    assert [run.status for run in list_runs(office.store)] == ["queued"] * 3
    assert again > reading


def test_no_two_runs_of_a_recipe_are_claimed_at_once(office, recipe):
    queued = recipe("queued")
    runs = [ask(office, queued), ask(office, queued, FULL)]
    start, claimed = threading.Barrier(8), []

    def claim(worker: int) -> None:
        start.wait()
        for run_id in reversed(runs):
            if claims.claim_run(office.store, run_id, f"w{worker}", office.clock()):
                claimed.append(run_id)

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed == runs[:1]


def test_of_many_who_ask_at_once_one_waits(office, recipe, worker):
    queued = recipe("queued")
    first = ask(office, queued)
    assert claims.claim_run(office.store, first, worker, office.clock())
    start, got = threading.Barrier(6), []

    def press() -> None:
        start.wait()
        try:
            got.append(ask(office, queued))
        except SetupError as error:
            got.append(error)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1
    assert len(list_runs(office.store)) == 2


def test_a_dead_workers_run_goes_on_before_the_one_that_waits(office, recipe, small_chunks):
    queued = recipe("queued")
    first, second = ask(office, queued), ask(office, queued, FULL)
    with Attendance(office.store) as attendance:
        stop = {"pause": lambda: len(office.depot.parcels) > 3, "shift": attendance.shift}
        execute(office.store, office.host, first, **{**office.how, **stop})
    assert office.go(second).status == "queued"
    assert office.go(first).counts == {"created": 12}
    assert office.go(second).counts == {"unchanged": 12}
    assert "Taken up again" in str(log_lines(office.store, first))
