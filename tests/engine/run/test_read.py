"""Reading: what is asked of the source, which records are one, and which are none."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import RemoteError
from engine.run.read import is_newer, moment
from engine.sdk import BadRecord
from engine.store.runs import RunRequest


@pytest.fixture
def listed(office):
    """A recipe whose source is read whole each time."""
    return office.recipe(office.SINGLE, trigger="order_listed")


# -- how far back ----------------------------------------------------------------------------------


def test_the_first_run_reads_everything_and_later_ones_from_a_little_before_the_cursor(
    office, make_order
):
    recipe = office.recipe(office.SINGLE, trigger_keys="overlap: 15 minutes")
    office.mill.orders = [
        make_order("1", changed_at="2026-11-24T09:00:00+00:00"),
        make_order("2", changed_at="2026-11-24T12:00:00+02:00"),
    ]
    office.run(recipe)
    office.run(recipe)
    latest = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert office.mill.asked_since == [None, latest - timedelta(minutes=15)]


def test_the_first_run_reaches_as_far_as_the_recipe_says(office, make_order):
    recipe = office.recipe(office.SINGLE, trigger_keys="first_run: last 2 days")
    office.mill.orders = [make_order("1"), make_order("2", changed_at="2026-11-20T00:00:00+00:00")]
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert office.mill.asked_since == [office.clock() - timedelta(days=2)]


def test_a_full_run_reads_the_first_runs_reach_again(office, make_order):
    recipe = office.recipe(office.SINGLE, trigger_keys="first_run: last 2 days")
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    office.run(recipe, RunRequest(full=True))
    assert office.mill.asked_since[1] == office.clock() - timedelta(days=2)


def test_the_cursor_never_passes_the_moment_the_run_began(office, single, make_order):
    """What changed while it was read may have been read in its old state."""
    office.mill.orders = [make_order("1", changed_at="2027-01-01T00:00:00+00:00")]
    began = office.clock()
    office.run(single)
    office.run(single)
    assert office.mill.asked_since[1] == began - timedelta(minutes=10)


def test_records_of_one_instant_are_all_read_however_late_they_appear(office, single, make_order):
    office.mill.orders = [make_order("1")]
    office.run(single)
    office.mill.orders.append(make_order("2"))  # of the same second as the first
    assert office.outcomes(office.run(single)) == {"1": "unchanged", "2": "created"}


def test_the_cursor_stays_where_a_run_with_a_limit_found_it(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    limited = office.run(single, RunRequest(limit=1))
    assert (limited.read, limited.status) == (1, "succeeded")
    office.run(single)
    assert office.mill.asked_since == [None, None]


def test_the_cursor_stays_when_the_source_fails_and_what_was_read_is_settled(
    office, single, make_order, small_chunks
):
    orders = [make_order(str(n)) for n in range(6)]
    office.mill.orders = [*orders, RemoteError("The mill has burnt down.", hint="Call them.")]
    run = office.run(single)
    assert (run.status, run.message) == ("failed", "The mill has burnt down.")
    assert run.hint == "Call them. What was read before is settled."
    assert run.counts == {"created": 4}

    office.mill.orders = orders
    assert office.run(single).counts == {"created": 2, "unchanged": 4}
    assert office.mill.asked_since == [None, None]


def test_the_cursor_belongs_to_the_trigger_with_its_parameters(office, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(office.SINGLE, trigger_keys="with: {shelf: A}"))
    office.run(office.recipe(office.SINGLE, trigger_keys="with: {shelf: B}"))
    office.run(
        office.recipe(
            office.SINGLE + "  if: order.id is not blank", trigger_keys="with: {shelf: A}"
        )
    )
    assert [since is None for since in office.mill.asked_since] == [True, True, False]


def test_a_cursor_value_that_is_no_time_stops_nothing_and_moves_nothing(office, make_order):
    recipe = office.recipe(office.SINGLE)
    office.mill.orders = [make_order("1", changed_at="some day"), make_order("2", changed_at=None)]
    assert office.run(recipe).counts == {"created": 2}
    office.mill.orders = []
    office.run(recipe)
    assert office.mill.asked_since == [None, None]


# -- which records are one -------------------------------------------------------------------------


def test_the_same_record_twice_is_read_once(office, listed, make_order):
    office.mill.orders = [make_order("1"), make_order("2"), make_order("1")]
    assert office.run(listed).counts == {"created": 2}


def test_of_two_states_of_a_record_the_later_one_counts(office, single, make_order):
    office.mill.orders = [
        make_order("1", colour="blue", changed_at="2026-11-24T12:00:00+00:00"),
        make_order("1", colour="red", changed_at="2026-11-24T11:00:00+00:00"),
    ]
    run = office.run(single)
    assert office.depot.parcels["1"]["colour"] == "blue"
    assert run.counts == {"created": 1, "skipped": 1}
    office.mill.orders.reverse()
    assert office.run(single).counts == {"unchanged": 1}


@pytest.mark.parametrize("between", [0, 3, 7])
def test_a_record_that_changes_while_it_is_read_has_one_outcome(
    office, single, make_order, small_chunks, between
):
    """Between the two states lie none, some, or more than a chunk of other records."""
    noon = "2026-11-24T12:00:00+00:00"
    others = [make_order(f"o{n}", changed_at=noon) for n in range(between)]
    newer = make_order("1", colour="blue", changed_at=noon)
    office.mill.orders = [make_order("1"), *others, newer]
    run = office.run(single)
    assert run.counts == {"created": 1 + between}
    assert office.depot.parcels["1"]["colour"] == "blue"
    # Known records, too: the first state is as it was, the second is news.
    newest = make_order("1", colour="red", changed_at="2026-11-24T13:00:00+00:00")
    office.mill.orders = [newer, *others, newest]
    again = office.run(single)
    assert again.counts == {"updated": 1} | ({"unchanged": between} if between else {})
    assert office.depot.parcels["1"]["colour"] == "red"


@pytest.mark.parametrize("between", [0, 7])
def test_two_records_with_one_key_are_told_apart_by_no_run(
    office, listed, make_order, small_chunks, between
):
    """The first counts in every run; the second is reported, and never takes its place."""
    others = [make_order(f"o{n}") for n in range(between)]
    office.mill.orders = [make_order("1"), *others, make_order("1", colour="blue")]
    for _ in range(3):
        run = office.run(listed)
        assert run.counts.get("skipped") == 1
        assert run.read == 2 + between
        assert office.depot.parcels["1"]["colour"] == "red"
    [entry] = [e for e in office.entries(run) if e.outcome == "skipped"]
    assert entry.code == "same_key"
    assert entry.reason == "Another record with the key '1' came before it in this run."


@pytest.mark.parametrize("between", [0, 7])
def test_a_second_record_with_its_key_does_not_close_a_records_problem(
    office, listed, make_order, small_chunks, between
):
    others = [make_order(f"o{n}") for n in range(between)]
    refused = make_order("1", colour="refused")
    office.mill.orders = [refused, *others, make_order("1", colour="blue")]
    office.run(listed)
    assert office.open_problems() == {"1": "rejected"}


# -- which are none --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, ""])
def test_a_record_without_its_key_is_rejected_and_the_others_go_on(office, single, make_order, key):
    office.mill.orders = [make_order(key, title="Nameless"), make_order("2")]
    run = office.run(single)
    assert run.counts == {"created": 1, "rejected": 1}
    [entry] = [e for e in office.entries(run) if e.outcome == "rejected"]
    assert (entry.title, entry.code, entry.field, entry.step) == (
        "Nameless",
        "no_key",
        "id",
        "trigger",
    )
    assert entry.reason == "This order has no 'id', by which it would be known."
    # The same record is the same in the next run, so it is one problem, not two.
    office.run(single)
    assert len(office.open_problems()) == 1


def test_zero_is_a_key(office, single, make_order):
    office.mill.orders = [make_order(0)]
    assert office.outcomes(office.run(single)) == {"0": "created"}


def test_what_can_not_be_a_record_is_reported_in_the_connectors_words(office, single, make_order):
    bad = BadRecord("line 7", "Line 7 has 3 columns.", "ragged", hint="Mend it.", label="line 7")
    office.mill.orders = [bad, make_order("1")]
    run = office.run(single)
    assert run.counts == {"created": 1, "rejected": 1}
    entry = office.entry(run, "line 7")
    assert (entry.reason, entry.how_to_fix, entry.code) == (
        "Line 7 has 3 columns.",
        "Mend it.",
        "ragged",
    )


@pytest.mark.parametrize("odd", ["half \ud83d a character", "nul \0", 2**70, float("nan")])
@pytest.mark.parametrize("field", ["id", "title", "note", "colour"])
def test_what_no_other_system_would_store_costs_one_record_at_most(
    office, single, make_order, odd, field
):
    office.mill.orders = [
        make_order("1") | {field: odd},
        make_order("2"),
        make_order(None) | {"note": odd},
    ]
    for expected in ("created", "unchanged"):
        run = office.run(single)
        assert run.read == 3
        assert office.outcomes(run)["2"] == expected
        assert run.counts["rejected"] >= 1


def test_a_trigger_that_yields_no_record_at_all_is_named(office, single, make_order, caplog):
    office.mill.orders = [make_order("1"), "not a record"]
    run = office.run(single)
    assert run.status == "failed"
    assert "'mill'" in run.message
    assert "'order_changed'" in run.message


# -- cursor values ---------------------------------------------------------------------------------


def test_cursor_values_are_compared_as_moments() -> None:
    assert is_newer("2026-01-01T12:00:00Z", "2026-01-01T12:30:00+01:00")
    assert not is_newer("2026-01-01", "2026-01-01T00:00:00Z")
    assert not is_newer(None, "2026-01-01")
    assert not is_newer("2026-01-01", None)


def test_a_moment_without_a_zone_counts_as_utc() -> None:
    assert moment("2026-01-01T12:00:00") == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert moment(datetime(2026, 1, 1, 12)) == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert moment("some day") is None
