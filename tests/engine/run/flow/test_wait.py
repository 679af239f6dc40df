"""``wait``: a record is parked until its time has come, once, and then goes on by itself."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest

from engine.run.parked.after_wait import wake_recipe
from engine.run.preview import preview
from engine.store.ledger import open_count
from engine.store.problems import open_entries
from engine.store.runs import get_run, log_lines
from engine.store.waits import due_records, to_wake, waiting_counts

WAIT = """
- id: pause
  wait: 2 days
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
HEARING = WAIT.replace("wait: 2 days", 'wait: {until: "{{ order.hearing }}"}')


@pytest.fixture
def wake(office, clock):
    """Do what the duty does, now; return the runs it asked for, carried out."""

    def look():
        runs = []
        for recipe, run_id in to_wake(office.store, clock()).items():
            args = (office.store, office.host, office.library, recipe, run_id, clock())
            woken = wake_recipe(*args)
            runs += [office.go(woken)] if woken is not None else []
        return runs

    return look


def test_a_record_waits_and_goes_on_once(office, wake, clock, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    first = office.run(office.recipe(WAIT))
    assert office.outcomes(first) == {"1": "waiting", "2": "waiting"}
    entry = office.entry(first, "1")
    assert (entry.reason, entry.code, entry.step) == (
        "Waiting until 26 November.",
        "until",
        "pause",
    )
    assert first.status == "succeeded"
    assert open_count(office.store) == 0  # nobody has to look
    assert waiting_counts(office.store) == {"parcels": (2, clock() + timedelta(days=2))}
    assert wake() == []
    clock.pass_by(days=2)
    [run] = wake()
    assert (run.origin, run.parent_id, run.status) == ("wait", first.id, "succeeded")
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    assert office.open_problems() == {}
    assert wake() == []
    assert next(line.message for _, line in log_lines(office.store, run.id)) == (
        "Going on with 2 orders: the wait is over."
    )


def test_nightly_runs_do_not_restart_the_wait(office, wake, clock, make_order):
    recipe = office.recipe(WAIT, trigger="order_listed")
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    due = waiting_counts(office.store)
    clock.pass_by(days=1)
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}
    assert waiting_counts(office.store) == due
    clock.pass_by(days=1)
    wake()
    assert office.outcomes(office.run(recipe)) == {"1": "unchanged"}  # it has waited
    assert office.depot.sent() == ["PUT /parcels/1"]


def test_a_record_that_changes_meanwhile_goes_on_in_its_newest_state(
    office, wake, clock, make_order
):
    recipe = office.recipe(WAIT)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    clock.pass_by(days=1)
    office.mill.orders = [make_order("1", colour="blue")]
    office.run(recipe)
    clock.pass_by(days=1)
    [run] = wake()
    assert office.outcomes(run) == {"1": "created"}
    assert office.depot.parcels["1"]["colour"] == "blue"


def test_a_record_waits_for_a_moment_of_its_own_and_follows_it(office, wake, clock, make_order):
    recipe = office.recipe(HEARING, trigger="order_open")
    office.mill.orders = [
        make_order("1", hearing="2026-11-24T23:15:00Z"),
        make_order("2", hearing="2027-03-03"),
        make_order("3", hearing="2020-01-01"),
    ]
    run = office.run(recipe)
    assert {e.key: e.reason for e in office.entries(run)} == {
        "1": "Waiting until 23:15.",
        "2": "Waiting until 3 March 2027.",
        "3": None,  # a moment that has passed is not waited for
    }
    office.mill.orders[1]["hearing"] = "2026-11-30"
    office.run(recipe)
    clock.now = datetime.fromisoformat("2026-11-30T00:00:00+00:00")
    [run] = wake()
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    office.mill.orders[1]["hearing"] = "2026-12-24"  # put off once more: it waits for that
    assert office.outcomes(office.run(recipe))["2"] == "waiting"


@pytest.mark.parametrize(
    ("hearing", "code"),
    [(None, "no_moment"), ("soon", "no_moment"), ("2036-11-24", "too_far")],
    ids=["empty", "words", "years"],
)
def test_what_is_no_moment_to_wait_for_is_said(office, make_order, hearing, code):
    office.mill.orders = [make_order("1", hearing=hearing), make_order("2", hearing="2026-01-01")]
    run = office.run(office.recipe(HEARING, trigger="order_open"))
    assert office.outcomes(run) == {"1": "rejected", "2": "created"}
    entry = office.entry(run, "1")
    assert (entry.code, entry.field, entry.step) == (code, "until", "pause")


def test_what_waits_no_more_is_forgotten(office, wake, clock, make_order):
    """The recipe's condition no longer holds, or the step is gone: the record goes on at once."""
    recipe = office.recipe(WAIT.replace("wait:", "if: order.colour == 'red'\n  wait:"))
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(recipe)
    office.mill.orders = [make_order("1", colour="blue")]
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    office.recipe(office.SINGLE)
    clock.pass_by(days=2)
    [run] = wake()
    assert office.outcomes(run) == {"2": "created"}
    assert waiting_counts(office.store) == {}


def test_entries_of_a_list_wait_for_moments_of_their_own(office, wake, clock, make_order):
    loop = """
- for_each: order.clients
  as: client
  steps:
    - wait: {until: "{{ client.day }}"}
    - use: depot.store_parcel
      with: {title: "{{ client.day }}"}
"""
    recipe = office.recipe(loop, trigger="order_open")
    days = [{"id": "a", "day": "2026-11-26"}, {"id": "b", "day": "2026-11-28"}]
    office.mill.orders = [make_order("1", clients=days)]
    run = office.run(recipe)
    assert office.entry(run, "1").reason.startswith("2 of 2 in 'order.clients': Waiting until 26 ")
    clock.pass_by(days=2)
    [run] = wake()
    assert office.outcomes(run) == {"1": "waiting"}
    assert list(office.depot.parcels) == ["1:a"]
    office.mill.orders = [make_order("1", clients=days[:1])]  # the other is gone meanwhile
    assert office.outcomes(office.run(recipe)) == {"1": "unchanged"}
    assert waiting_counts(office.store) == {}


def test_a_run_takes_on_what_is_due_where_nobody_serves(office, clock, make_order):
    recipe = office.recipe(WAIT)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    office.mill.orders = []
    clock.pass_by(days=2)
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert due_records(office.store, "parcels", clock()) == []


def test_a_run_that_cannot_go_on_is_asked_for_again_after_a_while(office, wake, clock, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(WAIT))
    clock.pass_by(days=2)
    office.depot.key = "another"
    [failed] = wake()
    assert failed.status == "failed"
    assert wake() == []  # not at once: it would fail every second
    office.depot.key = office.secret
    clock.pass_by(minutes=2)
    [run] = wake()
    assert office.outcomes(run) == {"1": "created"}


def test_a_refused_record_that_waited_is_an_open_problem_like_any_other(
    office, wake, clock, make_order
):
    recipe = office.recipe(WAIT)
    office.mill.orders = [make_order("1", colour="refused")]
    office.run(recipe)
    clock.pass_by(days=2)
    [run] = wake()
    assert office.outcomes(run) == {"1": "rejected"}
    assert wake() == []
    office.mill.orders = [make_order("1")]
    assert office.outcomes(office.retry(run)) == {"1": "created"}


def test_a_preview_says_until_when_and_writes_nothing(office, clock, make_order):
    recipe = office.recipe(WAIT)
    office.mill.orders = [make_order("1")]
    [entry] = preview(office.store, office.host, recipe, transports={"depot": office.line}).entries
    assert entry.outcome == "waiting"
    assert entry.reason.startswith("It would wait until ")
    assert waiting_counts(office.store) == {}
    run = office.run(recipe)
    assert get_run(office.store, run.id).counts == {"waiting": 1}
    assert len(open_entries(office.store, "parcels")) == 1


def test_two_who_wake_at_once_ask_for_one_run(office, clock, make_order):
    office.mill.orders = [make_order("1")]
    first = office.run(office.recipe(WAIT))
    clock.pass_by(days=3)
    together, woken = Barrier(4), []

    def wake_it():
        together.wait()
        args = (office.store, office.host, office.library, "parcels", first.id, clock())
        woken.append(wake_recipe(*args))

    threads = [Thread(target=wake_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [id] = [id for id in woken if id is not None]
    assert len(woken) == 4
    assert office.outcomes(office.go(id)) == {"1": "created"}


def test_a_clock_that_is_put_back_lets_a_record_wait_and_sends_nothing_twice(
    office, wake, clock, make_order
):
    office.mill.orders = [make_order("1")]
    recipe = office.recipe(WAIT, trigger="order_listed")
    office.run(recipe)
    clock.pass_by(days=-30)
    assert wake() == []
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}
    clock.pass_by(days=32)
    [run] = wake()
    assert office.outcomes(run) == {"1": "created"}
    clock.pass_by(days=-1)
    assert wake() == []
    assert office.outcomes(office.run(recipe)).get("1", "unchanged") == "unchanged"
    assert len(office.depot.parcels) == 1
