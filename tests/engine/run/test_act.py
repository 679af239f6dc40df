"""Sending: full batches, one call a record, searches; and what an answer, or none, makes of a record."""

import threading
import time

import pytest

LAWYER = """
- id: buyer
  use: depot.find_customer
  with: {email: "{{ order.customer.email }}"}
  IF_NONE
- id: parcel
  use: depot.store_parcel
  with: {colour: "{{ order.colour }}", customer: "{{ buyer.id }}"}
"""


# -- batches ---------------------------------------------------------------------------------------


def test_batches_are_full_and_grouped_by_their_parameters(office, batch, make_order):
    shelves = "AABAABAABA"
    office.mill.orders = [make_order(str(n), shelf=shelf) for n, shelf in enumerate(shelves)]
    assert office.run(batch).counts == {"created": 10}
    assert office.depot.batches == [["0", "1", "3", "4"], ["6", "7", "9"], ["2", "5", "8"]]
    assert office.depot.parcels["5"]["shelf"] == "B"


def test_each_row_of_a_batch_has_its_own_answer(office, batch, make_order):
    colours = ["red", "refused", "blue"]
    office.mill.orders = [make_order(str(n), colour=c) for n, c in enumerate(colours)]
    run = office.run(batch)
    assert office.outcomes(run) == {"0": "created", "1": "rejected", "2": "created"}
    entry = office.entry(run, "1")
    assert (entry.reason, entry.field) == ("The depot takes no such colour.", "colour")
    assert entry.how_to_fix == "Correct the order at the source, then retry."


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_row_is_alone(office, batch, make_order):
    office.mill.orders = [
        make_order(str(n), colour="poison" if n == 2 else "red") for n in range(4)
    ]
    run = office.run(batch)
    assert office.outcomes(run) == {"0": "created", "1": "created", "2": "rejected", "3": "created"}
    assert office.depot.batches == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["3"]]
    assert office.entry(run, "2").reason == "This batch can't be read."


def test_a_connector_that_loses_a_row_of_its_batch_is_caught(office, batch, make_order):
    office.mill.orders = [make_order("0", colour="lost"), make_order("1"), make_order("2")]
    run = office.run(batch)
    assert set(office.outcomes(run).values()) == {"failed"}
    assert "3 rows and reported on 2" in office.entry(run, "1").reason


def test_a_batch_refused_for_its_key_stops_the_run_before_the_next(office, batch, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(12)]
    office.depot.key = "changed"
    assert office.run(batch).read == 0
    assert len(office.depot.sent("/shelves")) == 1


# -- one key, several rows -------------------------------------------------------------------------


@pytest.fixture
def per_customer(office):
    """Several orders of one customer are one parcel."""
    return office.recipe(office.SINGLE.rstrip() + "\n  key: order.customer.id\n")


def test_rows_of_one_key_are_sent_one_after_another(office, per_customer, make_order):
    office.mill.orders = [
        make_order("1", colour="red", title="T"),
        make_order("2", colour="blue", title="T"),
        make_order("3", colour="blue", title="T"),
    ]
    run = office.run(per_customer)
    assert office.outcomes(run) == {"1": "created", "2": "updated", "3": "unchanged"}
    assert office.depot.sent() == ["PUT /parcels/c1", "PUT /parcels/c1"]
    assert office.depot.parcels["c1"]["colour"] == "blue"


def test_what_is_unchanged_is_listed_under_the_records_own_key(office, per_customer, make_order):
    office.mill.orders = [make_order("1")]
    office.run(per_customer)
    assert office.outcomes(office.run(per_customer)) == {"1": "unchanged"}


def test_a_step_with_a_key_of_its_own_adds_no_records_to_the_report(office, make_order):
    recipe = office.recipe(
        office.SINGLE.rstrip()
        + "\n  key: order.customer.id\n"
        + office.BATCH.replace("id: parcel", "id: again")
    )
    office.mill.orders = [make_order("1"), make_order("2")]
    assert office.outcomes(office.run(recipe)) == {"1": "created", "2": "created"}
    assert office.outcomes(office.run(recipe)).keys() == {"1", "2"}


# -- searches --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("if_none", "outcome", "reason"),
    [
        ("if_none: {reject: '{{ order.title }}: no such buyer.'}", "rejected",
         "Order 2: no such buyer. Looked for email 'bo@mill.example'."),
        ("if_none: {skip: Not a buyer yet.}", "skipped",
         "Not a buyer yet. Looked for email 'bo@mill.example'."),
        ("if_none: reject", "rejected",
         "The Depot has no such customer. Looked for email 'bo@mill.example'."),
    ],
)  # fmt: skip
def test_a_search_that_finds_nothing_ends_the_record_as_the_recipe_says(
    office, make_order, if_none, outcome, reason
):
    recipe = office.recipe(LAWYER.replace("IF_NONE", if_none))
    stranger = make_order("2", customer={"email": "bo@mill.example"})
    office.mill.orders = [make_order("1"), stranger]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": outcome}
    entry = office.entry(run, "2")
    assert (entry.reason, entry.step, entry.code) == (reason, "buyer", "not_found")
    assert office.depot.parcels["1"]["customer"] == "C-1"


def test_a_search_without_what_it_needs_says_what_for(office, make_order):
    recipe = office.recipe(LAWYER.replace("IF_NONE", "if_none: reject"))
    office.mill.orders = [make_order("1", customer={"email": None})]
    said = "The Depot needs email to find the customer, but order.customer.email is empty."
    assert office.entry(office.run(recipe), "1").reason == said


def test_a_search_that_finds_nothing_may_be_passed_over(office, make_order):
    recipe = office.recipe(LAWYER.replace("IF_NONE", "if_none: continue"))
    office.mill.orders = [make_order("2", customer={"email": "bo@mill.example"})]
    assert office.run(recipe).counts == {"created": 1}
    assert office.depot.parcels["2"]["customer"] is None


def test_a_reason_that_can_not_be_worked_out_does_not_cost_the_record_its_outcome(
    office, make_order
):
    if_none = """if_none: {reject: "Nobody at {{ order.customer.phone | phone('US') }}."}"""
    recipe = office.recipe(LAWYER.replace("IF_NONE", if_none))
    office.mill.orders = [make_order("2", customer={"email": "bo@mill.example", "phone": "12"})]
    run = office.run(recipe)
    assert office.outcomes(run) == {"2": "rejected"}
    assert office.entry(run, "2").reason.startswith("The Depot has no such customer.")


def test_the_same_search_is_asked_once_a_run(office, make_order):
    recipe = office.recipe(LAWYER.replace("IF_NONE", "if_none: reject"))
    office.mill.orders = [make_order(str(n)) for n in range(20)]
    office.run(recipe)
    assert len(office.depot.sent("/customers")) == 1


def test_a_search_that_fails_is_asked_again_and_not_remembered(office, make_order, small_chunks):
    recipe = office.recipe(LAWYER.replace("IF_NONE", "if_none: reject"))
    office.mill.orders = [make_order(str(n)) for n in range(8)]
    office.line.reaches = lambda number: number > 3  # three tries of the first request
    run = office.run(recipe)
    assert run.counts == {"failed": 4, "created": 4}


# -- results that later steps read -----------------------------------------------------------------

TRACKED = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}"}
- id: note
  use: depot.send_note
  if: order.note != ''
  with: {text: "{{ parcel.track }} {{ order.note }}"}
"""


def test_a_later_step_reads_the_result_also_of_what_was_unchanged(office, make_order):
    recipe = office.recipe(TRACKED)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    office.mill.orders = [make_order("1", note="hello")]
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert office.depot.notes[0]["text"] == "T1 hello"
    assert len(office.depot.sent("/parcels")) == 1


def test_a_result_that_was_not_kept_is_asked_for_once_more(office, make_order):
    """The recipe has been edited: a step now reads what none read before."""
    office.mill.orders = [make_order("1", note="hello")]
    office.run(office.recipe(TRACKED.replace("parcel.track", "parcel.id")))
    recipe = office.recipe(TRACKED)
    assert office.run(recipe).counts == {"updated": 1}
    assert [n["text"] for n in office.depot.notes] == ["P-1 hello", "T1 hello"]
    assert office.run(recipe).counts == {"unchanged": 1}


def test_without_a_condition_met_a_step_is_passed_by(office, make_order):
    recipe = office.recipe(TRACKED.replace("- id: note", "- id: note\n  key: order.id"))
    office.mill.orders = [make_order("1"), make_order("2", note="hello")]
    assert office.run(recipe).counts == {"created": 2}
    assert [n["ref"] for n in office.depot.notes] == ["2"]


def test_a_record_that_no_step_is_for_is_skipped(office, make_order):
    recipe = office.recipe(office.SINGLE.rstrip() + "\n  if: order.weight > 10\n")
    office.mill.orders = [make_order("1"), make_order("2", weight=20)]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "skipped", "2": "created"}
    assert office.entry(run, "1").reason == "No step applied to this record."


def test_slow_calls_are_made_several_at_once_and_all_answered(office, single, make_order):
    together, most, lock = 0, 0, threading.Lock()
    slow = threading.Event()

    def wait(request) -> bool:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        slow.wait(0.02)
        with lock:
            together -= 1
        return False

    office.line.loses = wait
    office.mill.orders = [make_order(str(n)) for n in range(20)]
    run = office.run(single, stopwatch=time.monotonic)
    assert run.counts == {"created": 20}
    assert 1 < most <= 8


def test_an_id_that_no_column_holds_whole_is_read_whole_all_the_same(office, make_order):
    note = office.NOTE.replace("{{ order.note }}", "{{ parcel.id }} {{ order.note }}")
    recipe = office.recipe(office.SINGLE + note)
    long = "x" * 300
    for said in ("first", "second"):  # the second time the parcel is unchanged
        office.mill.orders = [make_order(long, note=said)]
        office.run(recipe)
    assert [n["text"] for n in office.depot.notes] == [f"P-{long} first", f"P-{long} second"]
