"""A run shared out among workers: whatever one of them does, none of it is lost and none waits for ever."""

import pytest
from sqlalchemy import func, select, update

from engine.run import carrying
from engine.run.conditions import Conditions
from engine.run.runner import lend_a_hand
from engine.run.settle import settle
from engine.run.start import request_run
from engine.run.workers.attendance import Attendance
from engine.run.workers.sharing import run_to_help
from engine.store import runs
from engine.store.tables import chunks, cursors
from engine.store.workers import bury

pytestmark = pytest.mark.usefixtures("small_chunks")


@pytest.fixture
def store(postgres_store):
    """Runs are shared on PostgreSQL alone."""
    return postgres_store


@pytest.fixture
def reader(store):
    """The worker that reads the run."""
    return Attendance(store, serves=True).shift


@pytest.fixture
def helper(store):
    """Another one, with hands free."""
    return Attendance(store, serves=True).shift


@pytest.fixture
def help_out(office, helper):
    """Let the other worker do what it can, now."""

    def now() -> None:
        run_id = run_to_help(office.store, besides=())
        assert run_id is not None
        lend_a_hand(office.store, office.host, run_id, Conditions(shift=helper, **office.how))

    return now


def take_one(store, worker: str) -> None:
    """Take a chunk as a worker does that then does nothing with it."""
    first = select(func.min(chunks.c.id)).where(chunks.c.worker == "").scalar_subquery()
    with store.writing() as connection:
        taken = update(chunks).where(chunks.c.id == first).values(worker=worker)
        assert connection.execute(taken).rowcount == 1


def parked(store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(chunks)).scalar_one()


def orders(make_order, first: int, last: int, **fields):
    return [make_order(str(n), **fields) for n in range(first, last)]


def test_a_chunk_whose_helper_died_is_carried_by_who_reads(
    office, single, make_order, reader, helper
):
    def dies() -> None:
        take_one(office.store, helper.worker)
        bury(office.store, helper.worker)

    office.mill.orders = [*orders(make_order, 0, 16), dies, *orders(make_order, 16, 20)]
    run_id = request_run(office.store, office.host, single)
    run = office.go(run_id, shift=reader)
    assert (run.status, run.counts) == ("succeeded", {"created": 20})
    assert parked(office.store) == 0


@pytest.mark.usefixtures("helper")
def test_a_record_that_comes_again_while_nobody_takes_its_chunk_is_not_waited_for(
    office, single, make_order, reader
):
    again = make_order("0", colour="blue", changed_at="2026-11-24T11:00:00+00:00")
    office.mill.orders = [*orders(make_order, 0, 8), again]
    run = office.go(request_run(office.store, office.host, single), shift=reader)
    assert (run.status, run.counts) == ("succeeded", {"created": 8})
    assert office.depot.parcels["0"]["colour"] == "blue"


def test_what_a_helper_could_not_send_is_not_passed_over_when_it_dies_at_once(
    office, single, make_order, reader, help_out, monkeypatch
):
    class Died(BaseException):
        """kill -9 right after the chunk was settled."""

    def settles_and_dies(*given, **named) -> None:
        settle(*given, **named)
        raise Died

    def down_for_the_helper() -> None:
        office.line.reaches = lambda number: False
        with monkeypatch.context() as patched:
            patched.setattr(carrying, "settle", settles_and_dies)
            with pytest.raises(Died):
                help_out()
        office.line.reaches = lambda number: True

    office.mill.orders = [*orders(make_order, 0, 12), down_for_the_helper]
    run = office.go(request_run(office.store, office.host, single), shift=reader)
    assert run.status == "failed"
    with office.store.reading() as connection:
        assert connection.execute(select(cursors)).first() is None
    office.mill.orders.pop()
    following = office.run(single)
    assert following.status == "succeeded"
    assert sorted(office.depot.parcels, key=int) == [str(n) for n in range(12)]


def test_a_chunk_that_a_helper_failed_at_is_given_back(
    office, single, make_order, reader, helper, help_out, monkeypatch
):
    def fails() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(carrying, "settle", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                help_out()
        assert helper.in_hand == set()

    office.mill.orders = [*orders(make_order, 0, 12), fails]
    run = office.go(request_run(office.store, office.host, single), shift=reader)
    assert (run.status, run.read) == ("succeeded", 12)


def test_who_takes_up_a_run_waits_for_what_its_own_helping_thread_is_sending(
    office, single, make_order, reader
):
    run_id = request_run(office.store, office.host, single)
    office.mill.orders = orders(make_order, 0, 4)
    with office.store.writing() as connection:
        runs.change_run(connection, run_id, started_at=office.clock())
        number = connection.execute(
            chunks.insert().values(run_id=run_id, worker=reader.worker, records=b"")
        ).inserted_primary_key[0]
    reader.in_hand.add(number)
    looks = []

    def pause() -> bool:
        looks.append(parked(office.store))
        return True

    office.go(run_id, shift=reader, pause=pause)
    assert looks == [1]
    reader.in_hand.clear()  # as if the thread had died: the chunk is nobody's
    assert office.go(run_id, shift=reader).counts == {"created": 4}
    assert parked(office.store) == 0


@pytest.mark.usefixtures("helper")
def test_a_run_that_fails_leaves_no_chunk_behind(office, single, make_order, reader):
    office.mill.orders = orders(make_order, 0, 16)

    def fails(progress) -> None:
        assert parked(office.store) > 0
        raise ZeroDivisionError

    run = office.go(request_run(office.store, office.host, single), shift=reader, on_progress=fails)
    assert run.status == "failed"
    assert run_to_help(office.store, besides=()) is None
