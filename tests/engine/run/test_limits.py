"""`limits:` carried out: too much that is new is held, too much that is rejected stops the run."""

import pytest
from sqlalchemy import select

from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.start import released, request_run
from engine.run.workers.attendance import Attendance
from engine.store.notices import list_notices
from engine.store.runs import RunRequest
from engine.store.tables import cursors

HOLD = "limits: {hold_if_more_than: 3 new}"
STOP = "limits: {stop_if_rejected_over: 20%}"
LATER = "2026-11-24T12:00:00+00:00"


@pytest.fixture
def orders(make_order):
    """Return a function that makes orders with these numbers, changed at a moment."""

    def orders(*numbers, **fields):
        return [make_order(str(n), **fields) for n in numbers]

    return orders


def cursor(office):
    with office.store.reading() as connection:
        return connection.execute(select(cursors.c.value)).scalar()


def release(office, recipe, **how):
    return office.run(recipe, released(office.store, recipe.name), **how)


# -- hold_if_more_than -----------------------------------------------------------------------------


def test_the_first_run_holds_nothing(office, orders):
    office.mill.orders = orders(*range(9))
    assert office.run(office.recipe(office.SINGLE, more=HOLD)).counts == {"created": 9}


def test_a_try_with_a_few_records_does_not_count_as_the_first_run(office, orders):
    office.mill.orders = orders(*range(9))
    recipe = office.recipe(office.SINGLE, more=HOLD)
    office.run(recipe, RunRequest(limit=2))
    assert office.run(recipe).counts == {"unchanged": 2, "created": 7}


@pytest.mark.parametrize("way", ["SINGLE", "BATCH"])
def test_more_new_ones_than_allowed_are_held_while_known_ones_go_on(
    office, orders, small_chunks, way
):
    office.mill.orders = orders(1, 2)
    recipe = office.recipe(getattr(office, way), more=HOLD)
    office.run(recipe)
    before = cursor(office)
    office.mill.orders = [
        *orders(11, 12, changed_at=LATER),
        *orders(1, colour="blue", changed_at=LATER),
        *orders(*range(13, 30), changed_at=LATER),
        *orders(2, colour="blue", changed_at=LATER),
    ]
    run = office.run(recipe)
    assert (run.status, run.counts) == ("held", {"updated": 2})
    assert run.message == (
        "19 new orders came, and the recipe lets 3 through by itself, so none of them was sent."
    )
    assert "bridgework run parcels --release" in run.hint
    assert sorted(office.depot.parcels) == ["1", "2"]
    assert cursor(office) == before
    assert [n.subject for n in list_notices(office.store)] == ["Orders become parcels is on hold"]


def test_a_person_lets_through_what_was_held(office, orders, small_chunks):
    office.mill.orders = orders(1)
    recipe = office.recipe(office.SINGLE, more=HOLD)
    office.run(recipe)
    office.mill.orders = orders(1, *range(10, 20), changed_at=LATER)
    assert office.run(recipe).status == "held"
    assert office.run(recipe).status == "held"  # it does not pass by itself the second time
    run = release(office, recipe)
    assert (run.status, run.counts) == ("succeeded", {"created": 10, "unchanged": 1})
    assert cursor(office) == LATER
    assert list_notices(office.store)[0].subject == "Orders become parcels works again"


def test_as_many_as_allowed_are_sent_at_the_end_of_reading(office, orders, small_chunks):
    office.mill.orders = orders(1)
    recipe = office.recipe(office.SINGLE, more=HOLD)
    office.run(recipe)
    office.mill.orders = orders(7, 8, 9, 1, changed_at=LATER)
    run = office.run(recipe)
    assert (run.status, run.counts) == ("succeeded", {"created": 3, "unchanged": 1})
    assert office.depot.sent("PUT /parcels")[-3:] == [f"PUT /parcels/{n}" for n in (7, 8, 9)]


def test_one_that_changes_while_it_is_held_goes_in_its_latest_state(office, orders, small_chunks):
    office.mill.orders = orders(1)
    recipe = office.recipe(office.SINGLE, more=HOLD)
    office.run(recipe)
    first = orders(7, changed_at=LATER)
    again = orders(7, colour="blue", changed_at="2026-11-24T13:00:00+00:00")
    office.mill.orders = [*first, *orders(8, 9, 1, changed_at=LATER), *again]
    assert office.run(recipe).counts == {"created": 3, "unchanged": 1}
    assert office.depot.parcels["7"]["colour"] == "blue"


def test_one_left_out_by_a_rule_and_one_that_needed_attention_before_are_not_new(office, orders):
    office.mill.orders = orders(1, 2, 3, 4, colour="refused")
    skip = "skip:\n  - if: order.weight == 0\n    reason: It weighs nothing."
    recipe = office.recipe(office.SINGLE, more=f"{HOLD}\n{skip}")
    office.run(recipe)
    office.mill.orders = [
        *orders(1, 2, 3, 4, changed_at=LATER),
        *orders(*range(20, 30), weight=0, changed_at=LATER),
        *orders(5, 6, 7, changed_at=LATER),
    ]
    run = office.run(recipe)
    assert (run.status, run.counts) == ("succeeded", {"created": 7, "skipped": 10})


def test_what_needed_attention_heals_while_new_ones_are_held(office, orders):
    office.mill.orders = orders(1, 2, colour="refused")
    recipe = office.recipe(office.SINGLE, more=HOLD)
    office.run(recipe)
    office.mill.orders = orders(*range(10, 20), changed_at=LATER)
    office.recipe(office.SINGLE.replace("{{ order.colour }}", "red"), more=HOLD)
    run = office.run(office.library.load("parcels"))
    assert (run.status, run.counts, run.fixed) == ("held", {"created": 2}, 2)


def test_a_step_with_another_name_makes_everything_new(office, orders):
    office.mill.orders = orders(1, 2, 3, 4)
    office.run(office.recipe(office.SINGLE, more=HOLD))
    renamed = office.recipe(office.SINGLE.replace("id: parcel", "id: box"), more=HOLD)
    assert office.run(renamed, RunRequest(full=True)).status == "held"


def test_records_are_known_by_what_their_key_and_their_loop_sent(office, orders):
    steps = {
        "key": office.SINGLE.rstrip() + "\n  key: order.customer.id\n",
        "loop": "- for_each: order.parts\n  as: part\n  steps:\n    - use: mill.keep\n"
        "      id: kept\n      with: {title: '{{ part }}'}\n",
    }
    for name, text in steps.items():
        trigger = "order_open" if name == "loop" else "order_listed"
        recipe = office.recipe(text, more=HOLD, name=name, trigger=trigger)
        office.mill.orders = [
            order for n in range(4) for order in orders(n, customer={"id": n}, parts=["a", "b"])
        ]
        office.run(recipe)
        assert office.run(recipe).counts == {"unchanged": 4}
        new = [order for n in range(11, 16) for order in orders(n, customer={"id": f"c{n}"})]
        office.mill.orders += [{**order, "parts": ["c"]} for order in new]
        assert office.run(recipe).status == "held"


def test_a_run_that_is_taken_up_again_holds_and_sends_each_once(office, orders, small_chunks):
    office.mill.orders = orders(1)
    recipe = office.recipe(office.SINGLE, more="limits: {hold_if_more_than: 8 new}")
    office.run(recipe)
    office.mill.orders = orders(*range(10, 18), changed_at=LATER)
    run_id = request_run(office.store, office.host, recipe)
    with Attendance(office.store) as attendance:
        run = execute(
            office.store,
            office.host,
            run_id,
            pause=lambda: len(office.depot.parcels) > 4,
            shift=attendance.shift,
            **office.how,
        )
    assert (run.status, run.counts) == ("queued", {"created": 4})
    run = office.go(run_id)
    assert (run.status, run.counts) == ("succeeded", {"created": 8})
    assert len(office.depot.sent("PUT /parcels")) == 9


def test_a_preview_says_what_a_run_would_hold(office, orders):
    office.mill.orders = orders(1)
    recipe = office.recipe(office.SINGLE, more=HOLD)
    assert preview(office.store, office.host, recipe, **office.how).held == ""
    office.run(recipe)
    office.mill.orders = orders(1, 5, 6, 7, 8, changed_at=LATER)
    held = preview(office.store, office.host, recipe, **office.how).held
    assert held == "A run would hold 4 new orders: the recipe lets 3 through by itself."


# -- stop_if_rejected_over -------------------------------------------------------------------------


def test_a_run_stops_when_too_many_are_rejected_and_goes_on_the_next_time(
    office, orders, small_chunks
):
    bad, good = orders(*range(6), colour="refused"), orders(*range(100, 140))
    office.mill.orders = [*good[:16], *bad, *good[16:]]
    recipe = office.recipe(office.SINGLE, more=STOP)
    run = office.run(recipe)
    assert run.status == "failed"
    assert run.message == (
        "It stopped itself: 6 of the first 24 new or changed orders did not come over, and the "
        "recipe stops over 20 %."
    )
    assert run.counts == {"created": 18, "rejected": 6}
    assert cursor(office) is None
    after = office.run(recipe)  # what was rejected before is no news
    assert after.counts == {"unchanged": 18, "rejected": 6, "created": 22}


def test_few_records_do_not_stop_a_run(office, orders, small_chunks):
    office.mill.orders = [*orders(*range(15), colour="refused"), *orders(20, 21, 22, 23)]
    run = office.run(office.recipe(office.SINGLE, more=STOP))
    assert run.counts == {"rejected": 15, "created": 4}


def test_a_retry_is_not_stopped(office, orders, small_chunks):
    office.mill.orders = orders(*range(30), colour="refused")
    recipe = office.recipe(office.SINGLE)
    run = office.run(recipe)
    office.recipe(office.SINGLE, more=STOP)
    assert office.retry(run).counts == {"rejected": 30}
