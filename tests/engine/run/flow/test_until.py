"""``until``: steps in rounds, soon after each other in the run or as waits, and never without end."""

import pytest

from engine.run.parked.after_wait import wake_recipe
from engine.run.preview import preview
from engine.store.waits import to_wake, waiting_counts

POLL = """
- id: ready
  until: customer is not blank
  every: 5 seconds
  at_most: 4 times
  steps:
    - id: customer
      use: depot.find_customer
      with: {email: "{{ order.customer.email }}"}
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ customer.id }} after {{ ready.rounds }}", colour: "{{ order.colour }}"}
"""
LATER = POLL.replace("5 seconds", "10 minutes")
WRITES = """
- until: note.id == 'N-3'
  every: 5 seconds
  at_most: 5 times
  steps:
    - id: note
      use: depot.send_known_note
      with: {text: "{{ order.title }}"}
"""


@pytest.fixture
def naps(monkeypatch, clock):
    taken = []

    def nap(brakes, seconds):
        taken.append(seconds)
        clock.pass_by(seconds=seconds)

    monkeypatch.setattr("engine.run.brakes.Brakes.nap", nap)
    return taken


@pytest.fixture
def appears(office):
    """Let the customer be found from some request on."""
    customers, office.depot.customers = office.depot.customers, {}

    def at(number):
        asked = [0]

        def before(request):
            if request.url.path == "/customers":
                asked[0] += 1
                office.depot.customers = customers if asked[0] >= number else {}

        office.line.before = before

    return at


@pytest.fixture
def wake(office, clock):
    def look():
        runs = []
        for recipe, run_id in to_wake(office.store, clock()).items():
            args = (office.store, office.host, office.library, recipe, run_id, clock())
            runs.append(office.go(wake_recipe(*args)))
        return runs

    return look


def test_rounds_follow_each_other_in_the_run(office, naps, appears, make_order):
    appears(3)
    office.mill.orders = [make_order("1"), make_order("2")]  # one search asks for both of a chunk
    run = office.run(office.recipe(POLL))
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    assert naps == [5, 5]
    assert office.depot.sent("/customers") == ["GET /customers"] * 3
    assert office.depot.parcels["1"]["title"] == "C-1 after 3"


def test_what_is_so_at_once_needs_one_round(office, naps, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(POLL))
    assert (naps, office.depot.parcels["1"]["title"]) == ([], "C-1 after 1")


def test_what_is_never_so_rejects_its_record(office, naps, appears, make_order):
    appears(100)
    office.mill.orders = [make_order("1")]
    run = office.run(office.recipe(POLL))
    entry = office.entry(run, "1")
    assert (entry.outcome, entry.code, entry.step) == ("rejected", "never", "ready")
    assert entry.reason == "After 4 rounds it was still not so that customer is not blank."
    assert len(naps) == 3
    appears(2)
    assert office.outcomes(office.retry(run)) == {"1": "created"}


def test_a_recipe_may_go_on_without(office, naps, appears, make_order):
    appears(100)
    office.mill.orders = [make_order("1")]
    going_on = POLL.replace("  steps:", "  if_never: continue\n  steps:", 1)
    recipe = office.recipe(going_on.replace("customer.id", "customer.id if customer else ''"))
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert office.depot.parcels["1"]["title"] == " after 4"


def test_no_round_begins_after_the_time_is_up(office, naps, appears, make_order):
    appears(100)
    office.mill.orders = [make_order("1")]
    recipe = office.recipe(POLL.replace("at_most: 4 times", "within: 12 seconds"))
    assert office.outcomes(office.run(recipe)) == {"1": "rejected"}
    assert naps == [5, 5]


def test_rounds_far_apart_are_waits(office, naps, appears, clock, wake, make_order):
    appears(3)
    office.mill.orders = [make_order("1")]
    recipe = office.recipe(LATER, trigger="order_listed")
    run = office.run(recipe)
    entry = office.entry(run, "1")
    assert (entry.outcome, entry.code) == ("waiting", "until")
    assert entry.reason == "Waiting until 20:40, to look again whether customer is not blank."
    assert office.outcomes(office.run(recipe)) == {"1": "waiting"}  # not before its time
    assert len(office.depot.sent("/customers")) == 1
    clock.pass_by(minutes=10)
    [run] = wake()
    assert office.outcomes(run) == {"1": "waiting"}
    assert wake() == []
    clock.pass_by(minutes=10)
    [run] = wake()
    assert office.outcomes(run) == {"1": "created"}
    assert office.depot.parcels["1"]["title"] == "C-1 after 3"
    assert (naps, waiting_counts(office.store)) == ([], {})


def test_many_short_rounds_do_not_hold_up_the_run(office, naps, appears, clock, wake, make_order):
    appears(16)
    office.mill.orders = [make_order("1")]
    many = POLL.replace("at_most: 4 times", "at_most: 20 times")
    assert office.outcomes(office.run(office.recipe(many))) == {"1": "waiting"}
    assert sum(naps) == 60
    clock.pass_by(seconds=5)
    [run] = wake()
    assert office.outcomes(run) == {"1": "created"}
    assert office.depot.parcels["1"]["title"] == "C-1 after 16"


def test_a_round_sends_once_and_none_is_done_again(office, naps, make_order):
    office.mill.orders = [make_order("1")]
    recipe = office.recipe(WRITES, trigger="order_listed")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert [note["ref"] for note in office.depot.notes] == ["1:1", "1:2", "1:3"]
    naps.clear()
    assert office.outcomes(office.run(recipe)) == {"1": "unchanged"}
    assert (len(office.depot.notes), naps) == (3, [])


def test_a_record_that_fails_in_a_round_goes_on_with_that_round(office, naps, make_order):
    refusing = """
- until: parcel.track == 'T1:3'
  every: 1 second
  steps:
    - id: parcel
      use: depot.store_parcel
      with: {colour: "{{ order.colour }}", title: "{{ order.title }}"}
"""
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    run = office.run(office.recipe(refusing.replace("T1:3", "T1:2")))
    assert office.outcomes(run)["2"] == "rejected"
    assert office.outcomes(run)["1"] == "created"
    assert office.depot.sent("/parcels/1") == ["PUT /parcels/1:1", "PUT /parcels/1:2"]


def test_rounds_within_a_loop_are_each_entrys_own(office, naps, appears, make_order):
    loop = """
- for_each: order.clients
  as: client
  steps:
    - until: found is not blank
      every: 1 second
      steps:
        - id: found
          use: depot.find_customer
          with: {email: "{{ client.email }}"}
    - use: depot.store_parcel
      with: {title: "{{ found.id }}"}
"""
    appears(2)
    clients = [{"id": "a", "email": "ada@mill.example"}, {"id": "b", "email": "b@mill.example"}]
    office.mill.orders = [make_order("1", clients=clients)]
    run = office.run(office.recipe(loop, trigger="order_open"))
    assert office.entry(run, "1").code == "never"
    assert office.depot.parcels["1:a"]["title"] == "C-1"


def test_a_question_in_a_round_is_answered_in_that_round(office, naps, appears, make_order):
    from engine.store.answers import mark_answered
    from engine.store.questions import list_questions

    asking = POLL.replace(
        "  steps:\n",
        "  steps:\n    - {ask: 'Look now?', if: order.weight > 3}\n",
        1,
    )
    appears(2)
    office.mill.orders = [make_order("1")]
    run = office.run(office.recipe(asking))
    for rounds in (1, 2):
        assert office.outcomes(run) == {"1": "waiting"}
        [asked] = list_questions(office.store)
        mark_answered(office.store, [asked.id], "yes", by="d@e.fg", note="", now=office.clock())
        run = office.retry(run)
        assert len(office.depot.sent("/customers")) == rounds
    assert office.outcomes(run) == {"1": "created"}


def test_a_preview_looks_once(office, appears, make_order):
    appears(2)
    office.mill.orders = [make_order("1")]
    found = preview(
        office.store, office.host, office.recipe(POLL), transports={"depot": office.line}
    )
    assert found.counts == {"waiting": 1}
    assert found.entries[0].reason.startswith("It would wait until ")
    assert waiting_counts(office.store) == {}
