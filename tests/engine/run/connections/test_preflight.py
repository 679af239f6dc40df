"""Before a run reads, its connections are tried; a dead one stops it, and people hear what it holds up."""

import subprocess
import sys
from datetime import timedelta

import pytest

from engine.practice.server import Fault
from engine.store.connections import get_connection, mark_checked
from engine.store.notices import list_notices
from engine.store.switches import set_switch


@pytest.fixture
def tried_long_ago(office):
    mark_checked(office.store, "depot", at=office.clock() - timedelta(minutes=11))


def heard(office):
    return [
        (notice.kind, notice.subject)
        for notice in reversed(list_notices(office.store))
        if notice.kind.startswith("connection_")
    ]


@pytest.mark.usefixtures("tried_long_ago")
def test_a_dead_target_stops_the_run_before_anything_is_read(office, single, make_order):
    office.mill.orders = [make_order("1")]
    office.depot.key = "another"
    run = office.run(single)
    assert (run.status, run.read, office.mill.asked_since) == ("failed", 0, [])
    assert run.message == "The key ••• is not valid."
    assert office.depot.sent() == ["GET /me"]
    broken = get_connection(office.store, "depot")
    assert broken.needs_person
    assert broken.broken_since == office.clock()


@pytest.mark.usefixtures("tried_long_ago")
def test_a_connection_that_works_is_asked_once_and_the_run_goes_on(office, single, make_order):
    office.mill.orders = [make_order("1")]
    assert office.run(single).status == "succeeded"
    assert office.depot.sent() == ["GET /me", "PUT /parcels/1"]
    assert get_connection(office.store, "depot").label == "Depot North"


def test_what_worked_a_few_minutes_ago_is_not_asked(office, single, make_order):
    office.mill.orders = [make_order("1")]
    mark_checked(office.store, "depot", at=office.clock() - timedelta(minutes=9))
    office.run(single)
    assert office.depot.sent() == ["PUT /parcels/1"]


def test_what_had_a_problem_is_asked_however_short_a_time_ago(office, single, make_order):
    office.mill.orders = [make_order("1")]
    mark_checked(office.store, "depot", problem="The key was refused.", at=office.clock())
    assert office.run(single).status == "succeeded"
    assert office.depot.sent() == ["GET /me", "PUT /parcels/1"]
    assert get_connection(office.store, "depot").problem == ""


@pytest.mark.usefixtures("tried_long_ago")
def test_an_app_out_of_reach_is_waited_for_and_then_stops_the_run(office, single, make_order):
    office.mill.orders = [make_order("1")]
    office.line.reaches = lambda number: number > 2
    assert office.run(single).status == "succeeded"  # the third try got through
    assert len(office.naps) == 2

    office.clock.pass_by(minutes=11)
    office.mill.asked_since.clear()
    office.line.reaches = lambda number: False
    run = office.run(single)
    assert (run.status, run.message) == ("failed", "The Depot can't be reached at depot.test.")
    assert office.mill.asked_since == []
    unwell = get_connection(office.store, "depot")
    assert (unwell.problem_code, unwell.needs_person) == ("unavailable", False)
    assert heard(office) == []  # it may pass; the failed run is news enough


@pytest.mark.usefixtures("tried_long_ago")
def test_a_test_that_is_itself_at_odds_with_the_app_stops_nothing(office, single, make_order):
    office.mill.orders = [make_order("1")]
    office.depot.faults = [Fault("/me", status=404)]
    assert office.run(single).status == "succeeded"


def test_people_hear_once_what_broke_what_it_holds_up_and_once_that_it_is_well(
    office, single, make_order
):
    office.mill.orders = [make_order("1")]
    office.recipe(office.NOTE, name="notes")
    set_switch(office.store, "parcels", True)
    set_switch(office.store, "notes", False)
    office.depot.key = "another"
    for _ in range(3):
        assert office.run(single).status == "failed"
        office.clock.pass_by(days=1)
    [notice] = [n for n in list_notices(office.store) if n.kind == "connection_broke"]
    assert notice.subject == "Reconnect The Depot: “depot” no longer works"
    assert notice.body.splitlines() == [
        "The key ••• is not valid. The key ••• is not valid.",
        "Until then it holds up: Orders become parcels.",
    ]
    assert notice.link == "/connections/#depot"

    office.depot.key = office.secret
    for _ in range(2):
        assert office.run(single).status == "succeeded"
        office.clock.pass_by(days=1)
    assert heard(office) == [
        ("connection_broke", "Reconnect The Depot: “depot” no longer works"),
        ("connection_well", "The connection “depot” works again"),
    ]


def test_one_thing_forbidden_to_an_account_that_works_breaks_no_connection(
    office, single, make_order
):
    office.mill.orders = [make_order("1")]
    office.depot.faults = [Fault("/parcels", status=403)]
    run = office.run(single)
    assert run.status == "failed"
    assert office.depot.sent() == ["PUT /parcels/1", "GET /me"]
    assert get_connection(office.store, "depot").problem == ""
    assert heard(office) == []


def test_a_run_whose_log_ins_have_no_tokens_loads_nothing_that_renews_them():
    """A tenth of a short run's time, if it did."""
    look = "import sys, engine.run.runner; print([m for m in sys.modules if 'authlib' in m])"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout
    assert loaded == "[]\n"
