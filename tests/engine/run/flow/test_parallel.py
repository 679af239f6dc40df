"""``parallel``: branches that don't depend on each other, whose calls are made at the same time."""

import time
from threading import Barrier, BrokenBarrierError

from engine.run.preview import preview

BOTH = """
- parallel:
    - - id: parcel
        use: depot.store_parcel
        with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
    - steps:
        - id: customer
          use: depot.find_customer
          with: {email: "{{ order.customer.email }}"}
        - id: note
          use: depot.send_note
          with: {text: "{{ order.title }} {{ customer.id }}"}
"""
THEN = """
- id: last
  use: depot.send_marked_note
  with: {text: "{{ parcel.track }} {{ note.text }}"}
"""


def test_later_steps_read_what_every_branch_gave(office, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    recipe = office.recipe(BOTH + THEN)
    assert office.outcomes(office.run(recipe)) == {"1": "created", "2": "created"}
    assert sorted(note["text"] for note in office.depot.notes) == [
        "Order 1 C-1", "Order 2 C-1", "T1 Order 1 C-1", "T2 Order 2 C-1",
    ]  # fmt: skip
    sent = len(office.depot.requests)
    office.mill.orders = [make_order("1")]
    assert office.outcomes(office.run(recipe)) == {"1": "unchanged"}
    assert office.depot.sent()[sent:] == ["GET /customers"]


def test_a_record_that_fails_in_one_branch_goes_through_the_others(office, make_order):
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    run = office.run(office.recipe(BOTH + THEN))
    assert office.outcomes(run) == {"1": "rejected", "2": "created"}
    assert office.entry(run, "1").step == "parcel"
    texts = [note["text"] for note in office.depot.notes]
    assert "Order 1 C-1" in texts
    assert not any(text.startswith("T1") for text in texts)
    office.mill.orders = [make_order("1")]
    sent = len(texts)
    assert office.outcomes(office.retry(run)) == {"1": "created"}
    assert len(office.depot.notes) == sent + 1  # the branch that went well isn't gone again


def test_the_worst_of_the_branches_is_the_records_outcome(office, make_order):
    recipe = office.recipe(
        """
- parallel:
    - - {skip: Not today.}
    - wait: 2 days
    - - {reject: It is wrong., if: order.weight > 10}
"""
    )
    office.mill.orders = [make_order("1"), make_order("2", weight=12)]
    assert office.outcomes(office.run(recipe)) == {"1": "waiting", "2": "rejected"}


def test_calls_of_different_branches_are_made_at_the_same_time(office, make_order):
    """Each request waits until one of the other branch is there, which can't be otherwise."""
    meet, met = Barrier(2), []

    def before(request):
        if len(met) == 2:
            return
        try:
            meet.wait(timeout=2)
        except BrokenBarrierError:
            return
        met.append(request.method)

    office.mill.orders = [make_order("1")]
    recipe = office.recipe(BOTH)
    office.line.before = before
    office.run(recipe)
    assert sorted(met[:2]) == ["GET", "PUT"]


def test_a_branch_that_must_stop_stops_the_others(office, make_order):
    """The first branch's account isn't accepted: the run stops, and nothing is lost or doubled."""
    stopping = BOTH.replace(
        "    - - id: parcel",
        "    - - {if: order.weight > 10, stop: Too heavy.}\n      - id: parcel",
    )
    recipe = office.recipe(stopping)
    orders = [make_order(str(n)) for n in range(30)]
    office.mill.orders = [*orders, make_order("30", weight=12)]
    office.line.before = lambda request: time.sleep(0.02)
    run = office.run(recipe)
    assert (run.status, run.message) == ("failed", "Too heavy.")
    assert len(office.depot.notes) < 30
    office.line.before = None
    office.mill.orders = orders
    run = office.run(recipe)
    assert set(office.outcomes(run).values()) == {"created"}
    texts = [note["text"] for note in office.depot.notes]
    assert sorted(texts) == sorted(f"Order {n} C-1" for n in range(30))


def test_a_preview_agrees(office, make_order):
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    recipe = office.recipe(BOTH)
    found = preview(office.store, office.host, recipe, transports={"depot": office.line})
    assert found.counts == {"created": 2}
    assert [row.step for row in found.entries[1].rows] == ["parcel", "note"]
    assert office.depot.notes == []
