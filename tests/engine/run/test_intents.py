"""Rows whose answer never came: asked about, sent again under the same key, or left to a person.

What a killed process leaves behind is tested in test_crash_once.py; here the line breaks.
"""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select, update

from engine.run import pace
from engine.run.calling import CALLS_IN_FLIGHT
from engine.run.preview import preview
from engine.store.intents import find_intents
from engine.store.runs import RunRequest
from engine.store.silence import SILENCE_VARIABLE
from engine.store.tables import intents

FOUND, MARKED = "send_known_note", "send_marked_note"


@pytest.fixture(autouse=True)
def _short_silence(monkeypatch):
    """What a dead process sent is given so long to arrive."""
    monkeypatch.setenv(SILENCE_VARIABLE, "0.3")


@pytest.fixture
def noted(office):
    """Return a function that writes the recipe which sends notes by an action."""
    return lambda use: office.recipe(office.NOTE.replace("send_note", use))


def texts(office):
    return [note["text"] for note in office.depot.notes]


def left(office, *keys):
    return find_intents(office.store, "parcels", "note", keys)


def first_answer_lost(office):
    lost = iter([True])
    office.line.loses = lambda request: request.method == "POST" and next(lost, False)


def test_what_may_have_arrived_is_looked_up_by_the_next_run(office, noted, make_order):
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello"), make_order("2", note="bye")]
    first_answer_lost(office)
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "failed", "2": "created"}
    assert office.entry(run, "1").code == "no_answer"
    assert "looks in The Depot" in office.entry(run, "1").how_to_fix
    assert set(left(office, "1", "2")) == {"1"}

    expected = preview(office.store, office.host, recipe, full=True, **office.how)
    assert expected.counts == {"created": 1, "unchanged": 1}
    assert set(left(office, "1")) == {"1"}  # a preview changes nothing

    after = office.run(recipe)
    assert office.outcomes(after) == {"1": "created", "2": "unchanged"}
    assert office.entry(after, "1").target_id == "N-1"
    assert after.fixed == 1
    assert texts(office) == ["hello", "bye"]
    assert not left(office, "1")


def test_what_did_not_arrive_is_sent(office, noted, make_order):
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    office.run(recipe)
    office.depot.notes.clear()
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello"]


def test_a_change_since_is_sent_to_what_the_first_sending_became(office, noted, make_order):
    """The depot is asked about the row as it is now, so what it has is not this row."""
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    office.run(recipe)
    office.mill.orders = [make_order("1", note="hello again")]
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello", "hello again"]
    assert not left(office, "1")


def test_while_the_target_can_not_be_asked_nothing_is_sent(office, noted, make_order):
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    office.run(recipe)
    office.line.reaches = lambda number: False
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "failed"}
    assert set(left(office, "1")) == {"1"}
    office.line.reaches = lambda number: True
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello"]


def test_a_log_in_that_ran_out_meanwhile_leaves_the_question_open(office, noted, make_order):
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    office.run(recipe)
    key, office.depot.key = office.depot.key, "changed"
    assert office.run(recipe).status == "failed"
    assert set(left(office, "1")) == {"1"}
    office.depot.key = key
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello"]


def test_with_an_idempotency_key_a_lost_answer_is_asked_for_again_at_once(
    office, noted, make_order
):
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    assert office.outcomes(office.run(noted(MARKED))) == {"1": "created"}
    assert office.depot.sent() == ["POST /marked-notes"] * 2
    assert texts(office) == ["hello"]


def test_a_later_run_sends_with_the_same_key(office, noted, make_order):
    recipe = noted(MARKED)
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: True
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "failed"}
    assert "takes it once" in office.entry(run, "1").how_to_fix
    sent_at = left(office, "1")["1"].sent_at
    office.run(recipe)
    assert left(office, "1")["1"].sent_at == sent_at  # the vendor's day runs from the first time
    office.line.loses = lambda request: False
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello"]
    assert not left(office, "1")


@pytest.mark.parametrize("why", ["the key is too old", "the record changed"])
def test_a_key_that_the_target_would_not_know_again_leaves_it_to_a_person(
    office, noted, make_order, why
):
    recipe = noted(MARKED)
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: True
    office.run(recipe)
    office.line.loses = lambda request: False
    if why == "the key is too old":
        with office.store.writing() as connection:
            yesterday = datetime.now(UTC) - timedelta(days=1)
            connection.execute(update(intents).values(sent_at=yesterday))
    else:
        office.mill.orders = [make_order("1", note="hello again")]
    expected = preview(office.store, office.host, recipe, full=True, **office.how)
    assert expected.counts == {"unsure": 1}
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "unsure"}
    assert office.entry(run, "1").how_to_fix.startswith("Look in The Depot")
    assert len(texts(office)) == 1
    assert office.outcomes(office.retry(run)) == {"1": "created"}


def test_records_with_equal_rows_have_keys_of_their_own_and_so_has_a_change_back(
    office, noted, make_order
):
    recipe = noted(MARKED)
    office.mill.orders = [make_order("1", note="hello"), make_order("2", note="hello")]
    office.run(recipe)
    assert texts(office) == ["hello", "hello"]
    for note in ("bye", "hello"):
        office.mill.orders = [make_order("1", note=note)]
        office.run(recipe, RunRequest(full=True))
    assert texts(office) == ["hello", "hello", "bye", "hello"]


def test_intents_are_written_only_for_what_is_about_to_be_sent(
    office, note, make_order, monkeypatch
):
    monkeypatch.setattr(pace, "MOST_NOTED", 3)
    office.mill.orders = [make_order(str(n), note=f"note {n}") for n in range(40)]
    pending = []

    def look(request):
        with office.store.reading() as connection:
            pending.append(len(connection.execute(select(intents.c.record_key)).all()))
        return False

    office.line.loses = look
    office.run(note, stopwatch=count(step=0.2).__next__)  # all are slow, and go out at once
    at_most = CALLS_IN_FLIGHT + 2 * pace.LEAST_NOTED  # in flight, just answered, and coming
    assert max(pending) <= at_most
    assert min(pending) >= 1
    assert not left(office, *map(str, range(40)))


def test_what_a_person_found_there_is_settled_without_sending(office, note, make_order):
    office.mill.orders = [make_order("1", note="hello"), make_order("2", note="bye")]
    office.line.loses = lambda request: True
    run = office.run(note)
    assert set(office.outcomes(run).values()) == {"unsure"}
    settled = office.retry(run, keys=["1"], arrived=True)
    assert office.outcomes(settled) == {"1": "created"}
    assert settled.fixed == 1
    assert office.open_problems() == {"2": "unsure"}
    assert len(texts(office)) == 2
    office.line.loses = lambda request: False
    after = office.run(note, RunRequest(full=True))
    assert office.outcomes(after) == {"1": "unchanged", "2": "unsure"}


def test_the_steps_after_an_unsure_one_are_done_when_a_person_found_it_there(office, make_order):
    recipe = office.recipe(office.NOTE + office.SINGLE)
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: request.method == "POST"
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "unsure"}
    assert office.depot.parcels == {}
    assert office.outcomes(office.retry(run, arrived=True)) == {"1": "created"}
    assert office.depot.sent() == ["POST /notes", "PUT /parcels/1"]


def test_a_call_cut_short_by_the_log_in_is_asked_about_where_that_is_possible(
    office, noted, make_order
):
    """Its first request may have been carried out, as here."""
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    key = office.depot.key

    def key_changes(request):
        if request.method == "POST":
            office.depot.notes.append({"id": "N-1", "ref": "1", "text": "hello"})
            office.depot.key = "changed"
        return False

    office.line.before = key_changes
    assert office.run(recipe).status == "failed"
    assert set(left(office, "1")) == {"1"}
    office.line.before = None
    office.depot.key = key
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert texts(office) == ["hello"]


def test_what_a_dead_process_sent_is_given_time_to_arrive(office, noted, make_order):
    """The depot answers nothing yet when it is first asked, and goes on with what it has received."""
    recipe = noted(FOUND)
    office.mill.orders = [make_order("1", note="hello")]
    first_answer_lost(office)
    office.run(recipe)
    just_now = datetime.now(UTC) + timedelta(hours=1)  # however slow this machine is
    with office.store.writing() as connection:
        connection.execute(update(intents).values(sent_at=just_now))
    received, office.depot.notes = office.depot.notes, []
    asked = []

    def arrives_after_the_first_look(request) -> None:
        if request.method == "GET" and "/notes" in request.url.path:
            asked.append(1)
            office.depot.notes = received if len(asked) > 1 else []

    office.line.before = arrives_after_the_first_look
    after = office.run(recipe)
    assert (office.outcomes(after), texts(office)) == ({"1": "created"}, ["hello"])
    assert len(asked) == 2
