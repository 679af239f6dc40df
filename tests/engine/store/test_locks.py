"""Locks: one holder at a time, in this process or another, and none after its death."""

import subprocess
import sys
import threading
import time

import pytest

from engine.store.database import Store, open_store
from engine.store.locks import StillHeld, exclusive

#: Takes the lock, says so, and holds it until it is told to end.
HOLDER = """
import sys
from pathlib import Path
from engine.store.database import open_store
from engine.store.locks import exclusive

store = open_store(Path(sys.argv[1]))
with exclusive(store, "tokens:clio", 5):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(store: Store) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_only_one_thread_is_inside_at_a_time(store: Store) -> None:
    inside, most, entered = 0, 0, 0
    counting = threading.Lock()

    def enter() -> None:
        nonlocal inside, most, entered
        with exclusive(store, "tokens:clio", 10):
            with counting:
                inside, entered = inside + 1, entered + 1
                most = max(most, inside)
            time.sleep(0.01)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, entered) == (1, 6)


def test_another_process_keeps_out_whoever_has_no_patience(store: Store) -> None:
    with holder(store) as process:
        refused = pytest.raises(StillHeld, match="busy with 'tokens:clio'")
        with refused, exclusive(store, "tokens:clio", 0):
            pass
        process.communicate("\n", timeout=10)
        with exclusive(store, "tokens:clio", 0):
            pass


def test_a_killed_holder_sets_the_lock_free(store: Store) -> None:
    with holder(store) as process:
        process.kill()
        process.wait(timeout=10)
        with exclusive(store, "tokens:clio", 1):
            pass


def test_an_error_inside_sets_the_lock_free(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(store, "tokens:clio", 0):
        raise ZeroDivisionError
    with exclusive(store, "tokens:clio", 0):
        pass


@pytest.mark.sqlite
def test_other_names_and_other_homes_are_other_locks(store: Store) -> None:
    other = open_store(store.home.with_name("other"))
    with (
        exclusive(store, "tokens:clio", 0),
        exclusive(store, "tokens:a/b", 0),
        exclusive(other, "tokens:clio", 0),
    ):
        pass
    other.close()
