"""What other systems are told of runs and records, written with them or not at all."""

import json
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.public_address import PUBLIC_URL_VARIABLE
from engine.run.telling.events import samples
from engine.store import outbound
from engine.store.api_tokens import list_tokens, make_token
from engine.store.outbound import EVENTS
from engine.store.tables import outbox

RECORD_FIELDS = {
    "id", "event", "recipe", "run", "key", "title", "outcome", "target_id",
    "code", "reason", "how_to_fix", "step", "field", "at", "url",
}  # fmt: skip


@pytest.fixture
def subscribe(office):
    def subscribe(what: str, recipe: str = "parcels") -> str:
        if not list_tokens(office.store):
            make_token(office.store, "Zapier", "admin@firm.example", office.clock())
        subscriber, _ = outbound.subscribe(
            office.store,
            token_id=list_tokens(office.store)[0].id,
            target=f"https://hooks.example/{what}/{recipe}",
            host="hooks.example",
            event=what,
            recipe=recipe,
            now=office.clock(),
        )
        return subscriber.id

    return subscribe


def posted(office) -> list[dict[str, Any]]:
    with office.store.reading() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    bodies = [json.loads(row.body) for row in rows]
    assert [row.event_id for row in rows] == [body["id"] for body in bodies]
    return bodies


def test_without_a_subscriber_nothing_is_written(office, single, make_order, subscribe):
    subscribe("record.created", "another recipe")
    office.mill.orders = [make_order("1")]
    office.run(single)
    assert posted(office) == []


def test_each_record_is_told_once_by_what_became_of_it(office, single, make_order, subscribe):
    for what in ("record.created", "record.updated", "record.rejected"):
        subscribe(what)
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    run = office.run(single)
    told = {body["key"]: body for body in posted(office)}
    assert {key: body["event"] for key, body in told.items()} == {
        "1": "record.created",
        "2": "record.rejected",
    }
    assert told["1"].keys() == told["2"].keys() == RECORD_FIELDS
    assert (told["1"]["run"], told["1"]["target_id"]) == (run.id, "P-1")
    entry = office.entry(run, "2")
    assert (told["2"]["reason"], told["2"]["code"]) == (entry.reason, entry.code)
    office.mill.orders = [make_order("1", colour="blue"), make_order("2", colour="refused")]
    office.run(single)
    [again] = [body for body in posted(office)[2:] if body["key"] == "1"]
    assert again["event"] == "record.updated"
    ids = [body["id"] for body in posted(office)]
    assert len(ids) == len(set(ids))


def test_a_record_that_is_unchanged_is_not_told(office, single, make_order, subscribe):
    office.mill.orders = [make_order("1")]
    office.run(single)
    subscribe("record.created")
    subscribe("record.updated")
    assert office.run(single).counts == {"unchanged": 1}
    assert posted(office) == []


def test_the_end_of_a_run_is_told_with_its_counts(
    office, single, make_order, subscribe, monkeypatch
):
    monkeypatch.setenv(PUBLIC_URL_VARIABLE, "https://bridge.example")
    subscribe("run.finished", "")
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    run = office.run(single)
    [body] = posted(office)
    assert body["event"] == "run.finished"
    assert (body["run"], body["recipe"], body["status"]) == (run.id, "parcels", "partial")
    assert body["counts"] == {"created": 1, "rejected": 1}
    assert body["read"] == 2
    assert body["url"] == f"https://bridge.example/runs/{run.id}/report"
    assert body["finished_at"] == run.finished_at.isoformat()


def test_a_run_that_could_not_run_is_told_with_the_reason(office, single, subscribe):
    subscribe("run.finished")
    office.mill.orders = [RuntimeError("boom")]
    run = office.run(single)
    [body] = posted(office)
    assert (body["status"], body["message"]) == ("failed", run.message)
    assert body["message"]


def test_every_subscriber_of_an_event_gets_it_with_the_same_id(
    office, single, make_order, subscribe
):
    subscribe("record.created")
    subscribe("record.created", "")
    office.mill.orders = [make_order("1")]
    office.run(single)
    one, other = posted(office)
    assert one == other


def test_events_are_written_with_their_chunk_or_not_at_all(office, single, make_order, subscribe):
    """The disk is full just when the counters are written."""
    subscribe("record.created")
    office.mill.orders = [make_order("1")]

    @event.listens_for(office.store.engine, "before_cursor_execute", retval=False)
    def fail(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("UPDATE runs SET read"):
            raise OSError("disk full")

    office.run(single)
    event.remove(office.store.engine, "before_cursor_execute", fail)
    assert posted(office) == []


def test_no_secret_reaches_an_event(office, single, make_order, subscribe):
    subscribe("record.rejected")
    office.mill.orders = [make_order("1", title=f"key {office.secret}", colour="refused")]
    office.run(single)
    [body] = posted(office)
    assert office.secret not in json.dumps(body)
    assert "•••" in body["title"]


def test_samples_are_what_happened_last_else_made_up_with_the_same_fields(
    office, single, make_order, subscribe
):
    made_up = {what: samples(office.store, what, "parcels") for what in EVENTS}
    for what in EVENTS:
        subscribe(what)
    office.mill.orders = [make_order(str(n)) for n in range(5)]
    office.run(single)
    office.mill.orders = [make_order("0", colour="blue"), make_order("9", colour="refused")]
    run = office.run(single)
    sent = {body["event"]: body for body in posted(office)}
    for what in EVENTS:
        real = samples(office.store, what, "parcels")
        for found in (made_up[what], real):
            assert all(sample.keys() == sent[what].keys() for sample in found)
            assert all(sample["event"] == what for sample in found)
            assert len({sample["id"] for sample in found}) == len(found)
        assert made_up[what][0]["recipe"] == "parcels"
        assert real == samples(office.store, what, "")
    assert [s["key"] for s in samples(office.store, "record.created", "parcels")] == ["4", "3", "2"]
    assert samples(office.store, "run.finished", "parcels")[0]["run"] == run.id
    assert samples(office.store, "run.finished", "another")[0]["recipe"] == "another"
