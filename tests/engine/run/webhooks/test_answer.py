"""``answer``: what whoever called the webhook gets, kept with the delivery before later steps go on."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.run import carrying
from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.webhooks.callers import Callers
from engine.run.webhooks.replies import ACCEPTED
from engine.sdk import Delivery, HookReply
from engine.store.answered import Sight, forget_answers, look_at
from engine.store.deliveries import list_deliveries, send_again
from engine.store.runs import get_run

PARCEL = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
ANSWER = """
- answer:
    status: 201
    headers: {X-Parcel: "{{ parcel.id }}"}
    body: {parcel: "{{ parcel.id }}", title: "{{ order.title }}", paid: false, number: "00420"}
"""


@pytest.fixture
def called(porter: Any) -> Callable[..., Sight]:
    """Switch on a recipe of these steps, deliver one message, run; say how the delivery stands."""

    def call(steps: str, **record: Any) -> Sight:
        recipe = porter.office.recipe(steps, trigger="posted", trigger_keys="schedule: instant")
        text = recipe.path.read_text("utf-8").replace("mill.", "bell.")
        recipe.path.write_text(text, "utf-8")
        porter.switch_on(porter.office.library.load(recipe.name))
        porter.deliver(Delivery("d1", record={"id": 7, "title": "Hello", **record}))
        porter.go()
        return sight(porter)

    return call


def sight(porter: Any, id: str = "d1") -> Sight:
    found = look_at(porter.office.store, porter.hook.id, id)
    assert found is not None
    return found


def answered(sight: Sight) -> HookReply:
    assert sight.answer is not None
    return sight.answer


def test_the_caller_gets_status_headers_and_a_typed_body(called: Callable[..., Sight]) -> None:
    reply = answered(called(PARCEL + ANSWER))
    assert reply.status == 201
    assert reply.headers == {"X-Parcel": "P-7", "Content-Type": "application/json"}
    assert json.loads(reply.body) == {
        "parcel": "P-7",
        "title": "Hello",
        "paid": False,
        "number": "00420",
    }


def test_an_answer_that_cannot_be_sent_rejects_its_record(called: Callable[..., Sight]) -> None:
    found = called("- answer: {status: '{{ order.title }}'}")
    assert found.outcome == "rejected"
    reply = answered(found)
    assert (reply.status, json.loads(reply.body)["code"]) == (422, "bad_status")


def test_an_early_answer_stays_whatever_later_steps_do(called: Callable[..., Sight]) -> None:
    found = called("- answer: {body: Thanks}" + PARCEL, colour="refused")
    assert found.outcome == "rejected"
    assert (answered(found).status, answered(found).body) == (200, "Thanks")


@pytest.mark.parametrize(
    ("steps", "colour", "status", "outcome"),
    [
        (PARCEL, "refused", 422, "rejected"),
        (PARCEL, "crash", 502, "failed"),
        ("- skip: Not now.", "red", 204, "skipped"),
    ],
)
def test_a_record_that_ends_before_its_answer_says_why(
    called: Callable[..., Sight], steps: str, colour: str, status: int, outcome: str
) -> None:
    found = called(
        f"- {{if: order.title == 'Bye', answer: {{body: Thanks}}}}\n{steps}", colour=colour
    )
    reply = answered(found)
    assert (found.outcome, reply.status) == (outcome, status)
    if status == 204:
        assert reply.body == ""
        return
    told = json.loads(reply.body)
    assert told["outcome"] == outcome
    assert told["reason"]


def test_a_record_that_was_only_answered_says_so_in_the_report(
    called: Callable[..., Sight], porter: Any
) -> None:
    found = called("- answer: {body: Thanks}")
    assert (found.outcome, answered(found).body) == ("skipped", "Thanks")
    run = get_run(porter.office.store, porter.asked[-1])
    assert [entry.code for entry in porter.office.entries(run)] == ["answered"]


@pytest.mark.parametrize(
    ("steps", "outcome", "reply"),
    [
        (PARCEL + "- {if: order.title == 'Bye', answer: {}}", "created", HookReply()),
        ("- wait: 2 days\n" + PARCEL + ANSWER, "waiting", ACCEPTED),
        (PARCEL, "created", None),
    ],
)
def test_a_record_that_comes_to_no_answer_keeps_nobody_waiting(
    called: Callable[..., Sight], porter: Any, steps: str, outcome: str, reply: HookReply | None
) -> None:
    assert called(steps).outcome == outcome
    callers = Callers(porter.works, places=0)
    assert callers.answer(porter.hook, [Delivery("d1", record={})]) == reply


def test_a_recipe_without_an_answer_keeps_none(called: Callable[..., Sight]) -> None:
    assert called(PARCEL, colour="refused").answer is None


def test_nobody_waits_where_it_is_run_by_hand(called: Callable[..., Sight], porter: Any) -> None:
    called(PARCEL + ANSWER)
    recipe = porter.office.library.load("parcels")
    assert preview(porter.office.store, porter.office.host, recipe).counts == {}
    assert porter.office.run(recipe).read == 0


def test_the_first_answer_counts_when_the_delivery_is_sent_through_again(
    called: Callable[..., Sight], porter: Any
) -> None:
    first = answered(called("- answer: {body: '{{ now }}'}"))
    send_again(porter.office.store, ids=[list_deliveries(porter.office.store)[0].id])
    porter.office.clock.now += timedelta(hours=1)
    porter.go()
    assert answered(sight(porter)) == first


def test_an_answer_outlives_a_crash_before_its_record_is_settled(
    porter: Any, called: Callable[..., Sight], depot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "settle", die)
        with pytest.raises(Died):
            called(PARCEL + ANSWER)
    found = sight(porter)
    assert found.state == "waiting"
    first = answered(found)
    assert first.status == 201
    office = porter.office
    run_id = porter.asked[-1]
    how = {**office.how, "transports": {**office.how["transports"], **porter.transports}}
    execute(office.store, office.host, run_id, clock=office.clock, **how)
    found = sight(porter)
    assert (found.state, answered(found)) == ("done", first)
    assert len(depot.parcels) == 1


def test_answers_are_encrypted_and_forgotten(called: Callable[..., Sight], porter: Any) -> None:
    store, now = porter.office.store, porter.office.clock()
    called("- answer: {body: 'Thanks, {{ order.title }}'}")
    with store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT answer FROM deliveries").scalar_one()
    assert b"Thanks" not in kept
    assert forget_answers(store, now - timedelta(days=7)) == 0
    assert sight(porter).answer is not None
    assert forget_answers(store, now + timedelta(seconds=1)) == 1
    assert sight(porter).answer is None
