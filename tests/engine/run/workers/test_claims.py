"""Who has a run: it never goes to two, never comes back from its end, and never stays with nobody."""

import subprocess

import pytest
from sqlalchemy import update

from engine.run.start import AlreadyRunning, release_silent, request_run
from engine.run.workers.attendance import Attendance
from engine.store import claims
from engine.store.runs import change_run, get_run
from engine.store.silence import SILENCE_VARIABLE
from engine.store.tables import workers
from engine.store.workers import bury, sign_in


@pytest.fixture
def dead(office):
    """A worker whose process has ended, and nobody noticed yet."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    worker = sign_in(office.store, serves=False)
    with office.store.writing() as connection:
        connection.execute(update(workers).where(workers.c.id == worker).values(pid=ended.pid))
    return worker


def of(office, recipe, worker: str) -> int:
    run_id = request_run(office.store, office.host, recipe)
    assert claims.claim_run(office.store, run_id, worker, office.clock())
    return run_id


def test_a_run_that_has_ended_is_not_put_back(office, single):
    run = office.run(single)
    claims.put_back(office.store, run.id, run.worker, died=True)
    claims.put_back(office.store, run.id, "")
    assert get_run(office.store, run.id) == run


def test_a_run_that_a_worker_claimed_meanwhile_is_not_handed_out_anew(office, single):
    run_id = of(office, single, "quick")
    claims.put_back(office.store, run_id, "")  # as who saw it unclaimed a moment ago
    run = get_run(office.store, run_id)
    assert (run.status, run.worker, run.attempts) == ("running", "quick", 0)


def test_a_worker_that_was_buried_in_its_sleep_claims_nothing(office, single):
    shift = Attendance(office.store, serves=True).shift
    run_id = request_run(office.store, office.host, single)
    bury(office.store, shift.worker)
    assert office.go(run_id, shift=shift).worker == ""
    assert office.go(run_id).status == "succeeded"


def test_where_somebody_serves_a_dead_programs_run_goes_on_there(office, single, dead):
    run_id = of(office, single, dead)
    with Attendance(office.store, serves=True), pytest.raises(AlreadyRunning):
        request_run(office.store, office.host, single)
    run = get_run(office.store, run_id)
    assert (run.status, run.worker, run.attempts) == ("queued", "", 1)


def test_a_dead_programs_run_that_was_taken_up_meanwhile_is_not_closed(office, single, dead):
    run_id = of(office, single, dead)
    bury(office.store, dead)
    assert claims.claim_run(office.store, run_id, "next", office.clock())
    words = {"message": "It ended.", "hint": ""}
    claims.give_up(office.store, run_id, dead, office.clock(), **words)
    assert get_run(office.store, run_id).status == "running"
    with office.store.writing() as connection:
        change_run(connection, run_id, worker=dead)
    claims.give_up(office.store, run_id, dead, office.clock(), **words)
    assert get_run(office.store, run_id).status == "failed"


def test_after_a_power_cut_a_run_does_not_hold_up_its_recipe_for_ever(office, single, monkeypatch):
    """Its process is of an earlier boot: nothing tells its end but that it says nothing."""
    monkeypatch.setenv(SILENCE_VARIABLE, "0.3")
    worker = sign_in(office.store, serves=False)
    with office.store.writing() as connection:
        connection.execute(update(workers).values(machine="before the power cut"))
    run_id = of(office, single, worker)
    with pytest.raises(AlreadyRunning):
        request_run(office.store, office.host, single)
    assert release_silent(office.store, get_run(office.store, run_id))
    assert get_run(office.store, run_id).status == "failed"
    assert office.run(single).status == "succeeded"


def test_a_run_elsewhere_whose_worker_is_heard_is_left_alone(office, single, monkeypatch):
    monkeypatch.setenv(SILENCE_VARIABLE, "20")
    with Attendance(office.store) as elsewhere:
        run_id = of(office, single, elsewhere.shift.worker)
        assert not release_silent(office.store, get_run(office.store, run_id))
    assert get_run(office.store, run_id).status == "running"
