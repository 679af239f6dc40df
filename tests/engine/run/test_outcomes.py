"""What no answer makes of a record, and an other side that is down or refuses the key."""

from itertools import count

import pytest

from engine.run.calling import CALLS_IN_FLIGHT, FAILURES_IN_A_ROW
from engine.store.connections import get_connection
from engine.store.runs import RunRequest

# -- no answer -------------------------------------------------------------------------------------


def test_a_record_sent_without_an_answer_is_unsure_where_it_can_not_be_repeated(
    office, note, make_order
):
    office.mill.orders = [make_order("1", note="hello"), make_order("2", note="bye")]
    office.line.loses = lambda request: b"hello" in request.content
    run = office.run(note)
    assert office.outcomes(run) == {"1": "unsure", "2": "created"}
    entry = office.entry(run, "1")
    assert entry.code == "no_answer"
    assert "may have arrived" in entry.reason
    assert (
        entry.how_to_fix
        == "Look in The Depot; retry it if it is not there, else say that it is there."
    )
    assert [n["text"] for n in office.depot.notes] == ["hello", "bye"]  # tried once each


def test_what_is_unsure_is_never_sent_again_unless_a_person_says_so(office, note, make_order):
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: True
    first = office.run(note)
    office.line.loses = lambda request: False
    for request in (None, RunRequest(full=True)):
        run = office.run(note, request)
        assert office.outcomes(run) == {"1": "unsure"}
    assert len(office.depot.notes) == 1
    assert office.outcomes(office.retry(first)) == {"1": "created"}
    assert len(office.depot.notes) == 2


def test_a_connector_that_fails_after_it_has_sent_leaves_its_record_unsure(
    office, note, make_order
):
    office.mill.orders = [make_order("1", note="crash")]
    run = office.run(note)
    assert office.outcomes(run) == {"1": "unsure"}
    office.run(note)
    assert len(office.depot.notes) == 1


def test_a_lost_answer_is_asked_for_again_where_that_does_no_harm(office, single, make_order):
    office.mill.orders = [make_order("1")]
    lost = iter([True])
    office.line.loses = lambda request: next(lost, False)
    run = office.run(single)
    assert run.status == "succeeded"
    assert office.depot.sent() == ["PUT /parcels/1"] * 2


# -- an other side that is down, or refuses the key ------------------------------------------------


@pytest.mark.parametrize("way", ["SINGLE", "BATCH"])
def test_a_dead_server_stops_the_run_and_nothing_is_lost(office, make_order, small_chunks, way):
    recipe = office.recipe(getattr(office, way))
    office.mill.orders = [make_order(str(n)) for n in range(30)]
    office.line.reaches = lambda number: number <= 2
    run = office.run(recipe)
    assert run.status == "failed"
    assert run.message == "The Depot can't be reached at depot.test."
    assert run.hint.endswith("The records not sent yet come with the next run.")
    sent = len(office.depot.parcels)
    assert run.counts == {"created": sent, "failed": {"SINGLE": 3, "BATCH": 12}[way]}

    office.line.reaches = lambda number: True
    after = office.run(recipe)
    assert after.counts == {"created": 30 - sent, "unchanged": sent}
    assert after.fixed == run.counts["failed"]
    assert office.open_problems() == {}


def test_of_a_dead_server_no_more_calls_are_made_than_were_under_way(office, single, make_order):
    """All are slow here, and so go out at once."""
    office.mill.orders = [make_order(str(n)) for n in range(60)]
    office.line.reaches = lambda number: number <= 5
    run = office.run(single, stopwatch=count(step=0.2).__next__)
    created, failed = run.counts["created"], run.counts["failed"]
    assert FAILURES_IN_A_ROW <= failed <= FAILURES_IN_A_ROW + CALLS_IN_FLIGHT
    office.line.reaches = lambda number: True
    assert office.run(single).counts == {"created": 60 - created, "unchanged": created}


def test_a_server_that_stumbles_once_fails_nothing(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    office.line.reaches = lambda number: number != 1
    assert office.run(single).counts == {"created": 2}
    assert len(office.naps) == 1


def test_a_key_that_is_refused_stops_the_run_and_marks_the_connection(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    office.depot.key = "another"
    run = office.run(single)
    assert (run.status, run.counts, run.read) == ("failed", {}, 0)
    assert run.message == "The key ••• is not valid."
    assert office.depot.sent() == ["PUT /parcels/1", "GET /me"]  # the key itself is refused, then
    problem = get_connection(office.store, "depot").problem
    assert problem.startswith("The key ••• is not valid.")
    assert office.secret not in f"{run} {problem}"
    assert office.open_problems() == {}
