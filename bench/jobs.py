"""The jobs: who takes part in each, and what must come out."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Measured, measure
from bench.place import Done, Place
from bench.sample_data import open_matters, rows_with_email, write_csv
from bench.servers import Server, running

Expected = Callable[[int], Iterator[dict[str, str]]]


@dataclass(frozen=True)
class Entrant:
    """Who does the job.

    :param case: see :func:`bench.cases.case`.
    :param rival: what the others are compared with is called this in the table.
    """

    title: str
    case: str
    rival: str = ""


@dataclass(frozen=True)
class Job:
    """One job.

    :param records: to read.
    :param expected: what the first so many records must become.
    :param posts: the cases go to the sink.
    :param source: records are read from an API, else from a file.
    :param answer_ms: milliseconds that the sink takes for an answer.
    """

    name: str
    title: str
    records: int
    expected: Expected
    entrants: tuple[Entrant, ...]
    posts: bool = True
    source: bool = False
    answer_ms: int = 0


BY_HAND_ONE_BY_ONE = Entrant("by hand, httpx2", "hand_api_to_api_singly", "hand")

JOBS = (
    Job(
        "a",
        "A: matters of one API become cases of another, one call each",
        2_000,
        open_matters,
        (BY_HAND_ONE_BY_ONE, Entrant("Bridgework", "bridgework_a")),
        source=True,
    ),
    Job(
        "a_slow",
        "A-slow: the same, with answers that take 20 ms",
        1_000,
        open_matters,
        (BY_HAND_ONE_BY_ONE, Entrant("Bridgework", "bridgework_a")),
        source=True,
        answer_ms=20,
    ),
    Job(
        "a_batch",
        "A-batch: matters of one API become cases of another, in batches of 500",
        20_000,
        open_matters,
        (
            Entrant("by hand, httpx2", "hand_api_to_api", "hand"),
            Entrant("Bridgework", "bridgework_a_batch"),
        ),
        source=True,
    ),
    Job(
        "b",
        "B: rows of a CSV file become cases of an API, in batches of 500",
        100_000,
        rows_with_email,
        (
            Entrant("by hand, httpx2", "hand_file_to_api", "hand"),
            Entrant("Bridgework", "bridgework_b"),
        ),
    ),
    Job(
        "c",
        "C: rows of a CSV file are read and mapped, no network",
        100_000,
        rows_with_email,
        (
            Entrant("by hand, f-strings", "hand_file_mapped", "hand"),
            Entrant("Jinja, a template a field", "hand_file_mapped_by_jinja", "Jinja"),
            Entrant("Jinja, native, the same", "hand_file_mapped_by_native_jinja", "native"),
            Entrant("Bridgework, read and shape", "shape_c"),
            Entrant("Bridgework, whole road", "bridgework_c"),
        ),
        posts=False,
    ),
)


class WrongError(AssertionError):
    """Someone did not deliver what the job asks for: their time says nothing."""


class Bench:
    """A folder and the servers of one job, for as long as the block runs."""

    def __init__(self, job: Job, records: int | None = None) -> None:
        self.job = job
        self.records = records or job.records
        expected = job.expected(self.records)
        self._first = next(expected)
        self._cases = 1 + sum(1 for _ in expected)

    def __enter__(self) -> "Bench":
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridgework-")))
            self._sink = stack.enter_context(running("sink", str(self.job.answer_ms)))
            source = ""
            if self.job.source:
                source = stack.enter_context(running("source", str(self.records))).url
            self.place = Place(folder, source, self._sink.url)
            if not source:
                write_csv(self.place.csv, self.records)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, entrant: Entrant) -> Measured:
        """Let an entrant do the job once, in a new home, and look at what it delivered.

        :raises WrongError: it isn't what the job asks for.
        """
        shutil.rmtree(self.place.home, ignore_errors=True)
        if not entrant.case.startswith("hand"):
            measure("prepare", self.place)
        return self.again(entrant)

    def again(self, entrant: Entrant, *, sends: bool = True) -> Measured:
        """Let an entrant do the job in the home that is there.

        :param sends: whether anything is to be delivered; nothing is when it was before.
        """
        self._sink.empty()
        measured = measure(entrant.case, self.place)
        self._look_at(entrant, measured.done, sends)
        return measured

    def _look_at(self, entrant: Entrant, done: Done, sends: bool) -> None:
        told: list[Any] = [done.read, done.cases]
        wanted: list[Any] = [self.records, self._cases]
        if done.first is not None:
            told.append(done.first)
            wanted.append(self._first)
        if self.job.posts:
            told.append(received(self._sink))
            wanted.append((self._cases, self._first) if sends else (0, None))
        if told != wanted:
            raise WrongError(f"{entrant.title} delivered {told!r}, not {wanted!r}.")


def received(sink: Server) -> tuple[int, Any]:
    told = sink.received()
    return told["cases"], told["first"]
