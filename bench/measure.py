"""Measures a process: wall time from start to end, processor time, and peak memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.place import Done, Place, environment


@dataclass(frozen=True)
class Usage:
    """What a process took.

    :param started: when it was started, by ``time.monotonic``, which all processes share.
    :param seconds: of wall time, the interpreter's start included.
    :param cpu: seconds of CPU, user and system.
    :param peak: largest resident memory, in MB.
    """

    started: float
    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Measured:
    """One run of one case; its times and memory as :class:`Usage` has them."""

    done: Done
    seconds: float
    cpu: float
    peak: float


def measure(name: str, place: Place) -> Measured:
    """Run a case and measure it.

    :raises RuntimeError: it failed; what it wrote to standard error is shown there.
    """
    told, usage = watch(["-m", "bench.cases", name, *place.arguments()], place.folder, name)
    return Measured(Done.from_told(json.loads(told)), usage.seconds, usage.cpu, usage.peak)


def watch(arguments: Sequence[str], folder: Path, name: str) -> tuple[bytes, Usage]:
    """Run Python with these arguments in a folder; return what it printed and what it took.

    :param name: what it is called if it fails.
    :raises RuntimeError: it failed.
    """
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, cwd=folder, env=environment()
    )
    assert child.stdout is not None
    with child.stdout as output:
        told = output.read()
    # Linux counts what this process had in memory at the fork towards the child's peak: it must
    # stay smaller than any child, so nothing of the engine is imported here.
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"The case {name!r} failed.")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return told, Usage(started, seconds, usage.ru_utime + usage.ru_stime, kilobytes / 1024)
