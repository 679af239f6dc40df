"""The database goes away under a run, as PostgreSQL does when it is restarted: the run goes on."""

import threading

import pytest
from sqlalchemy import text

from engine.errors import DatabaseAway
from engine.run.links import _upsert_links
from engine.run.start import request_run
from engine.run.traveller import Sent, Traveller
from engine.run.workers.attendance import Attendance
from engine.store.runs import log_lines
from engine.store.workers import list_workers

pytestmark = pytest.mark.usefixtures("small_chunks")


@pytest.fixture
def store(postgres_store):
    return postgres_store


def test_a_session_that_was_cut_off_between_two_transactions_is_not_noticed(store, cut_off):
    assert list_workers(store) == []
    cut_off()
    assert list_workers(store) == []


def test_one_cut_off_in_a_transaction_says_that_the_database_is_away(store, cut_off):
    def is_cut_off() -> None:
        with store.writing() as held:
            cut_off()
            held.execute(text("SELECT 1"))

    with pytest.raises(DatabaseAway, match="The database can't be used"):
        is_cut_off()


def test_a_run_cut_off_in_the_middle_of_settling_goes_on_and_balances(
    office, single, make_order, cut_off, monkeypatch
):
    from engine.run import settle

    calls = []
    write = settle.add_counts

    def cut_off_once(*given, **named):
        calls.append(1)
        if len(calls) == 2:
            cut_off()
        write(*given, **named)

    monkeypatch.setattr(settle, "add_counts", cut_off_once)
    office.mill.orders = [make_order(str(n)) for n in range(12)]
    run_id = request_run(office.store, office.host, single)
    shift = Attendance(office.store, serves=True).shift
    run = office.go(run_id, shift=shift)
    assert (run.status, run.read, run.deaths, run.attempts) == ("queued", 4, 1, 1)
    assert any("cut short" in line.message for _, line in log_lines(office.store, run_id))
    run = office.go(run_id, shift=shift)
    assert (run.status, run.read, run.deaths) == ("succeeded", 12, 0)


def test_two_workers_that_send_for_the_same_keys_do_not_wait_for_each_other_for_ever(store):
    keys = [f"client-{n}" for n in range(400)]
    start, failed = threading.Barrier(2), []

    def keep(order) -> None:
        sent = [
            (Sent("client", key, key, bytes(16), "created"), Traveller(key, key, {}, None, {}, []))
            for key in order
        ]
        try:
            for _ in range(3):
                start.wait(20)
                with store.writing() as connection:
                    _upsert_links(store, connection, "matters", 1, sent)
        except Exception as error:
            failed.append(error)

    both = [threading.Thread(target=keep, args=(order,)) for order in (keys, keys[::-1])]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert failed == []
