"""Who is taken for dead, and that a worker who was can write and send nothing more."""

import os
import subprocess

import pytest
from sqlalchemy import update

from engine.run.workers.attendance import Attendance, Shift
from engine.store import claims, runs
from engine.store.tables import workers
from engine.store.versions import save_version
from engine.store.workers import Buried, bury, count_live, list_workers, sign_in


class Stopwatch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture(params=["sqlite_store", "postgres_store"])
def store(request):
    """Every one of these holds on both databases."""
    return request.getfixturevalue(request.param)


def another_process(store, pid: int, machine: str | None = None) -> str:
    worker = sign_in(store, serves=True)
    values = {"pid": pid} if machine is None else {"pid": pid, "machine": machine}
    with store.writing() as connection:
        connection.execute(update(workers).where(workers.c.id == worker).values(**values))
    return worker


def a_run_of(store, worker: str) -> int:
    with store.writing() as connection:
        version = save_version(connection, "r", store.home / "r.yaml", "name: R")
        run_id = runs.create_run(
            connection,
            recipe="r",
            title="R",
            version_id=version,
            request=runs.RunRequest(),
            nouns={"source": ("record", "records"), "target": ("record", "records")},
            origin="manual",
        )
        runs.change_run(connection, run_id, status="running", worker=worker)
    return run_id


def test_a_worker_whose_process_is_gone_is_buried_at_once(store, stopwatch, caplog):
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = another_process(store, ended.pid)
    run_id = a_run_of(store, dead)
    left = []
    watcher = Attendance(store, serves=True, clock=stopwatch, on_death=left.extend)
    watcher.bury_the_dead()
    run = runs.get_run(store, run_id)
    assert (left, run.status, run.worker, run.attempts, run.deaths) == (
        [run_id],
        "queued",
        "",
        1,
        1,
    )
    assert [one.id for one in list_workers(store)] == [watcher.shift.worker]
    assert f"(process {ended.pid}) died while it carried out run {run_id}" in caplog.text


def test_a_worker_elsewhere_is_buried_when_its_beat_stands_still(store, stopwatch):
    far = another_process(store, os.getpid(), machine="far away")
    watcher = Attendance(store, serves=True, clock=stopwatch)
    for _ in range(14):
        watcher.bury_the_dead()
        stopwatch.now += 1
    assert far in {one.id for one in list_workers(store)}
    for _ in range(3):
        watcher.bury_the_dead()
        stopwatch.now += 1
    assert far not in {one.id for one in list_workers(store)}


def test_a_worker_that_beats_lives_however_long(store, stopwatch):
    far = Shift(store, another_process(store, os.getpid(), machine="far away"), stopwatch)
    watcher = Attendance(store, serves=True, clock=stopwatch)
    for _ in range(60):
        assert far.beat()
        watcher.bury_the_dead()
        stopwatch.now += 1
    assert count_live(store) == 2


def test_who_slept_itself_buries_nobody_on_waking(store, stopwatch):
    far = Shift(store, another_process(store, os.getpid(), machine="far away"), stopwatch)
    watcher = Attendance(store, serves=True, clock=stopwatch)
    watcher.bury_the_dead()
    stopwatch.now += 3600  # nothing beat meanwhile, for the whole machine was asleep
    watcher.bury_the_dead()
    assert far.beat()


def test_a_buried_worker_writes_and_sends_nothing(store, stopwatch):
    sleeper = Shift(store, sign_in(store, serves=True), stopwatch)
    assert sleeper.beat()
    bury(store, sleeper.worker)
    sleeper.check()  # within the time that others wait before they bury anybody
    stopwatch.now += 15
    with pytest.raises(Buried):
        sleeper.check()
    with pytest.raises(Buried), sleeper.store.writing() as connection:
        connection.execute(update(workers).values(name="overwritten"))
    assert "overwritten" not in {one.machine for one in list_workers(store)}


def test_a_worker_awake_in_time_goes_on(store, stopwatch):
    sleeper = Shift(store, sign_in(store, serves=True), stopwatch)
    stopwatch.now += 3600
    sleeper.check()  # nobody noticed
    stopwatch.now += 1
    with sleeper.store.writing():
        pass


def test_who_goes_home_gives_back_what_its_threads_are_still_at(store, stopwatch):
    with Attendance(store, serves=True, clock=stopwatch) as attendance:
        run_id = a_run_of(store, attendance.shift.worker)
    run = runs.get_run(store, run_id)
    assert (run.status, run.worker, list_workers(store)) == ("queued", "", [])


def test_of_two_workers_one_gets_a_run(store, clock):
    run_id = a_run_of(store, "")
    assert claims.claim_run(store, run_id, "first", clock())
    assert not claims.claim_run(store, run_id, "second", clock())
    assert claims.claim_run(store, run_id, "first", clock())  # its own, again
    assert runs.get_run(store, run_id).worker == "first"


def test_once_a_worker_has_gone_home_a_late_thread_of_it_sends_nothing(store, stopwatch):
    """As in a call that took longer than stopping waits: the run is another worker's by then."""
    with Attendance(store, serves=True, clock=stopwatch) as attendance:
        attendance.shift.check()
    with pytest.raises(Buried):
        attendance.shift.check()
