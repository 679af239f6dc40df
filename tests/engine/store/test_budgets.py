"""A connection's budget: exact in every window, shared by processes, and told by the vendor."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.limits import Rate
from engine.store.budgets import SLOTS, take, tell
from engine.store.database import open_store

START = 1_764_000_000.0


@pytest.fixture(params=["sqlite_store", "postgres_store"])
def store(request):
    """Every one of these holds on both databases."""
    return request.getfixturevalue(request.param)


def take_until(store, rates, seconds, wanted=1):
    """Take whenever that is allowed; return the moments at which a request was."""
    now, moments = START, []
    while now < START + seconds:
        grant = take(store, "clio", rates, wanted, now)
        moments += [now] * grant.requests
        assert (grant.requests == 0) == (grant.wait > 0)
        now += grant.wait or 0.01
    return moments


def most_in_a_window(moments, per):
    return max(sum(moment <= other < moment + per for other in moments) for moment in moments)


def test_no_window_holds_more_than_the_rate_wherever_it_begins(store):
    moments = take_until(store, [Rate(50, per=60)], 200)
    assert most_in_a_window(moments, 60) == 50
    assert len(moments) >= 150  # fifty at once, and fifty more every 66 seconds at the latest


def test_several_rates_hold_together(store):
    moments = take_until(store, [Rate(3, per=1), Rate(10, per=10)], 40)
    assert most_in_a_window(moments, 1) <= 3
    assert most_in_a_window(moments, 10) <= 10
    assert len(moments) >= 30


def test_several_are_taken_at_once_but_never_too_many(store):
    moments = take_until(store, [Rate(100, per=1)], 5, wanted=30)
    assert most_in_a_window(moments, 1) == 100


def test_connections_have_budgets_of_their_own(store):
    rates = [Rate(1, per=60)]
    assert take(store, "one", rates, 1, START).requests == 1
    assert take(store, "two", rates, 1, START).requests == 1
    assert take(store, "one", rates, 1, START).wait == pytest.approx(66, abs=6.1)


def test_what_the_vendor_says_is_left_counts_until_its_window_ends(store):
    rates = [Rate(50, per=60)]
    take(store, "clio", rates, 1, START)
    tell(store, "clio", remaining=2, seconds=30, now=START)
    assert [take(store, "clio", rates, 1, START + n).requests for n in range(3)] == [1, 1, 0]
    assert take(store, "clio", rates, 1, START + 10).wait == pytest.approx(20)
    # An answer to an earlier request, late: it doesn't give back what was taken since.
    tell(store, "clio", remaining=1, seconds=20, now=START + 10)
    assert take(store, "clio", rates, 1, START + 11).requests == 0
    assert take(store, "clio", rates, 1, START + 31).requests == 1


def test_the_vendors_own_number_takes_the_place_of_the_declared_one(store):
    rates = [Rate(2, per=60)]
    take(store, "clio", rates, 2, START)
    assert take(store, "clio", rates, 1, START).requests == 0
    tell(store, "clio", limit=100, now=START)
    assert take(store, "clio", rates, 200, START).requests == 98


def test_a_refusal_closes_the_connection_for_all_and_the_longest_wait_stands(store):
    rates = [Rate(50, per=60)]
    take(store, "clio", rates, 1, START)
    tell(store, "clio", closed=True, seconds=40, now=START)
    tell(store, "clio", closed=True, seconds=5, now=START)
    assert take(store, "clio", rates, 1, START + 39).wait == pytest.approx(1)
    assert take(store, "clio", rates, 1, START + 41).requests == 1


def test_the_row_stays_small(store):
    rates = [Rate(1000, per=1)]
    for n in range(200):
        take(store, "clio", rates, 10, START + n * 0.07)
    from sqlalchemy import select

    from engine.store.tables import budgets

    with store.reading() as connection:
        [spent] = connection.execute(select(budgets.c.spent)).scalars()
    assert len(spent["1000/1"]) <= SLOTS + 1


PROCESS = """
import sys, time
from pathlib import Path
from engine.limits import Rate
from engine.store.budgets import take
from engine.store.database import open_store
store = open_store(Path(sys.argv[1]), sys.argv[2] or None)
print("ready", flush=True)
sys.stdin.readline()
ends = time.time() + 2.5
while time.time() < ends:
    before = time.time()
    grant = take(store, "clio", [Rate(40, per=1)], 3)
    for _ in range(grant.requests):
        print(before, time.time())
    time.sleep(min(grant.wait, 0.02))
"""


def test_processes_share_one_budget(store, request):
    """Four of them take whatever they can; together they keep to the rate."""
    url = "" if store.engine.dialect.name == "sqlite" else request.getfixturevalue("postgres_url")
    command = [sys.executable, "-c", PROCESS, str(store.home), url]
    environment = {"PYTHONPATH": str(Path(engine.__file__).parents[1])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, env=environment, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=30)[0].splitlines() for process in processes]
    assert all(told)
    taken = [tuple(map(float, line.split())) for lines in told for line in lines]
    assert len(taken) >= 80
    # Each was taken between the two moments; those that certainly fell into one window count.
    for start, _ in taken:
        assert sum(before >= start and after < start + 1 for before, after in taken) <= 40


@settings(max_examples=25)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 6))
def test_whatever_the_rhythm_the_rate_is_kept(tmp_path_factory, new_home, pauses, wanted):
    store = open_store(new_home(tmp_path_factory.mktemp("home")))
    now, moments = START, []
    for pause in pauses:
        now += pause
        moments += [now] * take(store, "clio", [Rate(5, per=4)], wanted, now).requests
    store.close()
    assert most_in_a_window(moments, 4) <= 5
