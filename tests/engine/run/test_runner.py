"""A run as a whole: every record gets one outcome, the ledger balances, the status follows from it."""

import io
import logging

import pytest

from engine import redaction
from engine.run.ending import status_of
from engine.run.runner import Progress, execute
from engine.run.start import request_run
from engine.store.connections import remove_connection
from engine.store.runs import RunRequest, get_run, log_lines, request_cancel


def test_first_created_then_unchanged_then_updated(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    first = office.run(single)
    assert (first.status, first.counts) == ("succeeded", {"created": 2})
    assert office.entry(first, "2").target_id == "P-2"
    assert set(office.depot.parcels) == {"1", "2"}

    office.depot.requests.clear()
    second = office.run(single)
    assert (second.status, second.counts) == ("succeeded", {"unchanged": 2})
    assert office.depot.requests == []

    office.mill.orders[0]["colour"] = "blue"
    third = office.run(single)
    assert office.outcomes(third) == {"1": "updated", "2": "unchanged"}
    assert office.depot.sent() == ["PUT /parcels/1"]


def test_every_outcome_has_its_place_in_one_report(office, make_order, small_chunks):
    skip = "skip:\n  - if: order.shelf == 'Z'\n    reason: Shelf {{ order.shelf }} is closed.\n"
    recipe = office.recipe(
        office.SINGLE + office.NOTE.rstrip() + "\n  if: order.note != ''\n", more=skip
    )
    office.mill.orders = [make_order("quiet"), make_order("news"), make_order("bad")]
    office.run(recipe)

    office.line.loses = lambda request: request.url.path == "/notes"
    office.mill.orders = [
        make_order("new"),
        make_order("quiet"),
        make_order("news", colour="blue"),
        make_order("closed", shelf="Z"),
        make_order("bad", colour="refused"),
        make_order("crash", colour="crash"),
        make_order("lost", note="lost"),
        make_order(None),
    ]
    run = office.run(recipe)
    assert run.status == "partial"
    assert run.counts == {
        "created": 1, "updated": 1, "unchanged": 1, "skipped": 1,
        "rejected": 2, "failed": 1, "unsure": 1,
    }  # fmt: skip
    assert office.entry(run, "closed").reason == "Shelf Z is closed."
    assert office.outcomes(run)["lost"] == "unsure"
    for entry in office.entries(run):
        if entry.outcome in ("skipped", "rejected", "failed", "unsure"):
            assert entry.code
            assert entry.reason
        if entry.outcome in ("rejected", "failed", "unsure"):
            assert entry.how_to_fix


def test_two_steps_make_one_outcome(office, make_order):
    """The last step that writes is what the recipe is about."""
    recipe = office.recipe(office.SINGLE + office.NOTE)
    office.mill.orders = [make_order("1", note="a"), make_order("2", note="a")]
    assert office.run(recipe).counts == {"created": 2}
    office.mill.orders[0]["colour"] = "blue"  # the note is as it was
    assert office.outcomes(office.run(recipe)) == {"1": "updated", "2": "unchanged"}


def test_an_empty_source_is_a_success(office, single):
    run = office.run(single)
    assert (run.status, run.read, run.counts) == ("succeeded", 0, {})


# -- what goes wrong -------------------------------------------------------------------------------


def test_a_connectors_defect_costs_its_record_and_shows_no_python(
    office, single, make_order, caplog
):
    office.mill.orders = [make_order("1", colour="crash"), make_order("2")]
    run = office.run(single)
    assert office.outcomes(run) == {"1": "failed", "2": "created"}
    entry = office.entry(run, "1")
    assert entry.reason == (
        "The connector 'depot' failed in 'store_parcel' in a way it did not foresee."
    )
    assert "KeyError" not in f"{entry.reason} {entry.how_to_fix}"
    assert "KeyError" in caplog.text
    assert "depot.store_parcel failed" in caplog.text


def test_a_defect_in_many_records_does_not_keep_the_others_back(office, single, make_order):
    """It would keep them back for ever: the next run would begin with the same records."""
    defects = [make_order(f"bad{n}", colour="crash") for n in range(5)]
    office.mill.orders = [*defects, make_order("good")]
    run = office.run(single)
    assert run.counts == {"failed": 5, "created": 1}


def test_no_secret_reaches_the_log_the_report_or_the_connection(office, single, make_order, caplog):
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(redaction.RedactingFormatter())
    logging.getLogger("bridgework").addHandler(handler)
    try:
        office.mill.orders = [make_order("1", colour="crash")]
        run = office.run(single)
        office.depot.key = "another"
        refused = office.run(single)
    finally:
        logging.getLogger("bridgework").removeHandler(handler)
    shown = stream.getvalue() + repr([office.entries(r) for r in (run, refused)]) + repr(refused)
    assert "a defect of this connector" in shown
    assert office.secret not in shown


def test_a_connection_that_is_missing_when_the_run_starts_is_named(office, single, make_order):
    office.mill.orders = [make_order("1")]
    run_id = request_run(office.store, office.host, single)
    remove_connection(office.store, "depot")
    run = office.go(run_id)
    assert (run.status, run.message) == ("failed", "There is no connection called 'depot'.")


def test_a_trigger_that_crashes_is_named_and_what_came_before_is_settled(
    office, single, make_order, small_chunks
):
    office.mill.orders = [*(make_order(str(n)) for n in range(5)), ZeroDivisionError("private")]
    run = office.run(single)
    assert run.status == "failed"
    assert "'mill' failed in 'order_changed'" in run.message
    assert "private" not in f"{run.message} {run.hint}"
    assert run.counts == {"created": 4}


def test_a_run_that_does_not_exist_is_the_callers_mistake(office):
    with pytest.raises(LookupError):
        execute(office.store, office.host, 99)


@pytest.mark.parametrize(
    ("read", "counts", "status"),
    [
        (3, {"created": 2, "unchanged": 1}, "succeeded"),
        (3, {"created": 2, "skipped": 1}, "succeeded"),
        (3, {"created": 2, "rejected": 1}, "partial"),
        (3, {"created": 2, "waiting": 1}, "partial"),
        (3, {"created": 2}, "failed"),
        (2, {"created": 3}, "failed"),
    ],
)
def test_the_status_is_derived_from_the_ledger(office, single, read, counts, status):
    run = office.run(single)
    changed = type(run)(**{**vars(run), "read": read})
    assert status_of(changed, counts) == status


# -- stopping and going on -------------------------------------------------------------------------


def test_a_run_that_is_stopped_by_hand_keeps_what_it_settled(
    office, single, make_order, small_chunks
):
    office.mill.orders = [make_order(str(n)) for n in range(12)]
    run_id = request_run(office.store, office.host, single)

    def stop(progress: Progress) -> None:
        if progress.read == 8:
            request_cancel(office.store, run_id)

    run = office.go(run_id, on_progress=stop)
    assert (run.status, run.counts) == ("cancelled", {"created": 8})
    assert run.message == "It was stopped by hand."
    assert office.run(single).counts == {"unchanged": 8, "created": 4}


def test_a_run_that_pauses_goes_on_where_it_was(office, single, make_order, small_chunks):
    """As when the program ends and is started again: each record keeps its one outcome."""
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    office.run(single)
    for n in (1, 2, 6):
        office.mill.orders[n]["colour"] = "blue"
    office.mill.orders += [make_order("10"), make_order("11", colour="refused")]
    run_id = request_run(office.store, office.host, single)
    asked = iter(range(100))
    paused = office.go(run_id, pause=lambda: next(asked) >= 2)
    assert (paused.status, paused.finished_at) == ("queued", None)
    assert paused.read == 8

    office.clock.pass_by(hours=1)
    run = office.go(run_id)
    assert run.status == "partial"
    assert run.counts == {"unchanged": 7, "updated": 3, "created": 1, "rejected": 1}
    assert len(office.outcomes(run)) == 12
    assert office.depot.sent("/parcels/1") == ["PUT /parcels/1"] * 2 + [
        "PUT /parcels/10",
        "PUT /parcels/11",
    ]


def test_a_finished_run_is_not_done_again(office, single, make_order):
    office.mill.orders = [make_order("1")]
    run = office.run(single)
    office.mill.orders.append(make_order("2"))
    assert office.go(run.id) == run
    assert office.depot.sent() == ["PUT /parcels/1"]


# -- what people see meanwhile ---------------------------------------------------------------------


def test_progress_is_told_after_every_chunk_and_stored_with_it(
    office, single, make_order, small_chunks
):
    office.mill.orders = [make_order(str(n)) for n in range(6)]
    run_id = request_run(office.store, office.host, single)
    told, stored = [], []

    def note(progress: Progress) -> None:
        told.append((progress.read, dict(progress.counts)))
        now = get_run(office.store, run_id)
        stored.append((now.read, now.counts))

    office.go(run_id, on_progress=note)
    assert told == stored == [(4, {"created": 4}), (6, {"created": 6})]


def test_the_runs_log_says_what_was_read_and_how_it_ended(office, single, make_order):
    office.mill.orders = [make_order("1")]
    first, second = office.run(single), office.run(single)
    assert [line.message for _, line in log_lines(office.store, first.id)] == [
        "Reading everything.",
        "Finished; nothing needs attention.",
    ]
    said = [line.message for _, line in log_lines(office.store, second.id)]
    assert said[0] == "Reading what changed since 2026-11-24 09:50 UTC."


def test_a_limit_reads_no_more_than_it_says(office, single, make_order):
    read = []
    office.mill.orders = [
        entry for n in range(9) for entry in (make_order(str(n)), lambda n=n: read.append(n))
    ]
    run = office.run(single, RunRequest(limit=3))
    assert (run.read, run.counts) == (3, {"created": 3})
    assert read == [0, 1]
