"""Asking for runs: a checked recipe, one run at a time, and retries of just the records meant."""

import os
import subprocess
import threading
import time

import pytest
from sqlalchemy import event, update

from engine.errors import RecipeError, SetupError
from engine.run.start import release_dead, request_retry, request_run
from engine.sdk import BadRecord
from engine.store.ledger import causes
from engine.store.runs import change_run, get_run, list_runs
from engine.store.tables import workers
from engine.store.versions import get_version
from engine.store.workers import sign_in


def set_run(store, run_id, **values) -> None:
    with store.writing() as connection:
        change_run(connection, run_id, **values)


# -- asking for a run ------------------------------------------------------------------------------


def test_a_run_keeps_the_recipe_as_it_was_when_it_was_asked_for(office, single, make_order):
    office.mill.orders = [make_order("1")]
    run_id = request_run(office.store, office.host, single)
    office.recipe(office.SINGLE.replace("order.title", "order.shelf"))  # edited meanwhile
    run = office.go(run_id)
    assert office.depot.parcels["1"]["title"] == "Order 1"
    assert get_version(office.store, run.version_id).text == single.text
    assert (run.source_noun.many, run.target_noun.many) == ("orders", "parcels")


def test_a_wrong_recipe_is_refused_with_every_finding_and_leaves_no_run(office):
    recipe = office.recipe(office.SINGLE.replace("order.title", "order.titel"))
    with pytest.raises(RecipeError, match="has 1 mistake") as caught:
        request_run(office.store, office.host, recipe)
    assert "titel" in caught.value.findings[0].message
    assert list_runs(office.store) == []


def test_a_recipe_runs_once_at_a_time(office, single):
    first = request_run(office.store, office.host, single)
    with pytest.raises(SetupError, match=rf"is running already \(run {first}\)"):
        request_run(office.store, office.host, single)
    office.go(first)
    assert request_run(office.store, office.host, single) > first


def test_of_many_who_ask_at_once_one_gets_the_run(office, single):
    """The page, the clock and the command line know nothing of each other."""
    start, won, lost = threading.Barrier(8), [], []

    @event.listens_for(office.store.engine, "commit")
    def dawdle(connection) -> None:
        time.sleep(0.01)  # whoever looks first and writes later lets another one in between

    def ask() -> None:
        start.wait()
        try:
            won.append(request_run(office.store, office.host, single))
        except SetupError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert len(list_runs(office.store)) == 1


def test_one_tick_of_the_clock_is_one_run(office, single):
    ask = {"origin": "schedule", "origin_key": "parcels@2026-11-24T20:30:00+00:00"}
    first = request_run(office.store, office.host, single, **ask)
    assert request_run(office.store, office.host, single, **ask) == first
    office.go(first)
    assert request_run(office.store, office.host, single, **ask) == first
    assert get_run(office.store, first).origin == "schedule"


# -- runs whose program is gone --------------------------------------------------------------------


def worker_of(store, pid: int) -> str:
    """Sign a worker in as that process."""
    worker = sign_in(store, serves=False)
    with store.writing() as connection:
        connection.execute(update(workers).where(workers.c.id == worker).values(pid=pid))
    return worker


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_run_whose_program_died_holds_up_its_recipe_no_longer(office, single, make_order, status):
    gone = subprocess.Popen(["true"])
    gone.wait()
    run_id = request_run(office.store, office.host, single)
    set_run(office.store, run_id, status=status, worker=worker_of(office.store, gone.pid))
    office.mill.orders = [make_order("1")]
    assert office.run(single).counts == {"created": 1}
    dead = get_run(office.store, run_id)
    assert (dead.status, dead.message) == (
        "failed",
        "The program that executed it was ended before it was done.",
    )


def test_a_run_whose_worker_was_buried_or_went_home_is_dead(office, single):
    run_id = request_run(office.store, office.host, single)
    set_run(office.store, run_id, status="running", worker="nobody's")
    release_dead(office.store, "parcels")
    assert get_run(office.store, run_id).status == "failed"


@pytest.mark.parametrize("machine", ["this", "another"])
def test_a_run_that_may_be_alive_is_left_alone(office, single, machine):
    run_id = request_run(office.store, office.host, single)
    worker = worker_of(office.store, os.getpid() if machine == "this" else 2**22 + 1)
    if machine == "another":
        with office.store.writing() as connection:
            connection.execute(update(workers).values(machine="another"))
    set_run(office.store, run_id, status="running", worker=worker)
    release_dead(office.store, "parcels")
    assert get_run(office.store, run_id).status == "running"


# -- retries ---------------------------------------------------------------------------------------


@pytest.fixture
def mixed(office, single, make_order):
    """A run with two rejected records of two causes, a failed one and a created one."""
    steps = "- id: buyer\n  use: depot.find_customer\n  if_none: reject\n"
    steps += '  with: {email: "{{ order.customer.email }}"}\n'
    recipe = office.recipe(steps + office.SINGLE.lstrip())
    stranger = make_order("stranger", customer={"email": "bo@mill.example"})
    office.mill.orders = [
        make_order("refused", colour="refused"),
        stranger,
        make_order("crash", colour="crash"),
        make_order("fine"),
    ]
    run = office.run(recipe)
    assert office.needs_attention(run).keys() == {"refused", "stranger", "crash"}
    for each in office.mill.orders:
        each["colour"] = "blue"
    office.depot.customers["bo@mill.example"] = {"id": "C-2", "email": "bo@mill.example"}
    office.depot.requests.clear()
    return run


def test_a_retry_takes_all_that_need_attention_and_nothing_else(office, mixed):
    run = office.retry(mixed)
    assert office.outcomes(run) == dict.fromkeys(["refused", "stranger", "crash"], "created")
    assert (run.origin, run.parent_id, run.fixed) == ("retry", mixed.id, 3)
    assert sorted(office.depot.sent("/parcels")) == [
        "PUT /parcels/crash",
        "PUT /parcels/refused",
        "PUT /parcels/stranger",
    ]
    assert office.open_problems() == {}


def test_a_retry_by_outcome(office, mixed):
    run = office.retry(mixed, outcomes=["failed"])
    assert office.outcomes(run) == {"crash": "created"}
    assert office.open_problems().keys() == {"refused", "stranger"}


def test_a_retry_of_single_records(office, mixed):
    assert office.outcomes(office.retry(mixed, keys=["stranger"])) == {"stranger": "created"}


def test_a_retry_of_one_cause(office, mixed):
    cause = next(c for c in causes(office.store, mixed.id) if c.step == "buyer")
    assert office.outcomes(office.retry(mixed, cause_id=cause.id)) == {"stranger": "created"}


def test_a_retry_reads_its_records_afresh_from_the_source(office, mixed):
    office.retry(mixed, keys=["refused"])
    assert office.mill.fetched == ["refused@None"]
    assert office.depot.parcels["refused"]["colour"] == "blue"


def test_a_retry_of_a_record_that_is_gone_says_so(office, mixed):
    office.mill.orders = []
    run = office.retry(mixed, keys=["refused"])
    assert office.outcomes(run) == {"refused": "skipped"}
    assert "refused" not in office.open_problems()


def test_a_retry_moves_no_cursor(office, mixed):
    office.retry(mixed)
    asked = len(office.mill.asked_since)
    office.run(office.library.load("parcels"))
    assert office.mill.asked_since[asked].isoformat() == "2026-11-24T09:50:00+00:00"


def test_a_retry_uses_the_recipe_as_it_is_now(office, single, make_order):
    office.mill.orders = [make_order("1", colour="refused")]
    run = office.run(single)
    office.recipe(office.SINGLE.replace("order.colour", "order.colour | replace('refused', 'red')"))
    assert office.outcomes(office.retry(run)) == {"1": "created"}


@pytest.mark.parametrize("trigger", ["order_listed", "order_told"])
def test_where_a_source_can_not_be_asked_for_one_record(office, make_order, trigger):
    """It is read whole, or, where it only tells what changed, the kept record is used."""
    recipe = office.recipe(office.SINGLE, trigger=trigger)
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    run = office.run(recipe)
    office.recipe(
        office.SINGLE.replace("order.colour", "order.colour | replace('refused', 'red')"),
        trigger=trigger,
    )
    office.mill.orders = [make_order("2")] if trigger == "order_told" else office.mill.orders
    again = office.retry(run)
    assert office.outcomes(again) == {"1": "created"}
    assert len(office.depot.sent("/parcels/2")) == 1


def test_a_retry_of_what_never_was_a_record_says_what_is_wrong_with_it_again(office, make_order):
    bad = BadRecord("line 7", "Line 7 has 3 columns.", "ragged", source={"line": 7})
    for trigger in ("order_listed", "order_told", "order_changed"):
        recipe = office.recipe(office.SINGLE, trigger=trigger, name=trigger)
        office.mill.orders = [bad, make_order(None)]
        run = office.run(recipe)
        again = office.retry(run)
        assert office.outcomes(again) == office.outcomes(run)
        assert len(office.open_problems(trigger)) == 2


def test_there_is_nothing_to_retry_where_all_went_well(office, single, make_order):
    office.mill.orders = [make_order("1")]
    run = office.run(single)
    with pytest.raises(SetupError, match="has no records to try again"):
        request_retry(office.store, office.host, office.library, run)
    with pytest.raises(SetupError, match="has no records to try again"):
        request_retry(office.store, office.host, office.library, run, keys=["1"])
