"""A question parks its record: it waits in the tables, and passes when somebody has answered."""

from datetime import timedelta

import pytest

from engine.run.preview import preview
from engine.store import questions
from engine.store.answers import mark_answered, mark_lapsed
from engine.store.problems import open_causes
from engine.store.questions import list_questions

ASK = """
- id: approval
  ask: "May {{ order.title }} be sent?"
  details: {Colour: "{{ order.colour }}"}
"""


@pytest.fixture
def asking(office):
    return office.recipe(ASK + office.SINGLE)


def waiting(office, *states):
    return list_questions(office.store, states=states or ("open",))


def answer(office, key, said, note=""):
    [asked] = [one for one in waiting(office) if one.record_key == key]
    assert mark_answered(
        office.store, [asked.id], said, by="dana@mill.example", note=note, now=office.clock()
    )
    return asked


def test_a_record_waits_for_its_answer_and_others_go_on(office, make_order):
    recipe = office.recipe(ASK.rstrip() + "\n  if: order.weight > 5\n" + office.SINGLE)
    office.mill.orders = [make_order("1", weight=9), make_order("2")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "waiting", "2": "created"}
    assert run.status == "partial"
    assert list(office.depot.parcels) == ["2"]
    entry = office.entry(run, "1")
    assert (entry.code, entry.step) == ("asked", "approval")
    assert entry.reason == "Waiting for an answer: May … be sent?"
    assert entry.how_to_fix
    assert office.open_problems() == {"1": "waiting"}
    [asked] = waiting(office)
    assert (asked.record_key, asked.title, asked.run_id) == ("1", "Order 1", run.id)
    assert asked.text == "May Order 1 be sent?"
    assert asked.details == (("Colour", "red"),)
    assert asked.choices == ("yes", "no")
    assert asked.asked_at == office.clock()
    assert asked.due_at is None


def test_a_record_that_comes_again_is_not_asked_about_twice(office, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    [first] = waiting(office)
    again = office.run(asking)
    assert office.outcomes(again) == {"1": "waiting"}
    assert waiting(office, "open", "answered", "lapsed", "withdrawn") == [first]


def test_the_nightly_run_does_not_try_waiting_records_by_itself(office, asking, make_order):
    """They are not among those that heal: only an answer moves them."""
    office.mill.orders = [make_order("1")]
    office.run(asking)
    office.mill.orders = []
    assert office.run(asking).read == 0


def test_a_changed_record_is_asked_about_anew(office, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    [first] = waiting(office)
    office.mill.orders = [make_order("1", colour="blue")]
    office.run(asking)
    [second] = waiting(office)
    assert second.id != first.id
    assert second.details == (("Colour", "blue"),)
    [old] = waiting(office, "withdrawn")
    assert old.id == first.id
    assert not mark_answered(office.store, [old.id], "yes", by="x", note="", now=office.clock())

    office.mill.orders = [make_order("1")]  # and back to what it was
    office.run(asking)
    assert [one.id for one in waiting(office)] == [first.id]


def test_a_change_that_is_not_asked_about_leaves_the_question(office, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    office.mill.orders = [make_order("1", weight=7)]
    office.run(asking)
    assert len(waiting(office)) == 1
    assert not waiting(office, "withdrawn")


def test_an_answered_record_passes_and_later_steps_read_the_answer(office, make_order):
    steps = ASK + office.SINGLE.replace(
        "{{ order.title }}",
        "{{ approval.answer }} {{ approval.by }} {{ approval.at | date }} {{ approval.note }}",
    )
    recipe = office.recipe(steps)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    asked = answer(office, "1", "yes", note="as agreed")
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created"}
    assert office.depot.parcels["1"]["title"] == "yes dana@mill.example 2026-11-24 as agreed"
    assert office.open_problems() == {}
    [after] = waiting(office, "answered")
    assert (after.id, after.continued_run_id) == (asked.id, run.id)
    assert run.fixed == 0  # nothing was wrong with it
    assert office.run(recipe).counts == {"unchanged": 1}


@pytest.mark.parametrize(
    ("on_no", "outcome", "sent"),
    [("skip", "skipped", []), ("reject", "rejected", []), ("continue", "created", ["1"])],
)
def test_no_does_what_the_recipe_says(office, make_order, on_no, outcome, sent):
    more = f"\n  on_no: {on_no}\n"
    recipe = office.recipe(ASK.rstrip() + more + office.SINGLE + "  if: approval.answer == 'no'")
    if on_no != "continue":
        recipe = office.recipe(ASK.rstrip() + more + office.SINGLE)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    answer(office, "1", "no", note="too heavy")
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": outcome}
    assert list(office.depot.parcels) == sent
    if outcome != "created":
        entry = office.entry(run, "1")
        assert (entry.code, entry.step) == ("declined", "approval")
        assert entry.reason == ("dana@mill.example said no to: May … be sent? (too heavy)")
    assert office.outcomes(office.run(recipe))["1"] in (outcome, "unchanged")
    assert waiting(office) == []


def test_a_persons_retry_asks_once_more_after_a_no_that_rejected(office, make_order):
    recipe = office.recipe(ASK.rstrip() + "\n  on_no: reject\n" + office.SINGLE)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    answer(office, "1", "no")
    run = office.run(recipe)
    assert waiting(office) == []
    assert office.outcomes(office.retry(run)) == {"1": "waiting"}
    answer(office, "1", "yes")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}


@pytest.mark.parametrize(
    ("otherwise", "outcome"), [("reject", "rejected"), ("skip", "skipped"), ("yes", "created")]
)
def test_a_question_nobody_answers_in_time_does_what_the_recipe_says(
    office, make_order, otherwise, outcome
):
    more = f"\n  within: 3 days\n  otherwise: {otherwise}\n"
    recipe = office.recipe(ASK.rstrip() + more + office.SINGLE)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    [asked] = waiting(office)
    assert asked.due_at == office.clock() + timedelta(days=3)
    office.clock.pass_by(days=2)
    assert mark_lapsed(office.store, office.clock()) == 0
    office.clock.pass_by(days=1)
    assert mark_lapsed(office.store, office.clock()) == 1
    assert not mark_answered(office.store, [asked.id], "yes", by="x", note="", now=office.clock())
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": outcome}
    [lapsed] = waiting(office, "lapsed")
    assert lapsed.continued_run_id == run.id
    if outcome == "rejected":
        assert office.entry(run, "1").reason == "Nobody answered in time: May … be sent?"
        assert office.outcomes(office.retry(run)) == {"1": "waiting"}
        assert [one.id for one in waiting(office)] == [asked.id]


def test_a_record_that_goes_another_way_takes_its_question_with_it(office, make_order):
    rule = "skip:\n  - if: order.shelf == 'Z'\n    reason: Closed.\n"
    recipe = office.recipe(ASK + office.SINGLE, more=rule)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    office.mill.orders = [make_order("1", shelf="Z")]
    office.run(recipe)
    assert waiting(office) == []
    assert len(waiting(office, "withdrawn")) == 1
    assert office.open_problems() == {}


def test_questions_of_a_recipe_that_asks_no_more_are_taken_back(office, asking, make_order):
    office.mill.orders = [make_order("1")]
    office.run(asking)
    run = office.run(office.recipe(office.SINGLE))
    assert office.outcomes(run) == {"1": "created"}
    assert waiting(office) == []


def test_steps_before_the_question_are_not_done_twice(office, make_order):
    """Not even one whose repetition would do harm."""
    recipe = office.recipe(office.NOTE + ASK + office.SINGLE)
    office.mill.orders = [make_order("1", note="Hello")]
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}
    assert [note["text"] for note in office.depot.notes] == ["Hello"]
    answer(office, "1", "yes")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert len(office.depot.notes) == 1


def test_two_questions_are_asked_one_after_the_other(office, make_order):
    second = "- id: colour\n  ask: Which colour?\n  choices: [red, blue]\n"
    parcel = office.SINGLE.replace("{{ order.colour }}", "{{ colour.answer }}")
    recipe = office.recipe(ASK + second + parcel)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    answer(office, "1", "yes")
    office.run(recipe)
    [asked] = waiting(office)
    assert asked.text == "Which colour?"
    answer(office, "1", "blue")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert office.depot.parcels["1"]["colour"] == "blue"


def test_who_may_answer_comes_from_the_recipe_or_the_record(office, make_order):
    people = '\n  of: [Boss@Mill.example, "{{ order.customer.email }}"]\n'
    recipe = office.recipe(ASK.rstrip() + people + office.SINGLE)
    nobody = {"id": "c1", "name": "Ada", "email": "", "phone": ""}
    office.mill.orders = [make_order("1"), make_order("2", customer=nobody)]
    office.run(recipe)
    first, second = sorted(waiting(office), key=lambda one: one.record_key)
    assert first.people == ("boss@mill.example", "ada@mill.example")
    assert second.people == ("boss@mill.example",)
    assert first.may_be_answered_by("BOSS@mill.example")
    assert not first.may_be_answered_by("eve@mill.example")

    alone = office.recipe(
        ASK.rstrip() + '\n  of: "{{ order.customer.email }}"\n' + office.SINGLE, name="alone"
    )
    run = office.run(alone)
    entry = office.entry(run, "2")
    assert (entry.outcome, entry.code, entry.field) == ("rejected", "nobody_to_ask", "of")


def test_a_question_that_cannot_be_worded_rejects_its_record(office, make_order):
    recipe = office.recipe('- ask: "Send it on {{ order.note | date }}?"\n' + office.SINGLE)
    office.mill.orders = [make_order("1", note="soon")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected"}
    assert office.entry(run, "1").step == "ask"
    assert waiting(office) == []


def test_details_show_lists_and_records_and_are_kept_encrypted(office, make_order):
    recipe = office.recipe(
        "- ask: Send it?\n"
        "  details: {List: \"{{ ['a', 'b'] }}\", Who: '{{ order.customer }}', None: '{{ order.note }}'}\n"
        + office.SINGLE
    )
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    [asked] = waiting(office)
    shown = dict(asked.details)
    assert shown["List"] == "a, b"
    assert '"name": "Ada"' in shown["Who"]
    assert shown["None"] == ""
    with office.store.reading() as connection:
        stored = connection.exec_driver_sql("SELECT details FROM questions").scalar()
    assert b"Ada" not in bytes(stored)


def test_a_preview_says_what_would_be_asked_and_asks_nothing(office, asking, make_order):
    office.mill.orders = [make_order("1")]

    def previewed():
        [entry] = preview(office.store, office.host, asking, **office.how).entries
        return entry

    assert previewed().outcome == "waiting"
    assert previewed().reason == "It would ask: May Order 1 be sent?"
    assert waiting(office) == []
    office.run(asking)
    assert previewed().reason == "It is asked already: May Order 1 be sent?"
    answer(office, "1", "yes")
    assert previewed().outcome == "created"


def test_many_waiting_records_are_one_cause(office, asking, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(3)]
    office.run(asking)
    assert questions.count_questions(office.store) == 3
    assert questions.waiting_for(office.store, "dana@mill.example") == 3
    [cause] = open_causes(office.store)
    assert cause.cause.count == 3
