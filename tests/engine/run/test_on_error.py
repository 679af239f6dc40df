"""`on_error:` carried out: at a limit, after a rejection, and after a failure that lasts."""

import pytest

from engine.run.preview import preview
from engine.sdk import Fault
from engine.store.runs import RunRequest


@pytest.fixture
def recipe(office):
    """Return a function that writes a recipe whose step says what to do when it goes wrong."""

    def recipe(on_error: str, steps: str | None = None):
        return office.recipe((steps or office.SINGLE).rstrip() + f"\n  on_error: {on_error}\n")

    return recipe


def fault(office, path, times=1, status=503, **headers):
    office.depot.faults.append(Fault(path, times, status, headers=headers))


def limit(office, path, times=1, seconds="7200"):
    fault(office, path, times, 429, **{"Retry-After": seconds})


# -- rate_limited ----------------------------------------------------------------------------------


def test_wait_waits_however_long_it_takes(office, recipe, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    limit(office, "/parcels/1", times=6)  # more often than a request is tried otherwise
    assert office.run(recipe("{rate_limited: wait}")).counts == {"created": 2}
    assert office.naps == [7200.0] * 6


def test_wait_does_so_too_where_the_vendor_does_not_say_how_long(office, recipe, make_order):
    office.mill.orders = [make_order("1")]
    fault(office, "/parcels", times=20, status=429)
    assert office.run(recipe("{rate_limited: wait}")).counts == {"created": 1}
    assert len(office.naps) == 20
    assert max(office.naps) == 300


@pytest.mark.parametrize("headers", [{"Retry-After": "7200"}, {}])
@pytest.mark.parametrize("way", ["SINGLE", "BATCH"])
def test_fail_waits_for_nothing_and_the_run_goes_on(office, recipe, make_order, headers, way):
    office.mill.orders = [make_order(str(n)) for n in range(6)]
    fault(office, "/", times=1, status=429, **headers)
    step = recipe("{rate_limited: fail, otherwise: skip}", getattr(office, way))
    run = office.run(step)
    assert office.naps == []
    assert run.status == "partial"
    failed = {"SINGLE": 1, "BATCH": 4}[way]
    assert run.counts == {"failed": failed, "created": 6 - failed}
    assert office.entry(run, "0").reason.startswith("The Depot takes no more requests ")
    assert office.run(step).counts["created"] == failed


# -- rejected --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["SINGLE", "BATCH"])
def test_stop_ends_the_run_at_the_first_rejection(office, recipe, make_order, small_chunks, way):
    office.mill.orders = [
        make_order(str(n), colour="refused" if n == 5 else "red") for n in range(12)
    ]
    run = office.run(recipe("{rejected: stop}", getattr(office, way)))
    assert run.status == "failed"
    assert run.message == (
        "'Order 5' was rejected, and the recipe stops then: The depot takes no such colour."
    )
    assert office.outcomes(run)["5"] == "rejected"
    assert "8" not in office.outcomes(run)
    office.mill.orders = [make_order(str(n)) for n in range(12)]
    after = office.run(recipe("{rejected: stop}", getattr(office, way)), RunRequest(full=True))
    assert after.status == "succeeded"
    assert len(office.depot.parcels) == 12


def test_stop_minds_records_that_can_not_become_a_row_and_sends_none_of_their_chunk(
    office, recipe, make_order
):
    office.mill.orders = [make_order("1"), make_order("2", colour="octarine")]
    run = office.run(recipe("{rejected: stop}"))
    assert run.message.startswith("'Order 2' was rejected, and the recipe stops then: 'octarine'")
    assert office.outcomes(run) == {"2": "rejected"}
    assert office.depot.sent("/parcels") == []


def test_stop_minds_a_search_that_found_nothing(office, recipe, make_order):
    search = """
- id: buyer
  use: depot.find_customer
  with: {email: "{{ order.customer.email }}"}
  if_none: {reject: Nobody knows this customer.}
"""
    office.mill.orders = [make_order("1", customer={"email": "nobody@mill.example"})]
    run = office.run(recipe("{rejected: stop}", search))
    assert run.status == "failed"
    assert "Nobody knows this customer." in run.message


def test_a_preview_shows_every_rejection(office, recipe, make_order):
    office.mill.orders = [make_order(str(n), colour="octarine") for n in range(3)]
    shown = preview(office.store, office.host, recipe("{rejected: stop}"), **office.how)
    assert shown.counts == {"rejected": 3}


# -- otherwise -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("retries", "tries"), [("0 times", 1), ("1 time", 2), ("5 times", 6)])
def test_a_request_is_tried_again_as_often_as_the_recipe_says(
    office, recipe, make_order, retries, tries
):
    office.mill.orders = [make_order("1")]
    fault(office, "/parcels", times=100)
    run = office.run(recipe(f"{{otherwise: retry {retries} then fail}}"))
    assert run.counts == {"failed": 1}
    assert len(office.depot.sent("/parcels")) == tries
    assert office.naps == sorted(office.naps)  # longer each time, jitter aside: see test_client.py


def test_what_is_held_is_tried_again_by_a_person_only(office, recipe, make_order):
    step = recipe("{otherwise: retry 1 time then hold}")
    office.mill.orders = [make_order("1"), make_order("2")]
    fault(office, "/parcels/1", times=2)
    run = office.run(step)
    assert office.outcomes(run) == {"1": "failed", "2": "created"}
    entry = office.entry(run, "1")
    assert entry.code == "held"
    assert entry.how_to_fix == "The recipe holds it for you: retry it when The Depot is well."
    for request in (None, RunRequest(full=True)):
        again = office.run(step, request)
        assert office.outcomes(again) == {"1": "failed", "2": "unchanged"}
        assert office.entry(again, "1").code == "held"
    assert preview(office.store, office.host, step, full=True, **office.how).counts == {
        "failed": 1,
        "unchanged": 1,
    }
    assert "1" not in office.depot.parcels
    assert office.outcomes(office.retry(run)) == {"1": "created"}


def test_what_is_skipped_is_left_out_and_says_why(office, recipe, make_order):
    step = recipe("{otherwise: retry 1 time then skip}")
    office.mill.orders = [make_order("1"), make_order("2")]
    fault(office, "/parcels/1", times=2)
    run = office.run(step)
    assert run.status == "succeeded"
    assert office.outcomes(run) == {"1": "skipped", "2": "created"}
    assert office.entry(run, "1").reason.endswith("The recipe goes on without it.")
    assert office.open_problems() == {}


@pytest.mark.parametrize("then", ["hold", "skip"])
def test_a_server_that_is_down_stops_the_run_all_the_same(
    office, recipe, make_order, small_chunks, then
):
    office.mill.orders = [make_order(str(n)) for n in range(30)]
    office.line.reaches = lambda number: False
    run = office.run(recipe(f"{{otherwise: retry 0 times then {then}}}"))
    assert run.status == "failed"
    assert sum(run.counts.values()) == 3


@pytest.mark.parametrize("then", ["hold", "skip", "fail"])
def test_what_may_have_arrived_is_unsure_whatever_the_recipe_says(office, recipe, make_order, then):
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: True
    run = office.run(recipe(f"{{otherwise: retry 3 times then {then}}}", office.NOTE))
    assert office.outcomes(run) == {"1": "unsure"}
    assert len(office.depot.notes) == 1
