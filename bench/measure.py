"""Measures one case in a process of its own: wall time from start to end, and peak memory."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.place import Done, Place, environment


@dataclass(frozen=True)
class Measured:
    """One run of one case.

    :param seconds: of wall time, the interpreter's start included.
    :param cpu: seconds of CPU, user and system.
    :param peak: largest resident memory, in MB.
    """

    done: Done
    seconds: float
    cpu: float
    peak: float


def measure(name: str, place: Place) -> Measured:
    """Run a case and measure it.

    :raises RuntimeError: it failed; what it wrote to standard error is shown there.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.cases", name, *place.arguments()],
        stdout=subprocess.PIPE,
        cwd=place.folder,
        env=environment(),
    )
    assert child.stdout is not None
    with child.stdout as output:
        told = output.read()
    # Linux counts what this process had in memory at the fork towards the child's peak: it must
    # stay smaller than any child, so nothing of the engine is imported here.
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"The case {name!r} failed.")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Measured(
        Done.from_told(json.loads(told)),
        seconds,
        usage.ru_utime + usage.ru_stime,
        kilobytes / 1024,
    )
