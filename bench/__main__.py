"""``python -m bench [a] [a_slow] [a_batch] [b] [c] [d] [scaling]``: run jobs and print what they took."""

import argparse
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.jobs import JOBS, Bench, Entrant, Job
from bench.measure import Measured, Usage
from bench.place import environment
from bench.start_up import STARTERS, TITLE, Starter, started

#: Rows of the two runs whose time per row and memory are compared.
FEW, MANY = 10_000, 100_000


def main() -> None:
    names = [*(job.name for job in JOBS), "d"]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"{', '.join(names)} or scaling")
    parser.add_argument("--rounds", type=int, default=3, help="times each is run; default 3")
    parser.add_argument("--records", type=int, help="instead of each job's own number")
    chosen = parser.parse_args()
    wanted = chosen.jobs or [*names, "scaling"]
    if unknown := sorted(set(wanted) - {*names, "scaling"}):
        parser.error(f"there is no job {unknown[0]!r}; there are {', '.join(names)} and scaling")
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processor()}")
    for job in JOBS:
        if job.name in wanted:
            compare(job, chosen.rounds, chosen.records)
    if "c" in wanted:
        # In a process of its own: this one must stay smaller than those it measures.
        subprocess.run([sys.executable, "-m", "bench.fields"], check=True, env=environment())
    if "d" in wanted:
        start(chosen.rounds)
    if "scaling" in wanted:
        scale(chosen.rounds)


def compare(job: Job, rounds: int, records: int | None = None) -> None:
    """Run a job's entrants in turn, so that a slow minute hits all of them, and print a table."""
    results: dict[Entrant, list[Measured]] = {entrant: [] for entrant in job.entrants}
    with Bench(job, records) as bench:
        print(f"\n{job.title}; {bench.records:,} records, {rounds} rounds")
        for _ in range(rounds):
            for entrant in job.entrants:
                results[entrant].append(bench.measure(entrant))
    rivals = [entrant for entrant in job.entrants if entrant.rival]
    heads = [f"to {rival.rival}" for rival in rivals]
    _line("", "records/s", "slowest", "fastest", "CPU s", "peak MB", *heads)
    for entrant, measured in results.items():
        seconds = [one.seconds for one in measured]
        rates = [bench.records / s for s in (median(seconds), max(seconds), min(seconds))]
        _line(
            entrant.title,
            *(f"{rate:,.0f}" for rate in rates),
            f"{median(one.cpu for one in measured):.2f}",
            f"{max(one.peak for one in measured):.0f}",
            *(f"{median(_ratios(results[rival], measured)):.2f}" for rival in rivals),
        )


def start(rounds: int) -> None:
    """Print how long it takes until something is seen."""
    results: dict[Starter, list[Usage]] = {starter: [] for starter in STARTERS}
    with started() as job:
        print(f"\n{TITLE}; {rounds} rounds")
        for _ in range(rounds):
            for starter in STARTERS:
                results[starter].append(job.measure(starter))
    rivals = [starter for starter in STARTERS if starter.rival]
    _line("", "ms", "slowest", "fastest", "CPU ms", "peak MB", *(f"x {r.rival}" for r in rivals))
    for starter, measured in results.items():
        seconds = [one.seconds for one in measured]
        _line(
            starter.title,
            *(f"{s * 1000:,.0f}" for s in (median(seconds), max(seconds), min(seconds))),
            f"{median(one.cpu for one in measured) * 1000:,.0f}",
            f"{max(one.peak for one in measured):.0f}",
            *(f"{median(_times(results[rival], measured)):.1f}" for rival in rivals),
        )


def scale(rounds: int) -> None:
    """Print whether the time for a row, or memory, grows with the number of rows."""
    job = next(job for job in JOBS if job.name == "b")
    entrant = next(entrant for entrant in job.entrants if not entrant.rival)
    print(f"\nScaling: job B by Bridgework, {FEW:,} and {MANY:,} rows; then again, all unchanged")
    _line("", "µs/row", "last/first", "peak MB")
    costs: dict[str, dict[int, float]] = {"first run": {}, "second run": {}}
    peaks: dict[int, float] = {}
    for records in (FEW, MANY):
        with Bench(job, records) as bench:
            first, second = [], []
            for _ in range(rounds):
                first.append(bench.measure(entrant))
                second.append(bench.again(entrant, sends=False))
        for title, measured in zip(costs, (first, second), strict=True):
            costs[title][records] = median(median(one.done.chunks) for one in measured)
            peaks[records] = max([peaks.get(records, 0), *(one.peak for one in measured)])
            _line(
                f"{records:,} rows, {title}",
                f"{costs[title][records] * 1e6:.1f}",
                f"{median(_growth(one.done.chunks) for one in measured):.2f}",
                f"{max(one.peak for one in measured):.0f}",
            )
    for title, cost in costs.items():
        print(f"{title}: a row of {MANY:,} takes {cost[MANY] / cost[FEW]:.2f} of one of {FEW:,}")
    print(f"peak memory: {peaks[MANY] / peaks[FEW]:.2f} times as much")


def _growth(chunks: Sequence[float]) -> float:
    """Return how many times as long as a row of the first tenth one of the last tenth takes."""
    tenth = max(1, len(chunks) // 10)
    return median(chunks[-tenth:]) / median(chunks[:tenth])


def _ratios(rival: list[Measured], measured: list[Measured]) -> list[float]:
    """Return how many times as fast as its rival an entrant was, round by round."""
    return [theirs.seconds / own.seconds for theirs, own in zip(rival, measured, strict=True)]


def _times(rival: list[Usage], measured: list[Usage]) -> list[float]:
    """Return how many times as long as its rival something took, round by round."""
    return [own.seconds / theirs.seconds for theirs, own in zip(rival, measured, strict=True)]


def _line(title: str, *cells: str) -> None:
    print(f"{title:<30}" + "".join(f"{cell:>12}" for cell in cells), flush=True)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or sys.platform


if __name__ == "__main__":
    main()
