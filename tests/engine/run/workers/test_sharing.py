"""A run that is shared: chunks are parked and taken, each record's states one by one, none is lost."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from engine.run.conditions import Conditions
from engine.run.runner import execute, lend_a_hand
from engine.run.start import request_run
from engine.run.workers import sharing
from engine.run.workers.attendance import Attendance
from engine.run.workers.sharing import run_to_help
from engine.store.runs import get_run
from engine.store.tables import chunks


@pytest.fixture
def store(postgres_store):
    """Runs are shared on PostgreSQL alone."""
    return postgres_store


@pytest.fixture
def steps():
    """Made in one process, so that its two workers write into the same list."""
    return "- id: shelf\n  use: mill.keep\n  with: {title: '{{ order.title }}'}\n"


def parked(store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(chunks)).scalar_one()


class Mate(threading.Thread):
    """Another worker that helps with whatever is parked."""

    def __init__(self, office) -> None:
        super().__init__(daemon=True)
        self.office, self.over = office, threading.Event()
        self.attendance = Attendance(office.store, serves=True)
        self.helped = 0

    def run(self) -> None:
        with self.attendance:
            while not self.over.wait(0.01):
                run_id = run_to_help(self.office.store, besides=())
                if run_id is not None:
                    how = Conditions(shift=self.attendance.shift, pause=self.over.is_set)
                    lend_a_hand(self.office.store, self.office.host, run_id, how)
                    self.helped += 1

    def stop(self) -> None:
        self.over.set()
        self.join(10)


@pytest.fixture
def mate(office):
    mate = Mate(office)
    mate.start()
    yield mate
    mate.stop()


def test_two_workers_share_a_run_and_each_record_has_one_outcome(
    office, steps, make_order, mate, small_chunks
):
    office.mill.orders = [make_order(str(n)) for n in range(120)]
    recipe = office.recipe(steps)
    with Attendance(office.store, serves=True) as attendance:
        run_id = request_run(office.store, office.host, recipe)
        run = execute(office.store, office.host, run_id, shift=attendance.shift)
    assert (run.status, run.counts, run.read) == ("succeeded", {"created": 120}, 120)
    assert mate.helped > 0
    assert sorted(office.mill.kept) == sorted(f"Order {n}" for n in range(120))
    assert len(office.entries(run)) == 120
    assert parked(office.store) == 0


def test_a_record_that_changes_while_it_is_read_waits_for_its_earlier_state(
    office, steps, make_order, mate, small_chunks
):
    later = datetime(2026, 11, 25, tzinfo=UTC).isoformat()
    first = [make_order(str(n)) for n in range(40)]
    again = [make_order(str(n), title=f"Changed {n}", changed_at=later) for n in range(40)]
    office.mill.orders = first + again
    recipe = office.recipe(steps)
    with Attendance(office.store, serves=True) as attendance:
        run_id = request_run(office.store, office.host, recipe)
        run = execute(office.store, office.host, run_id, shift=attendance.shift)
    assert (run.counts, run.read) == ({"created": 40}, 40)
    for n in range(40):
        assert office.mill.kept.index(f"Order {n}") < office.mill.kept.index(f"Changed {n}")


def test_what_a_dead_reader_parked_is_read_again(office, steps, make_order, small_chunks):
    office.mill.orders = [make_order(str(n)) for n in range(20)]
    recipe = office.recipe(steps)
    run_id = request_run(office.store, office.host, recipe)
    with Attendance(office.store, serves=True), Attendance(office.store, serves=True) as reader:
        # It reads and parks, and dies before it carries anything on itself.
        def die() -> bool:
            return parked(office.store) > 0

        run = execute(office.store, office.host, run_id, shift=reader.shift, pause=die)
        assert (run.status, parked(office.store)) == ("queued", 1)
    run = execute(office.store, office.host, run_id)
    assert (run.status, run.counts, run.read) == ("succeeded", {"created": 20}, 20)
    assert parked(office.store) == 0


def test_a_run_that_fails_leaves_nothing_parked(office, steps, make_order, small_chunks):
    office.mill.orders = [make_order(str(n)) for n in range(8)]
    office.mill.orders.append(lambda: 1 / 0)  # the source breaks
    recipe = office.recipe(steps)
    run_id = request_run(office.store, office.host, recipe)
    with Attendance(office.store, serves=True), Attendance(office.store, serves=True) as reader:
        run = execute(office.store, office.host, run_id, shift=reader.shift)
    assert run.status == "failed"
    assert parked(office.store) == 0
    assert run.read == sum(run.counts.values())


def test_a_run_is_not_shared_where_two_records_may_stand_for_one_thing(
    office, make_order, small_chunks, monkeypatch
):
    """Two chunks of one shelf at once would make it twice."""
    monkeypatch.setattr(sharing, "count_live", lambda store: 5)
    office.mill.orders = [make_order(str(n)) for n in range(20)]
    keyed = (
        "- id: shelf\n  use: mill.keep\n  key: order.shelf\n  with: {title: '{{ order.shelf }}'}\n"
    )
    run = office.run(office.recipe(keyed))
    assert get_run(office.store, run.id).read == 20
    assert len(set(office.mill.kept)) == len(office.mill.kept)
