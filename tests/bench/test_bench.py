"""The jobs deliver what they promise, whoever does them; how fast is no matter here."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.request import urlopen

import pytest

from bench.fields import mappings
from bench.jobs import JOBS, Bench, Job, WrongError
from bench.measure import measure
from bench.place import Place, environment
from bench.sample_data import case, matter, row, rows_with_email
from bench.servers import running
from bench.start_up import STARTERS, Start, started

RECORDS = 730  # more than one batch, and no whole number of pages
B = next(job for job in JOBS if job.name == "b")


@pytest.mark.parametrize(
    "job", [one for one in JOBS if not one.answer_ms], ids=lambda job: job.name
)
def test_everyone_delivers_the_same(job: Job):
    with Bench(job, RECORDS) as bench:
        for entrant in job.entrants:
            done = bench.measure(entrant).done  # which raises when a record is wrong or missing
            assert done.read == RECORDS
            assert done.cases == (584 if job.source else 716)


@pytest.mark.parametrize("title", mappings())
def test_everyone_maps_the_six_fields_alike(title):
    mapping = mappings()[title]
    for index in (0, 7, 29, 499):
        assert mapping(row(index)) == list(case(index).values())


def test_a_record_becomes_the_case_it_should():
    assert case(7) == {
        "case_number": "00008-Calderón",
        "title": "Lease dispute of 7 / Inés Calderón 7",
        "email": "client.7@mail.example",
        "location": "Unknown",
        "opened": "08/08/2020",
        "billing": "Hourly",
    }
    assert matter(7)["location"] is None
    assert matter(4)["status"] == "Closed"
    assert row(30)["email"] == ""
    assert len(row(0)) == 12


def test_unchanged_records_are_not_sent_again():
    bridgework = B.entrants[-1]
    with Bench(B, RECORDS) as bench:
        bench.measure(bridgework)
        assert bench.again(bridgework, sends=False).done.read == RECORDS


def test_a_wrong_delivery_is_noticed():
    by_hand = B.entrants[0]
    fewer = replace(B, expected=lambda count: rows_with_email(count - 1))
    with Bench(fewer, RECORDS) as bench, pytest.raises(WrongError, match="716"):
        bench.measure(by_hand)
    other = replace(B, expected=lambda count: (c | {"title": ""} for c in rows_with_email(count)))
    with Bench(other, RECORDS) as bench, pytest.raises(WrongError, match="Collision on Route 9 0"):
        bench.measure(by_hand)


def test_a_case_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match="hand_file_mapped"):
        measure("hand_file_mapped", Place(tmp_path))  # there is no file


def test_the_sink_counts_and_forgets():
    with running("sink") as sink:
        assert sink.received() == {"cases": 0, "first": None}
        sink.empty()


def test_answers_take_as_long_as_they_are_told_to():
    with running("sink", "60") as sink:
        started = time.perf_counter()
        urlopen(f"{sink.url}/cases", b'{"case_number": ""}').close()
        assert time.perf_counter() - started >= 0.06
        assert sink.received()["cases"] == 1


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)


def test_the_table_has_a_line_for_everyone():
    result = run("a_batch", "--records", "300", "--rounds", "1")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert any(line.startswith("by hand, httpx2") and line.endswith("1.00") for line in lines)
    assert any(line.startswith("Bridgework") for line in lines)


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    with started() as start:
        yield start


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.title)
def test_whatever_is_started_comes_to_what_is_measured(start: Start, starter):
    usage = start.measure(starter)
    assert 0 < usage.seconds < 60
    assert (start.place.home / "bridgework.db").exists()


def test_a_start_that_sends_nothing_is_no_measurement(start: Start):
    silent = replace(STARTERS[0], sends=True)
    with pytest.raises(RuntimeError, match="nothing arrived"):
        start.measure(silent)


def test_an_unknown_job_is_refused():
    result = run("e")
    assert result.returncode == 2
    assert "there is no job 'e'" in result.stderr
