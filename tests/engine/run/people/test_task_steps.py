"""A person does a step: the record waits, and what they say is what the app would have answered."""

from datetime import timedelta

import pytest

from engine.run.people.answering import TooLate
from engine.run.people.tasks import NotAnAnswer, answer_task
from engine.run.preview import preview
from engine.store.answers import mark_lapsed
from engine.store.problems import open_entries
from engine.store.questions import list_questions
from engine.store.tasks import task_of

PARCEL = """
- id: parcel
  use: depot.store_parcel
  connection: person
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
BY_APP = PARCEL.replace("connection: person", "connection: depot")
TELL = """
- use: depot.send_note
  with: {text: "{{ parcel.track }} {{ parcel.id }}"}
"""
BATCH = """
- id: parcel
  use: depot.store_parcels
  connection: person
  with: {shelf: "{{ order.shelf }}", ref: "{{ order.id }}", colour: "{{ order.colour }}"}
"""
FIND = """
- id: customer
  use: depot.find_customer
  connection: person
  with: {email: "a@mill.example"}
  if_none: {reject: Nobody knows this customer.}
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", customer: "{{ customer.id }}"}
"""


class Desk:
    """A person who does what an office's recipes leave to people."""

    def __init__(self, office):
        self.office = office

    def open(self):
        return list_questions(self.office.store)

    def of(self, key):
        [found] = [one for one in self.open() if one.record_key == key]
        return found

    def task(self, key):
        return task_of(self.of(key).task)

    def do(self, key, did="done", note="", **values):
        now = self.office.clock()
        store = self.office.store
        return answer_task(store, self.of(key).id, did, values, by="dana@mill", note=note, now=now)


@pytest.fixture
def desk(office):
    return Desk(office)


def test_a_record_waits_for_a_person_and_no_account_is_needed(office, desk, make_order):
    office.depot.key = "another"  # every request would be refused
    recipe = office.recipe(PARCEL)
    assert recipe.connections == {"mill"}
    office.mill.orders = [make_order("1")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "waiting"}
    entry = office.entry(run, "1")
    assert (entry.code, entry.step) == ("asked", "parcel")
    assert entry.reason == "Waiting for a person to do it: Store a parcel in The Depot."
    asked = desk.of("1")
    assert (asked.text, asked.kind) == ("Store a parcel: Order 1", "task")
    assert asked.choices == ("done", "already there", "not possible")
    task = desk.task("1")
    assert task.help == "Store a parcel under the order's key."
    assert [(f.name, f.title, f.value) for f in task.fields] == [
        ("title", "Title", "Order 1"),
        ("colour", "Colour", "red"),
    ]
    assert office.depot.sent() == []


def test_what_was_done_is_the_apps_answer_to_later_steps_links_and_the_report(
    office, desk, make_order
):
    recipe = office.recipe(PARCEL + TELL)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    assert [(f.name, f.required) for f in desk.task("1").results] == [("track", False)]
    desk.do("1", id="P-7", track="T9")
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created"}
    assert [note["text"] for note in office.depot.notes] == ["T9 P-7"]
    assert desk.open() == []
    again = office.run(recipe)
    assert again.counts == {"unchanged": 1}
    assert desk.open() == []


def test_the_report_knows_the_id_that_the_person_entered(office, desk, make_order):
    recipe = office.recipe(PARCEL)
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(recipe)
    desk.do("1", id="P-7")
    desk.do("2", "already there", id="P-8")
    run = office.run(recipe)
    assert office.outcomes(run)["1"] == "created"
    assert office.entry(run, "1").target_id == "P-7"
    assert run.counts == {"created": 1, "unchanged": 1}
    assert office.run(recipe).counts == {"unchanged": 2}


def test_a_change_is_a_new_task_that_says_where_the_record_went_before(office, desk, make_order):
    recipe = office.recipe(PARCEL)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    desk.do("1", id="P-7")
    office.run(recipe)
    office.mill.orders = [make_order("1", colour="blue")]
    office.run(recipe)
    assert desk.task("1").target_id == "P-7"
    desk.do("1", id="P-7")
    assert office.outcomes(office.run(recipe)) == {"1": "updated"}
    office.mill.orders = [make_order("1")]  # back to what it was: that has to be done, too
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}
    desk.do("1", id="P-7")
    assert office.outcomes(office.run(recipe)) == {"1": "updated"}


def test_one_word_lets_the_app_do_it_and_what_was_done_by_hand_is_unchanged(
    office, desk, make_order
):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(PARCEL))
    desk.do("1", id="P-7")
    office.depot.parcels["1"] = {"title": "Order 1", "colour": "red"}  # as the person did
    office.run(office.recipe(PARCEL))
    by_app = office.recipe(BY_APP)
    assert office.run(by_app).counts == {"unchanged": 1}
    assert office.depot.sent() == []
    office.mill.orders = [make_order("1", colour="blue"), make_order("2")]
    assert office.outcomes(office.run(by_app)) == {"1": "updated", "2": "created"}
    # and back: what the app did is nothing that a person has to do again
    by_person = office.recipe(PARCEL)
    assert office.run(by_person).counts == {"unchanged": 2}
    assert desk.open() == []


def test_a_waiting_record_goes_over_by_itself_once_the_app_does_it(office, desk, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(PARCEL))
    assert office.outcomes(office.run(office.recipe(BY_APP))) == {"1": "created"}
    assert desk.open() == []  # the task is withdrawn
    [gone] = list_questions(office.store, states=("withdrawn",))
    with pytest.raises(TooLate):
        answer_task(office.store, gone.id, "done", {"id": "P-1"}, by="dana@mill")


def test_what_is_not_possible_is_rejected_with_the_reason_until_someone_retries_it(
    office, desk, make_order
):
    recipe = office.recipe(PARCEL)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    with pytest.raises(NotAnAnswer, match="Say why it is not possible"):
        desk.do("1", "not possible")
    desk.do("1", "not possible", note="The client left.")
    run = office.run(recipe)
    entry = office.entry(run, "1")
    assert (entry.outcome, entry.code) == ("rejected", "not_possible")
    assert entry.reason == "dana@mill could not do it: The client left."
    assert office.outcomes(office.run(recipe)) == {"1": "rejected"}
    assert desk.open() == []
    assert office.outcomes(office.retry(run)) == {"1": "waiting"}
    desk.do("1", id="P-1")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}


def test_what_later_steps_need_has_to_be_entered_and_be_of_its_type(office, desk, make_order):
    recipe = office.recipe(PARCEL)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    with pytest.raises(NotAnAnswer) as refused:
        desk.do("1")
    assert refused.value.problems == {"id": "Enter the id of the parcel: later changes go there."}
    with pytest.raises(NotAnAnswer, match="Say one of: done, already there, not possible"):
        desk.do("1", "maybe")
    assert len(desk.open()) == 1


def test_a_search_by_a_person_is_done_once_for_all_records_that_look_for_the_same(
    office, desk, make_order
):
    recipe = office.recipe(FIND)
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(recipe)
    assert len(desk.open()) == 2
    assert desk.task("1").ways == ("found", "nothing found", "not possible")
    desk.do("1", "found", id="C-9")
    assert desk.open() == []
    office.mill.orders.append(make_order("3"))
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": "created", "3": "created"}
    assert {p["customer"] for p in office.depot.parcels.values()} == {"C-9"}


def test_nothing_found_is_what_if_none_says(office, desk, make_order):
    recipe = office.recipe(FIND)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    desk.do("1", "nothing found")
    run = office.run(recipe)
    assert office.entry(run, "1").code == "not_found"
    assert office.entry(run, "1").reason.startswith("Nobody knows this customer.")
    assert office.outcomes(office.retry(run)) == {"1": "waiting"}


def test_rows_of_a_batch_are_a_task_each(office, desk, make_order):
    recipe = office.recipe(BATCH)
    office.mill.orders = [make_order(str(number)) for number in range(6)]
    office.run(recipe)
    assert len(desk.open()) == 6
    for number in range(5):
        desk.do(str(number), id=f"P-{number}")
    run = office.run(recipe)
    assert run.counts == {"created": 5, "waiting": 1}
    assert [e.entry.key for e in open_entries(office.store, "parcels")] == ["5"]


def test_a_task_is_someones_until_its_time_is_up(office, desk, make_order, clock):
    told = "  person: {of: Lee@mill.example, within: 2 days, note: 'Shelf {{ order.shelf }}.'}\n"
    recipe = office.recipe(PARCEL.rstrip() + "\n" + told)
    office.mill.orders = [make_order("1", shelf="A")]
    run = office.run(recipe)
    asked = desk.of("1")
    assert asked.people == ("lee@mill.example",)
    assert desk.task("1").note == "Shelf A."
    assert asked.due_at == asked.asked_at + timedelta(days=2)
    with pytest.raises(Exception, match="It is for lee"):
        desk.do("1", id="P-1")
    mark_lapsed(office.store, asked.due_at + timedelta(minutes=1))
    run = office.run(recipe)
    assert office.entry(run, "1").reason == "Nobody did this in time: Store a parcel in The Depot."
    assert office.outcomes(run) == {"1": "rejected"}


def test_a_task_moves_to_who_the_recipe_names_now(office, desk, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(PARCEL.rstrip() + "\n  person: {of: lee@mill.example}\n"))
    [first] = desk.open()
    office.run(office.recipe(PARCEL.rstrip() + "\n  person: {of: kim@mill.example}\n"))
    [second] = desk.open()
    assert second.id == first.id
    assert second.people == ("kim@mill.example",)


def test_a_preview_shows_the_rows_and_says_that_a_person_would_do_it(office, make_order):
    recipe = office.recipe(PARCEL)
    office.mill.orders = [make_order("1")]
    found = preview(office.store, office.host, recipe, **office.how)
    [entry] = found.entries
    assert entry.outcome == "waiting"
    assert entry.reason == "A person would do it: Store a parcel in The Depot."
    assert [row.values for row in entry.rows] == [{"title": "Order 1", "colour": "red"}]
    assert list_questions(office.store) == []


def test_entries_of_a_list_are_a_task_each_and_the_record_waits_for_all(office, desk, make_order):
    steps = """
- for_each: "['a', 'b']"
  as: label
  key: label
  steps:
  - id: parcel
    use: depot.store_parcel
    connection: person
    with: {title: "{{ order.title }} {{ label }}"}
"""
    recipe = office.recipe(steps)
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    one, two = desk.open()
    for asked in (one, two):
        answer_task(office.store, asked.id, "done", {"id": asked.text[-1]}, by="dana@mill")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
