"""Settling: outcomes, links, open problems and counters of a chunk, all of them or none."""

import pytest
from sqlalchemy import event, select

from engine.run.lookups import cursor_of, links_of
from engine.store.ledger import open_count
from engine.store.problems import open_causes, open_per_cause
from engine.store.runs import RunRequest
from engine.store.tables import links, open_problems


def test_a_chunk_is_written_in_one_transaction_or_not_at_all(office, single, make_order):
    """The disk is full just when the counters are written: nothing of the chunk is kept."""
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]

    @event.listens_for(office.store.engine, "before_cursor_execute", retval=False)
    def fail(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("UPDATE runs SET read"):
            raise OSError("disk full")

    run = office.run(single)
    event.remove(office.store.engine, "before_cursor_execute", fail)
    assert (run.status, run.read) == ("failed", 0)
    assert run.message == "Something went wrong inside Bridgework."
    assert office.entries(run) == []
    assert office.open_problems() == {}
    assert links_of(office.store, "parcels", "parcel", ["1"]) == {}
    # The parcel is sent once more, which does no harm; the depot says that it has it just so.
    assert office.run(single).counts == {"unchanged": 1, "rejected": 1}


def test_links_say_where_a_record_went_and_which_run_saw_it_last(office, single, make_order):
    office.mill.orders = [make_order("1")]
    first = office.run(single)
    link = links_of(office.store, "parcels", "parcel", ["1", "other"])["1"]
    assert (link.target_id, link.run_id, link.result) == ("P-1", first.id, None)
    second = office.run(single)
    again = links_of(office.store, "parcels", "parcel", ["1"])["1"]
    assert (again.run_id, again.fingerprint) == (second.id, link.fingerprint)


def test_only_results_that_a_later_step_reads_are_kept(office, make_order):
    steps = office.SINGLE + office.NOTE.replace("{{ order.note }}", "{{ parcel.track }}")
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(steps))
    found = links_of(office.store, "parcels", "parcel", ["1"])["1"]
    assert found.result["track"] == "T1"
    assert links_of(office.store, "parcels", "note", ["1"])["1"].result is None


def test_a_record_the_target_had_just_so_is_linked_all_the_same(office, single, make_order):
    """It came by another way before; from now on nothing is sent for it."""
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(office.SINGLE, name="other"))
    assert office.run(single).counts == {"unchanged": 1}
    office.depot.requests.clear()
    assert office.run(single).counts == {"unchanged": 1}
    assert office.depot.requests == []


# -- open problems ---------------------------------------------------------------------------------


def test_a_problem_keeps_its_record_encrypted_until_it_settles(office, single, make_order):
    office.mill.orders = [make_order("1", colour="refused", note="private words")]
    run = office.run(single)
    with office.store.reading() as connection:
        row = connection.execute(select(open_problems)).one()
    assert (row.record_key, row.outcome, row.run_id, row.first_run_id) == (
        "1", "rejected", run.id, run.id,
    )  # fmt: skip
    assert b"private words" not in row.source
    assert office.store.vault.open(row.source)["note"] == "private words"
    office.mill.orders[0]["colour"] = "red"
    office.run(single)
    assert open_count(office.store) == 0


def test_a_problem_that_lasts_remembers_since_when(office, single, make_order):
    office.mill.orders = [make_order("1", colour="refused")]
    first, second = office.run(single), office.run(single)
    with office.store.reading() as connection:
        row = connection.execute(select(open_problems)).one()
    assert (row.first_run_id, row.run_id) == (first.id, second.id)
    assert office.open_problems() == {"1": "rejected"}


def test_fixed_counts_what_needed_attention_before(office, single, make_order, small_chunks):
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    office.run(single)
    office.mill.orders[0]["colour"] = "red"
    assert office.run(single).fixed == 1
    assert office.run(single).fixed == 0


def test_a_problem_of_the_same_run_is_not_fixed_but_overtaken(
    office, single, make_order, small_chunks
):
    later = make_order("1", changed_at="2026-11-24T12:00:00+00:00")
    others = [make_order(f"o{n}") for n in range(5)]
    office.mill.orders = [make_order("1", colour="refused"), *others, later]
    run = office.run(single)
    assert run.counts == {"created": 6}
    assert run.fixed == 0
    assert office.open_problems() == {}


def test_open_problems_are_grouped_by_cause_across_runs(office, single, make_order):
    office.mill.orders = [make_order(str(n), colour="refused") for n in range(3)]
    run = office.run(single)
    [cause] = open_causes(office.store)
    assert (cause.recipe, cause.run_id, cause.cause.count) == ("parcels", run.id, 3)
    assert cause.cause.reason == "The depot takes no such colour."
    office.mill.orders[0]["colour"] = "red"
    office.run(single)
    assert open_causes(office.store, "parcels")[0].cause.count == 2
    assert list(open_per_cause(office.store, run.id).values()) == [2]


# -- healing ---------------------------------------------------------------------------------------


def move_on(office, orders) -> None:
    """Let so much happen at the mill that older orders are not read any more."""
    office.mill.orders = [*orders, {**orders[0], "id": "new", "changed_at": "2026-11-24T20:00:00Z"}]


def test_what_needed_attention_is_tried_again_by_each_later_run(office, make_order):
    """The cause was at the target, so nothing changes at the source; its kept copy is sent."""
    recipe = office.recipe(
        "- id: buyer\n  use: depot.find_customer\n"
        '  with: {email: "{{ order.customer.email }}"}\n  if_none: reject\n'
        + office.SINGLE.lstrip()
    )
    stranger = make_order("2", customer={"email": "bo@mill.example"})
    move_on(office, [make_order("1"), stranger])
    assert office.run(recipe).counts == {"created": 2, "rejected": 1}

    assert office.run(recipe).counts == {"unchanged": 1, "rejected": 1}
    assert office.open_problems() == {"2": "rejected"}

    office.depot.customers["bo@mill.example"] = {"id": "C-2", "email": "bo@mill.example"}
    healed = office.run(recipe)
    assert healed.counts == {"unchanged": 1, "created": 1}
    assert (healed.status, healed.fixed) == ("succeeded", 1)
    assert office.open_problems() == {}


def test_a_record_that_has_left_a_source_read_whole_needs_no_attention(office, make_order):
    recipe = office.recipe(office.SINGLE, trigger="order_listed")
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    office.run(recipe)
    office.mill.orders = [make_order("2")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "skipped", "2": "unchanged"}
    assert office.entry(run, "1").reason == "This order is no longer at the source."
    assert office.open_problems() == {}


@pytest.mark.parametrize("stopper", ["limit", "failure"])
def test_a_run_that_did_not_come_to_its_end_heals_nothing(office, make_order, stopper):
    recipe = office.recipe(office.SINGLE, trigger="order_listed")
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    office.run(recipe)
    office.mill.orders = [make_order("1")]
    if stopper == "limit":
        office.run(recipe, RunRequest(limit=1))
    else:
        office.mill.orders.append(RuntimeError("gone"))
        office.run(recipe)
    assert office.open_problems() == {"2": "rejected"}


def test_the_cursor_is_kept_as_a_moment(office, single, make_order):
    office.mill.orders = [make_order("1", changed_at="2026-11-24T12:00:00+02:00")]
    office.run(single)
    name = "mill.order_changed "
    assert cursor_of(office.store, "parcels", name) == "2026-11-24T10:00:00+00:00"


def test_a_record_costs_no_row_while_it_is_unchanged(office, single, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(50)]
    office.run(single)
    with office.store.reading() as connection:
        before = len(connection.exec_driver_sql("SELECT id FROM ledger").all())
    office.run(single)
    with office.store.reading() as connection:
        assert len(connection.exec_driver_sql("SELECT id FROM ledger").all()) == before
        assert len(connection.execute(select(links)).all()) == 50
