"""After an answer the record goes on exactly once, whatever else happens meanwhile."""

from datetime import timedelta

import pytest

from engine.run.parked.after_answer import continue_recipe, go_on
from engine.run.people.answering import answer_question
from engine.run.start import request_run
from engine.run.upkeep.duties import Works
from engine.store.answers import PATIENCE, mark_lapsed, to_continue
from engine.store.questions import get_question, list_questions
from engine.store.runs import get_run, latest_runs, log_lines

ASK = """
- id: approval
  ask: "May {{ order.title }} be sent?"
  details: {Colour: "{{ order.colour }}"}
"""


class Desk:
    """An office whose questions are answered, and the runs that the duty asks for."""

    def __init__(self, office):
        self.office, self.enqueued = office, []
        self.works = Works(office.store, office.host, office.library, self.enqueued.append)

    def asked(self, key):
        return next(q for q in list_questions(self.office.store) if q.record_key == key)

    def say(self, key, said="yes"):
        return answer_question(self.office.store, self.asked(key).id, said, by="dana@mill.example")

    def look(self):
        """Do the duty; return the runs it asked for, carried out."""
        self.enqueued.clear()
        go_on(self.works)
        return [self.office.go(run_id) for run_id in self.enqueued]


@pytest.fixture
def desk(office):
    return Desk(office)


@pytest.fixture
def asking(office):
    return office.recipe(ASK + office.SINGLE)


def test_an_answer_takes_the_record_on_once(office, desk, asking, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    first = office.run(asking)
    assert desk.look() == []
    desk.say("1")
    [run] = desk.look()
    assert (run.origin, run.parent_id, run.status) == ("answer", first.id, "succeeded")
    assert office.outcomes(run) == {"1": "created"}
    assert list(office.depot.parcels) == ["1"]
    assert office.open_problems() == {"2": "waiting"}
    assert desk.look() == []
    assert office.depot.sent() == ["PUT /parcels/1"]
    assert next(line.message for _, line in log_lines(office.store, run.id)) == (
        "Going on with 1 order after an answer."
    )
    assert latest_runs(office.store)["parcels"].id == first.id


def test_answers_given_while_the_recipe_runs_are_taken_up_afterwards(
    office, desk, asking, make_order
):
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(asking)
    desk.say("1")
    busy = request_run(office.store, office.host, asking)
    assert desk.look() == []
    desk.say("2")
    office.mill.orders = []
    office.go(busy)
    [run] = desk.look()
    assert office.outcomes(run) == {"1": "created", "2": "created"}


def test_what_was_approved_is_sent_even_if_it_changed_since(office, desk, asking, make_order):
    """The change is then asked about anew by the run that reads it."""
    office.mill.orders = [make_order("1", weight=5)]
    office.run(asking)
    desk.say("1")
    office.mill.orders = [make_order("1", colour="blue")]
    [run] = desk.look()
    assert office.outcomes(run) == {"1": "created"}
    assert office.depot.parcels["1"]["colour"] == "red"
    assert office.mill.fetched == []
    assert office.outcomes(office.run(asking)) == {"1": "waiting"}
    assert dict(desk.asked("1").details) == {"Colour": "blue"}
    assert office.depot.parcels["1"]["colour"] == "red"


def test_an_answer_to_what_is_asked_no_more_does_nothing(office, desk, asking, make_order):
    """The record was read in a newer state just after somebody answered."""
    office.mill.orders = [make_order("1")]
    office.run(asking)
    old = desk.say("1")
    office.mill.orders = [make_order("1", colour="blue")]
    office.run(asking)
    assert get_question(office.store, old.id).state == "withdrawn"
    assert desk.look() == []
    assert office.depot.parcels == {}


def test_a_nightly_run_that_comes_first_uses_the_answer_too(office, desk, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    answered = desk.say("1")
    run = office.run(asking)
    assert office.outcomes(run) == {"1": "created"}
    assert get_question(office.store, answered.id).continued_run_id == run.id
    assert desk.look() == []


def test_a_run_that_cannot_go_on_is_asked_for_again_after_a_while(
    office, desk, asking, make_order, clock
):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    answered = desk.say("1")
    office.depot.key = "another"
    [failed] = desk.look()
    assert failed.status == "failed"
    assert get_question(office.store, answered.id).continued_run_id is None
    assert desk.look() == []  # not at once: it would fail every second
    office.depot.key = office.secret
    now = get_question(office.store, answered.id).answered_at
    assert not to_continue(office.store, now)
    waited = now + PATIENCE[0] + timedelta(seconds=30)
    pending = to_continue(office.store, waited)["parcels"]
    args = (office.store, office.host, office.library, "parcels", pending, waited)
    run = office.go(continue_recipe(*args))
    assert office.outcomes(run) == {"1": "created"}


def test_a_record_that_is_refused_is_an_open_problem_like_any_other(
    office, desk, asking, make_order
):
    office.mill.orders = [make_order("1", colour="refused")]
    office.run(asking)
    desk.say("1")
    [run] = desk.look()
    assert office.outcomes(run) == {"1": "rejected"}
    assert desk.look() == []
    assert office.open_problems() == {"1": "rejected"}


def test_a_failed_record_goes_on_later_without_being_asked_about_again(
    office, desk, asking, make_order
):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    desk.say("1")
    office.line.reaches = lambda number: False
    [run] = desk.look()
    assert office.outcomes(run) == {"1": "failed"}
    office.line.reaches = lambda number: True
    office.mill.orders = []
    assert office.outcomes(office.run(asking)) == {"1": "created"}  # the nightly run heals it


def test_steps_before_the_question_are_not_repeated(office, desk, make_order):
    recipe = office.recipe(office.NOTE + ASK + office.SINGLE)
    office.mill.orders = [make_order("1", note="Hello")]
    office.run(recipe)
    desk.say("1")
    desk.look()
    assert len(office.depot.notes) == 1
    assert list(office.depot.parcels) == ["1"]


def test_a_lapsed_question_takes_its_record_on_as_well(office, desk, make_order, clock):
    recipe = office.recipe(ASK.rstrip() + "\n  within: 3 days\n  otherwise: skip\n" + office.SINGLE)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    clock.pass_by(days=3)
    mark_lapsed(office.store, clock())
    [run] = desk.look()
    assert office.outcomes(run) == {"1": "skipped"}
    assert office.open_problems() == {}


def test_an_answer_waits_for_a_recipe_that_is_broken(office, desk, asking, make_order, caplog):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    answered = desk.say("1")
    (office.library.folder / "parcels.yaml").write_text("name: A\n")
    assert desk.look() == []
    assert "can't go on after an answer" in caplog.text
    assert get_question(office.store, answered.id).state == "answered"
    caplog.clear()
    assert desk.look() == []
    assert caplog.text == ""  # tried again in a minute, not every second


def test_a_changed_recipe_that_asks_the_same_goes_on_as_it_is_now(office, desk, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    desk.say("1")
    office.recipe(ASK + office.SINGLE.replace("{{ order.colour }}", "blue"))
    desk.look()
    assert office.depot.parcels["1"]["colour"] == "blue"


def test_a_record_settled_otherwise_needs_no_run(office, desk, asking, make_order):
    """Such as an answer that reached the tables after its record had gone another way."""
    office.mill.orders = [make_order("1")]
    office.run(asking)
    asked = desk.asked("1")
    office.run(office.recipe(office.SINGLE))
    with office.store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE questions SET state = 'answered' WHERE id = {asked.id}")
    assert desk.look() == []
    assert get_question(office.store, asked.id).state == "withdrawn"


def test_records_of_two_recipes_go_on_in_runs_of_their_own(office, desk, asking, make_order):
    other = office.recipe(ASK + office.NOTE, name="notes")
    office.mill.orders = [make_order("1", note="Hello")]
    office.run(asking)
    office.run(other)
    for question in list_questions(office.store):
        answer_question(office.store, question.id, "yes", by="dana@mill.example")
    done = desk.look()
    assert [(run.recipe, run.counts) for run in done] == [
        ("notes", {"created": 1}),
        ("parcels", {"created": 1}),
    ]


def test_a_run_cut_short_goes_on_and_settles_every_record_once(
    office, desk, asking, make_order, small_chunks
):
    office.mill.orders = [make_order(str(n)) for n in range(10)]
    office.run(asking)
    for question in list_questions(office.store):
        answer_question(office.store, question.id, "yes", by="dana@mill.example")
    desk.enqueued.clear()
    go_on(desk.works)
    [run_id] = desk.enqueued
    office.line.loses = _interrupt_after(6)
    with pytest.raises(KeyboardInterrupt):
        office.go(run_id)
    assert get_run(office.store, run_id).active
    office.line.loses = lambda request: False
    run = office.go(run_id)
    assert run.read == 10
    assert set(office.depot.parcels) == {str(n) for n in range(10)}
    assert office.open_problems() == {}
    assert {q.continued_run_id for q in list_questions(office.store, states=["answered"])} == {
        run_id
    }
    assert desk.look() == []


def _interrupt_after(number):
    seen = []

    def loses(request):
        seen.append(request)
        if len(seen) >= number:
            raise KeyboardInterrupt
        return False

    return loses
