"""``collect``: one message of many records, sent once, and a record of its own in the report."""

import pytest

from engine import report
from engine.run.parked.after_answer import continue_recipe
from engine.run.parked.after_wait import wake_recipe
from engine.run.people.answering import answer_question
from engine.run.preview import preview
from engine.run.start import request_run
from engine.run.telling.losses import newly_lost, tried, tried_again
from engine.store.answers import to_continue
from engine.store.collected import message_keys
from engine.store.questions import list_questions
from engine.store.runs import get_run
from engine.store.waits import to_wake

DIGEST = """
- id: digest
  collect: {number: "{{ order.id }}", colour: "{{ order.colour }}"}
  steps:
    - id: mail
      use: depot.send_note
      with: {text: "{{ digest | length }}: {{ digest | map('number') | join(', ') }}"}
"""


def texts(office):
    return [note["text"] for note in office.depot.notes]


def go_on(office):
    answered = to_continue(office.store, office.clock())["parcels"]
    args = (office.store, office.host, office.library, "parcels", answered, office.clock())
    return office.go(continue_recipe(*args))


@pytest.fixture
def digest(office):
    return office.recipe(DIGEST)


def test_one_message_is_made_of_all_records(office, digest, make_order, small_chunks):
    office.mill.orders = [make_order(str(n)) for n in range(6)]  # two chunks
    run = office.run(digest)
    assert texts(office) == ["6: 0, 1, 2, 3, 4, 5"]
    assert (run.read, run.counts, run.messages) == (6, {"created": 7}, {"created": 1})
    assert office.entry(run, "digest:1").title == "Message of 6 orders"
    assert report.sentences(run) == ["6 orders became notes. 1 message went out."]
    assert report.balance(run) == "6 read + 1 message = 7 created"
    assert message_keys(office.store, "parcels") == []


def test_what_did_not_change_is_collected_once(office, digest, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(digest)
    run = office.run(digest)
    assert run.counts == {"unchanged": 2}
    office.mill.orders = [make_order("1", colour="blue"), make_order("2"), make_order("3")]
    run = office.run(digest)
    assert office.outcomes(run) == {
        "1": "updated", "2": "unchanged", "3": "created", "digest:3": "created",
    }  # fmt: skip
    assert texts(office) == ["2: 1, 2", "2: 1, 3"]


def test_messages_of_a_size(office, make_order):
    recipe = office.recipe(DIGEST.replace("  steps:", "  size: 2\n  steps:", 1))
    office.mill.orders = [make_order(str(n)) for n in range(5)]
    office.run(recipe)
    assert texts(office) == ["2: 0, 1", "2: 2, 3", "1: 4"]


def test_a_condition_and_one_value(office, make_order):
    one = DIGEST.replace(
        '{number: "{{ order.id }}", colour: "{{ order.colour }}"}', '"{{ order.id }}"'
    )
    one = one.replace("  collect", "  if: order.colour == 'blue'\n  collect", 1)
    recipe = office.recipe(one.replace("map('number') | ", ""))
    office.mill.orders = [make_order("1"), make_order("2", colour="blue")]
    run = office.run(recipe)
    assert texts(office) == ["1: 2"]
    assert office.outcomes(run)["1"] == "skipped"


def test_records_go_on_to_later_steps_by_themselves(office, make_order):
    recipe = office.recipe(DIGEST + office.SINGLE)
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": "rejected", "digest:1": "created"}
    assert office.depot.sent() == ["PUT /parcels/1", "PUT /parcels/2", "POST /notes"]
    assert texts(office) == ["2: 1, 2"]
    office.mill.orders = [make_order("2")]
    office.retry(run)
    assert texts(office) == ["2: 1, 2", "1: 2"]  # its colour is another now


def test_a_message_that_failed_goes_out_with_the_next_run_and_not_twice(office, make_order):
    recipe = office.recipe(DIGEST.replace("send_note", "send_marked_note"))
    office.mill.orders = [make_order("1")]
    office.line.loses = lambda request: True
    run = office.run(recipe)
    assert run.status == "partial"
    assert office.outcomes(run) == {"1": "created", "digest:1": "failed"}
    office.line.loses = lambda request: False
    office.mill.orders = [make_order("1"), make_order("2")]
    run = office.run(recipe)
    assert office.outcomes(run)["digest:1"] == "created"
    assert texts(office) == ["1: 1", "1: 2"]
    assert office.open_problems() == {}


def test_an_unsure_message_waits_for_a_person(office, digest, make_order):
    office.mill.orders = [make_order("1")]
    office.line.loses = lambda request: True
    run = office.run(digest)
    assert office.outcomes(run) == {"1": "created", "digest:1": "unsure"}
    office.line.loses = lambda request: False
    assert office.outcomes(office.run(digest)) == {"1": "unchanged"}
    assert len(texts(office)) == 1
    arrived = office.retry(run, arrived=True)
    assert office.outcomes(arrived) == {"digest:1": "created"}
    assert (len(texts(office)), message_keys(office.store, "parcels")) == (1, [])


def test_a_rejected_message_is_retried(office, make_order):
    refused = """
- id: digest
  collect: "{{ order.colour }}"
  steps:
    - use: depot.store_parcel
      with: {colour: "{{ digest | first }}"}
"""
    office.mill.orders = [make_order("1", colour="refused")]
    run = office.run(office.recipe(refused, trigger="order_listed"))
    assert office.outcomes(run) == {"1": "created", "digest:1": "rejected"}
    said = "1 order became a parcel. 1 message did not go out."
    assert (run.status, report.headline(run)) == ("partial", said)
    (cause,) = report.causes_of(office.store, run)
    assert report.cause_sentence(run, cause).startswith("1 message: ")
    with office.store.reading() as connection:
        assert (newly_lost(connection, run), tried(run, tried_again(connection, run))) == (0, 1)
    recipe = office.recipe(refused.replace("first }}", "first | replace('refused', 'red') }}"))
    again = office.retry(run, cause_id=cause.id)
    assert office.outcomes(again) == {"digest:1": "created"}
    assert (again.read, again.fixed) == (0, 0)
    assert report.sentences(again) == ["1 message went out.", "This run tried 1 message again."]
    assert report.balance(again) == "0 read + 1 message = 1 created"
    assert office.open_problems() == {}
    assert office.run(recipe).counts == {"unchanged": 1}


def test_what_is_put_right_at_the_source_puts_its_message_right(office, make_order):
    refused = """
- id: digest
  collect: "{{ order.colour }}"
  steps:
    - use: depot.store_parcel
      with: {colour: "{{ digest | last }}", title: "{{ digest | join(' ') }}"}
"""
    recipe = office.recipe(refused)
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    assert office.outcomes(office.run(recipe))["digest:1"] == "rejected"
    office.mill.orders = [make_order("2", colour="blue"), make_order("3")]
    run = office.run(recipe)
    assert office.outcomes(run) == {
        "2": "updated", "3": "created", "digest:1": "created", "digest:3": "created",
    }  # fmt: skip
    assert [p["title"] for p in office.depot.parcels.values()] == ["red blue", "red"]
    assert office.open_problems() == {}


def test_somebody_may_look_at_a_message_before_it_goes_out(office, make_order):
    asking = DIGEST.replace("steps:\n", "steps:\n    - ask: Send {{ digest | length }} orders?\n")
    recipe = office.recipe(asking)
    office.mill.orders = [make_order("1")]
    first = office.run(recipe)
    assert office.outcomes(first) == {"1": "created", "digest:1": "waiting"}
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(recipe)
    one, two = list_questions(office.store)
    answer_question(office.store, one.id, "yes", by="d@e.fg")
    assert office.outcomes(go_on(office)) == {"digest:1": "created"}
    assert texts(office) == ["1: 1"]
    answer_question(office.store, two.id, "no", by="d@e.fg")
    assert office.outcomes(go_on(office)) == {"digest:2": "skipped"}
    assert (texts(office), message_keys(office.store, "parcels")) == (["1: 1"], [])


def test_a_run_that_stops_leaves_what_was_collected_to_the_next(office, make_order, small_chunks):
    recipe = office.recipe(DIGEST + "- {if: order.weight > 10, stop: Too heavy.}\n")
    office.mill.orders = [make_order(str(n)) for n in range(5)] + [make_order("5", weight=11)]
    assert office.run(recipe).status == "failed"
    assert texts(office) == []
    office.mill.orders[5] = make_order("5")
    office.run(recipe)
    assert texts(office) == ["6: 0, 1, 2, 3, 4, 5"]


def test_entries_of_lists_are_collected_too(office, make_order):
    loop = """
- for_each: order.clients
  as: client
  steps:
    - id: digest
      collect: "{{ client.name }}"
      steps:
        - use: depot.send_note
          with: {text: "{{ digest | join(' ') }}"}
"""
    recipe = office.recipe(loop, trigger="order_open")
    people = [{"id": "a", "name": "Ada"}, {"id": "b", "name": "Bob"}]
    office.mill.orders = [make_order("1", clients=people), make_order("2", clients=people[:1])]
    run = office.run(recipe)
    assert texts(office) == ["Ada Bob Ada"]
    assert office.outcomes(run) == {"1": "created", "2": "created", "digest:1": "created"}


def test_a_step_that_is_gone_takes_its_values_along(office, digest, make_order):
    office.mill.orders = [make_order("1", colour="blue")]
    office.line.reaches = lambda number: False
    office.run(digest)
    assert message_keys(office.store, "parcels") == ["digest:1"]
    office.line.reaches = lambda number: True
    run = office.run(office.recipe(office.SINGLE))
    assert office.outcomes(run)["1"] == "created"
    assert message_keys(office.store, "parcels") == []


def test_a_preview_says_what_the_message_would_be(office, digest, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    found = preview(office.store, office.host, digest, transports={"depot": office.line})
    assert found.counts == {"created": 3}
    message = found.entries[-1]
    assert message.title == "Message of 2 orders"
    goes = "It goes into a message that is made of many records."
    assert [entry.said for entry in found.entries] == [goes, goes, ""]
    assert message.rows[0].values == {"text": "2: 1, 2"}
    assert (texts(office), message_keys(office.store, "parcels")) == ([], [])
    assert get_run(office.store, office.go(request_run(office.store, office.host, digest)).id)
    assert texts(office) == ["2: 1, 2"]


def test_a_step_that_is_gone_takes_the_problems_of_its_messages_along(office, digest, make_order):
    office.mill.orders = [make_order("1", colour="blue")]
    office.line.reaches = lambda number: False
    office.run(digest)
    assert office.open_problems() == {"digest:1": "failed"}
    office.line.reaches = lambda number: True
    office.run(office.recipe(office.SINGLE))
    assert office.open_problems() == {}


def test_a_message_whose_step_is_gone_waits_no_longer(office, make_order, clock):
    waiting = DIGEST.replace("steps:\n", "steps:\n    - wait: 2 days\n")
    office.mill.orders = [make_order("1")]
    run = office.run(office.recipe(waiting))
    assert office.outcomes(run)["digest:1"] == "waiting"
    office.recipe(office.SINGLE)
    clock.pass_by(days=2)
    for _ in range(3):
        for recipe, run_id in to_wake(office.store, clock()).items():
            args = (office.store, office.host, office.library, recipe, run_id, clock())
            woken = wake_recipe(*args)
            assert woken is None or office.outcomes(office.go(woken)) == {}
        clock.pass_by(hours=2)
    assert to_wake(office.store, clock()) == {}
    assert office.open_problems() == {}


def test_a_message_that_failed_before_a_crash_is_told_of_once(office, digest, make_order):
    """The run's process dies after its message failed, before the run is over."""

    class Died(BaseException):
        pass

    def die(progress):
        if progress.counts.get("failed"):
            raise Died

    office.mill.orders = [make_order("1")]
    office.line.reaches = lambda number: False
    run_id = request_run(office.store, office.host, digest)
    with pytest.raises(Died):
        office.go(run_id, on_progress=die)
    run = office.go(run_id)
    assert [(e.key, e.outcome) for e in office.entries(run)] == [
        ("1", "created"), ("digest:1", "failed"),
    ]  # fmt: skip
    assert (run.read, run.counts) == (1, {"created": 1, "failed": 1})
    assert report.balance(run) == "1 read + 1 message = 1 created + 1 failed"


def test_a_record_that_comes_twice_unchanged_is_counted_once(office, make_order, small_chunks):
    orders = [make_order(str(n)) for n in range(6)]
    recipe = office.recipe(DIGEST, trigger="order_listed")
    office.mill.orders = orders
    office.run(recipe)
    office.mill.orders = [*orders, make_order("0")]
    run = office.run(recipe)
    assert run.counts == {"unchanged": 6, "skipped": 1}
