"""A run at a vendor's limit: it waits, it stops with a sentence, or it is stopped while it waits."""

import threading
import time
from datetime import timedelta

import pytest

from engine.http.client import RetryPolicy
from engine.run.runner import execute
from engine.run.start import request_run
from engine.sdk import Fault, Rate
from engine.store.connections import get_connection, mark_checked
from engine.store.runs import get_run, log_lines, request_cancel

PATIENT = RetryPolicy()


@pytest.fixture
def limited(host):
    """The depot takes four requests a minute."""
    host.connector("depot").limits = (Rate(4, per=60),)


def test_a_limit_that_is_too_far_off_stops_the_run_and_nothing_is_lost(
    office, single, make_order, small_chunks
):
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    office.depot.faults.append(Fault("/parcels/6", 1, 429, headers={"Retry-After": "7200"}))
    run = office.run(single)
    assert run.status == "failed"
    assert run.message.startswith("The Depot takes no more requests until ")
    assert run.hint.endswith("The records not sent yet come with the next run.")
    assert run.counts == {"created": len(office.depot.parcels)}
    assert office.open_problems() == {}  # none of them failed: they were not sent
    after = office.run(single)
    assert after.counts["created"] + run.counts["created"] == 10
    assert len(office.depot.parcels) == 10


def test_a_limit_met_in_a_batch_fails_none_of_its_records(office, batch, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    office.depot.faults.append(Fault("/shelves", 1, 429, headers={"Retry-After": "7200"}))
    run = office.run(batch)
    assert (run.status, run.counts) == ("failed", {})
    assert office.run(batch).counts == {"created": 10}


@pytest.mark.parametrize("how", ["stopped by hand", "program ends"])
def test_a_run_that_waits_for_its_turn_can_be_stopped(
    office, single, make_order, small_chunks, limited, how
):
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    run_id = request_run(office.store, office.host, single)
    ending = threading.Event()
    way = {"transports": {"depot": office.line}, "retry": PATIENT, "clock": office.clock}

    def carry_out() -> None:
        execute(office.store, office.host, run_id, pause=ending.is_set, **way)

    thread = threading.Thread(target=carry_out)
    thread.start()

    def said() -> list[str]:
        lines = [line.message for _, line in log_lines(office.store, run_id)]
        return [message for message in lines if message.endswith("UTC; waiting.")]

    while not said():
        time.sleep(0.02)
    begun = time.monotonic()
    if how == "program ends":
        ending.set()
    else:
        request_cancel(office.store, run_id)
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 5
    run = get_run(office.store, run_id)
    assert run.counts == {"created": 4}
    [message] = said()  # though several requests wait
    assert message.startswith("The Depot takes no more requests until ")
    assert run.status == ("queued" if how == "program ends" else "cancelled")

    office.host.connector("depot").limits = ()
    if how == "program ends":
        assert office.go(run_id).counts == {"created": 10}
    else:
        assert office.run(single).counts == {"created": 6, "unchanged": 4}
    assert len(office.depot.sent("/parcels")) == 10  # none was sent twice


def test_a_read_that_waits_for_its_turn_can_be_stopped(office, make_order, limited):
    """Here the search waits; the trigger's own waits end the same way."""
    recipe = office.recipe("""
        - id: buyer
          use: depot.find_customer
          with: {email: "{{ order.title | replace(' ', '') }}@mill.example"}
          if_none: continue
        - id: parcel
          use: depot.store_parcel
          with: {colour: "{{ order.colour }}"}
    """)
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    ending = threading.Event()
    threading.Timer(0.5, ending.set).start()
    run_id = request_run(office.store, office.host, recipe)
    way = {"transports": {"depot": office.line}, "retry": PATIENT, "clock": office.clock}
    run = execute(office.store, office.host, run_id, pause=ending.is_set, **way)
    assert run.status == "queued"
    assert run.counts == {}


def test_a_limit_met_at_the_connections_own_test_breaks_no_connection(office, single, make_order):
    office.mill.orders = [make_order("1")]
    mark_checked(office.store, "depot", at=office.clock() - timedelta(days=9))
    office.depot.faults.append(Fault("/me", 1, 429, headers={"Retry-After": "7200"}))
    run = office.run(single)
    assert run.message.startswith("The Depot takes no more requests until ")
    assert get_connection(office.store, "depot").problem == ""
    assert office.run(single).counts == {"created": 1}
