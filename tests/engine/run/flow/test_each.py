"""``for_each``: every entry goes through the steps within, and its record is settled by them all."""

import pytest

from engine.run.parked.after_answer import continue_recipe
from engine.run.people.answering import answer_question
from engine.store.answers import to_continue
from engine.store.questions import list_questions

CLIENTS = """
- id: parcels
  for_each: order.clients
  as: client
  steps:
    - id: parcel
      use: depot.store_parcel
      with: {title: "{{ order.title }} for {{ client.name }}", colour: "{{ client.colour }}"}
"""


def clients(*colours, start=1):
    return [
        {"id": f"c{n}", "name": f"Client {n}", "colour": colour}
        for n, colour in enumerate(colours, start)
    ]


@pytest.fixture
def looping(office):
    return office.recipe(CLIENTS, trigger="order_open")


def test_every_entry_of_every_record_is_sent(office, looping, make_order):
    office.mill.orders = [
        make_order("1", clients=clients("red", "blue")),
        make_order("2", clients=clients("blue", start=7)),
    ]
    run = office.run(looping)
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    assert {ref: p["title"] for ref, p in office.depot.parcels.items()} == {
        "1:c1": "Order 1 for Client 1",
        "1:c2": "Order 1 for Client 2",
        "2:c7": "Order 2 for Client 7",
    }


@pytest.mark.parametrize("nothing", [[], None], ids=["empty", "missing"])
def test_a_record_without_entries_passes(office, looping, make_order, nothing):
    office.mill.orders = [make_order("1", clients=nothing)]
    run = office.run(looping)
    assert (office.entry(run, "1").outcome, office.entry(run, "1").code) == (
        "skipped",
        "nothing_to_do",
    )


def test_what_is_not_a_list_is_said(office, looping, make_order):
    office.mill.orders = [make_order("1", clients="Ada")]
    entry = office.entry(office.run(looping), "1")
    assert (entry.outcome, entry.code, entry.field) == ("rejected", "not_a_list", "for_each")


def test_entries_sent_before_are_not_sent_again(office, looping, make_order):
    office.mill.orders = [make_order("1", clients=clients("red", "blue"))]
    office.run(looping)
    sent = len(office.depot.requests)
    assert office.outcomes(office.run(looping)) == {"1": "unchanged"}
    assert len(office.depot.requests) == sent
    office.mill.orders = [make_order("1", clients=clients("red", "blue", "red"))]
    assert office.outcomes(office.run(looping)) == {"1": "created"}
    assert office.depot.sent()[sent:] == ["PUT /parcels/1:c3"]


def test_a_failing_entry_stops_its_record_only_and_only_it_is_sent_again(
    office, looping, make_order
):
    office.mill.orders = [
        make_order("1", clients=clients("red", "refused", "blue")),
        make_order("2", clients=clients("blue")),
    ]
    run = office.run(looping)
    assert office.outcomes(run) == {"1": "rejected", "2": "created"}
    entry = office.entry(run, "1")
    assert entry.reason == "1 of 3 in 'order.clients': The depot takes no such colour."
    assert (entry.step, entry.field, entry.code) == ("parcel", "colour", "refused_colour")
    assert list(office.depot.parcels) == ["1:c1", "1:c3", "2:c1"]
    office.mill.orders[0]["clients"][1]["colour"] = "red"
    sent = len(office.depot.requests)
    assert office.outcomes(office.retry(run)) == {"1": "updated"}
    assert office.depot.sent()[sent:] == ["PUT /parcels/1:c2"]


NEXT = """
- id: note
  use: depot.send_note
  with: {text: "{{ parcels | map('outcome') | join(', ') }}: {{ (parcels | first).parcel.track }}"}
"""


def test_later_steps_read_what_became_of_the_entries(office, make_order):
    recipe = office.recipe(CLIENTS + NEXT, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("red", "blue"))]
    office.run(recipe)
    assert [note["text"] for note in office.depot.notes] == ["created, created: T1:c1"]
    office.run(recipe)
    assert [note["text"] for note in office.depot.notes][1:] == ["unchanged, unchanged: T1:c1"]


def test_a_recipe_may_go_on_without_the_entries_that_failed(office, make_order):
    going_on = CLIENTS.replace("  as: client", "  as: client\n  if_item_fails: continue") + NEXT
    recipe = office.recipe(going_on, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("red", "refused"))]
    run = office.run(recipe)
    entry = office.entry(run, "1")
    assert (entry.outcome, entry.reason) == (
        "created",
        "1 of 2 in 'order.clients': The depot takes no such colour.",
    )
    assert [note["text"] for note in office.depot.notes] == ["created, rejected: T1:c1"]


def test_batches_are_filled_from_the_entries_of_all_records(office, make_order):
    batch = """
- for_each: order.clients
  as: client
  use: depot.store_parcels
  key: client.id
  with: {shelf: A, ref: "{{ client.id }}", colour: "{{ client.colour }}"}
"""
    recipe = office.recipe(batch, trigger="order_open")
    office.mill.orders = [
        make_order("1", clients=clients("red", "blue", "red")),
        make_order("2", clients=clients("blue", start=4)),
    ]
    office.run(recipe)
    assert office.depot.batches == [["c1", "c2", "c3", "c4"]]


def test_loops_within_loops(office, make_order):
    nested = """
- for_each: order.rooms
  as: room
  steps:
    - for_each: room.things
      as: thing
      use: depot.store_parcel
      with: {title: "{{ order.id }} {{ room.name }} {{ thing }}"}
"""
    recipe = office.recipe(nested, trigger="order_open")
    rooms = [{"name": "hall", "things": ["chair", "lamp"]}, {"name": "attic", "things": []}]
    office.mill.orders = [make_order("1", rooms=rooms), make_order("2", rooms=[])]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": "skipped"}
    assert {ref: p["title"] for ref, p in office.depot.parcels.items()} == {
        "1:1:1": "1 hall chair",
        "1:1:2": "1 hall lamp",
    }


def test_an_entry_may_wait_for_an_answer_of_its_own(office, make_order):
    asking = """
- for_each: order.clients
  as: client
  steps:
    - id: approval
      ask: "May we send to {{ client.name }}?"
    - use: depot.store_parcel
      with: {title: "{{ client.name }}"}
"""
    from engine.store.answers import mark_answered
    from engine.store.questions import list_questions

    recipe = office.recipe(asking, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("red", "blue"))]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "waiting"}
    first, second = list_questions(office.store, states=("open",))
    assert {first.record_key, second.record_key} == {"1"}

    def say(asked, answer):
        assert mark_answered(
            office.store, [asked.id], answer, by="d@e.example", note="", now=office.clock()
        )

    say(first, "yes")
    assert office.outcomes(office.retry(run)) == {"1": "waiting"}
    assert len(office.depot.parcels) == 1
    say(second, "no")
    assert office.outcomes(office.retry(run)) == {"1": "unchanged"}
    assert len(office.depot.parcels) == 1


UNSURE = """
- for_each: order.clients
  as: client
  use: depot.send_note
  with: {text: "{{ client.name }}"}
"""


@pytest.fixture
def unsure(office, make_order):
    """Two of three entries were sent, and no answer came for one of them."""
    recipe = office.recipe(UNSURE, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("red", "blue", "red"))]
    office.line.loses = lambda request: b"Client 2" in request.content
    run = office.run(recipe)
    office.line.loses = lambda request: False
    assert office.outcomes(run) == {"1": "unsure"}
    assert office.outcomes(office.run(recipe)) == {"1": "unsure"}  # a person decides
    assert len(office.depot.notes) == 3
    return run


def test_an_unsure_entry_that_is_there_is_not_sent_again(office, unsure):
    office.mill.orders[0]["clients"] += clients("red", start=4)  # new since
    assert office.outcomes(office.retry(unsure, arrived=True)) == {"1": "created"}
    texts = [note["text"] for note in office.depot.notes]
    assert texts == ["Client 1", "Client 2", "Client 3", "Client 4"]
    assert office.open_problems() == {}


def test_an_unsure_entry_that_is_not_there_alone_is_sent_again(office, unsure):
    assert office.outcomes(office.retry(unsure)) == {"1": "updated"}
    texts = [note["text"] for note in office.depot.notes]
    assert texts == ["Client 1", "Client 2", "Client 3", "Client 2"]


def test_an_entry_that_is_gone_is_asked_about_no_more(office, make_order):
    from engine.run.people.reminders import tell
    from engine.store.notices import list_notices
    from engine.store.questions import list_questions

    asking = """
- for_each: order.clients
  as: client
  steps:
    - ask: "May we send to {{ client.name }}?"
    - use: depot.store_parcel
      with: {title: "{{ client.name }}"}
"""
    recipe = office.recipe(asking, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("red", "blue"))]
    office.run(recipe)
    tell(office.store, office.clock())
    [notice] = list_notices(office.store, topic="question", standing=True)
    assert "May we send to Client 1?" in notice.body
    assert "May we send to Client 2?" in notice.body
    office.mill.orders = [make_order("1", clients=clients("blue", start=2))]
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}
    assert [asked.text for asked in list_questions(office.store)] == ["May we send to Client 2?"]
    withdrawn = list_questions(office.store, states=("withdrawn",))
    assert [asked.text for asked in withdrawn] == ["May we send to Client 1?"]


def test_a_record_waits_for_its_entries_even_where_it_goes_on_without_those_that_failed(
    office, make_order
):
    asking = """
- id: parcels
  for_each: order.clients
  as: client
  if_item_fails: continue
  steps:
    - {if: client.colour == 'refused', reject: No such colour.}
    - {ask: "Really {{ client.name }}?"}
    - use: depot.send_note
      with: {text: "{{ client.name }}"}
"""
    recipe = office.recipe(asking, trigger="order_open")
    office.mill.orders = [make_order("1", clients=clients("refused", "red"))]
    entry = office.entry(office.run(recipe), "1")
    assert (entry.outcome, entry.code) == ("waiting", "asked")
    [question] = list_questions(office.store)
    answer_question(office.store, question.id, "yes", by="d@e.fg")
    answered = to_continue(office.store, office.clock())["parcels"]
    args = (office.store, office.host, office.library, "parcels", answered, office.clock())
    run = office.go(continue_recipe(*args))
    assert [note["text"] for note in office.depot.notes] == ["Client 2"]
    assert office.entry(run, "1").reason == "1 of 2 in 'order.clients': No such colour."


def test_long_keys_of_records_and_entries_stay_apart(office, looping, make_order):
    long = "x" * 299
    people = [{"id": f"{long}{n}", "name": n, "colour": "red"} for n in "ab"]
    office.mill.orders = [make_order(n, clients=people) for n in ("1", "2", f"{long}3", f"{long}4")]
    run = office.run(looping)
    assert set(office.outcomes(run).values()) == {"created"}
    titles = {parcel["title"] for parcel in office.depot.parcels.values()}
    assert len(titles) == len(office.depot.parcels) == 8
    assert max(map(len, office.depot.parcels)) <= 300
    assert set(office.outcomes(office.run(looping)).values()) == {"unchanged"}
