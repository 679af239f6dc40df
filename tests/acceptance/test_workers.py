"""Several workers on PostgreSQL: one import is shared out, and one that slept doubles nothing."""

import os
import shutil
import signal
import time

import pytest

from engine.store.silence import SILENCE_VARIABLE
from engine.store.workers import list_workers
from tests.acceptance.conftest import MATTERS, came_over_once, every_record_has_one_outcome

pytestmark = pytest.mark.parametrize("installation", ["postgres"], indirect=True)


def signed_in(installation, number: int) -> None:
    deadline = time.monotonic() + 60
    while len([one for one in list_workers(installation.store) if one.serves]) != number:
        assert time.monotonic() < deadline, installation.said()
        time.sleep(0.05)


def seconds_with(installation, workers: int) -> float:
    """Return how long so many workers take for an import of 800 matters."""
    started = [installation.start("worker") for _ in range(workers)]
    signed_in(installation, workers)
    recipe = f"{workers}-workers"
    shutil.copy(
        installation.library.folder / f"{MATTERS}.yaml",
        installation.library.folder / f"{recipe}.yaml",
    )
    run_id = installation.ask(recipe, limit=800)
    run = installation.wait_for(run_id, lambda run: not run.active, 100)
    for process in started:
        installation.kill(process, signal.SIGTERM)
    assert run.read == 800
    every_record_has_one_outcome(installation, run)
    assert run.counts.get("created", 0) + run.counts.get("updated", 0) > 700
    return run.seconds


@pytest.mark.timeout(240)
def test_two_workers_finish_one_import_faster_than_one(installation):
    installation.lines["casestatus"].seconds = 0.1
    alone = seconds_with(installation, 1)
    together = seconds_with(installation, 2)
    print(f"\none worker {alone:.1f} s, two {together:.1f} s: {alone / together:.2f} times as fast")
    assert together < alone


@pytest.mark.timeout(240)
def test_a_worker_that_slept_past_its_time_doubles_nothing(installation):
    installation.environment[SILENCE_VARIABLE] = "2"
    sleeper = installation.start("worker")
    signed_in(installation, 1)
    [its] = [one.id for one in list_workers(installation.store) if one.pid == sleeper.pid]
    run_id = installation.ask(MATTERS)
    installation.wait_for(run_id, lambda run: run.read > 200, 60)
    sleeper.send_signal(signal.SIGSTOP)  # wherever it is
    installation.start("worker")
    installation.wait_for(run_id, lambda run: run.worker not in ("", its) and run.read > 1000, 60)
    sleeper.send_signal(signal.SIGCONT)
    run = installation.wait_for(run_id, lambda run: not run.active, 120)
    assert run.attempts == 1
    assert its not in {one.id for one in list_workers(installation.store)}
    every_record_has_one_outcome(installation, run)
    came_over_once(installation, run)
    os.kill(sleeper.pid, 0)  # it lives, and works again under another name
    signed_in(installation, 2)
