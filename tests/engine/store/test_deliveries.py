"""The inbox: each delivery is kept once, waits until its record is settled, and can be sent again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.store import deliveries, inbox
from engine.store.database import Store
from engine.store.deliveries import add_deliveries
from engine.store.hooks import want_hook
from engine.store.inbox import settle_deliveries, take_waiting
from engine.store.tables import deliveries as table
from engine.webhooks import Delivery

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def hook_of(store: Store, recipe: str) -> int:
    return want_hook(
        store,
        recipe=recipe,
        connection="clio",
        trigger="clio.matter_changed",
        parameters={},
        now=NOW,
    ).id


@pytest.fixture
def hook(store: Store) -> int:
    return hook_of(store, "matters")


def ids(store: Store, hook: int) -> list[int]:
    return [one.id for one in take_waiting(store, [hook], after=0, upto=10**9, limit=100)]


def settle(store: Store, outcomes: dict[str, list[int]]) -> None:
    with store.writing() as connection:
        settle_deliveries(connection, 7, outcomes)


def test_a_delivery_is_kept_once_for_each_webhook(store: Store, hook: int) -> None:
    twice = [Delivery("e1", key="5"), Delivery("e1", key="5"), Delivery("e2", record={"id": 6})]
    assert add_deliveries(store, hook, twice, NOW) == 2
    assert add_deliveries(store, hook, twice, NOW) == 0
    assert add_deliveries(store, hook_of(store, "others"), [Delivery("e1", key="5")], NOW) == 1
    assert add_deliveries(store, hook, [], NOW) == 0


def test_it_is_read_as_it_came(store: Store, hook: int) -> None:
    record = {"id": 6, "name": "Ångström", "open": None}
    add_deliveries(store, hook, [Delivery("e1", key="5"), Delivery("e2", record=record)], NOW)
    first, second = take_waiting(store, [hook], after=0, upto=10**9, limit=10)
    assert (first.key, first.record) == ("5", None)
    assert (second.key, second.record) == (None, record)


def test_a_payload_is_encrypted(store: Store, hook: int) -> None:
    add_deliveries(store, hook, [Delivery("e1", record={"name": "Ada Lovelace"})], NOW)
    with store.reading() as connection:
        assert b"Ada" not in connection.execute(select(table.c.payload)).scalar_one()


def test_whatever_a_vendor_calls_its_delivery_is_told_apart(store: Store, hook: int) -> None:
    long = "e" * 300
    odd = ["e\0", "e\ud800", long + "1", long + "2"]
    assert add_deliveries(store, hook, [Delivery(id, key="k\0") for id in odd], NOW) == 4
    assert add_deliveries(store, hook, [Delivery(id, key="k\0") for id in odd], NOW) == 0


def test_deliveries_wait_until_they_are_settled(store: Store, hook: int) -> None:
    """So a run that dies in between leaves them to the next one."""
    add_deliveries(store, hook, [Delivery(f"e{n}", key=str(n)) for n in range(5)], NOW)
    assert inbox.full_boxes(store) == [inbox.Box(hook, "matters", "clio", "clio.matter_changed")]
    taken = ids(store, hook)
    assert ids(store, hook) == taken
    settle(store, {"created": taken[:3], "rejected": taken[3:4], "failed": []})
    assert ids(store, hook) == taken[4:]
    newest, rejected, *_ = deliveries.list_deliveries(store)
    assert (newest.state, newest.attempts, newest.run_id) == ("waiting", 3, None)
    assert (rejected.state, rejected.outcome, rejected.run_id) == ("done", "rejected", 7)
    assert deliveries.count_deliveries(store) == {"done": 4, "waiting": 1, "failed": 1}


def test_a_run_reads_no_further_than_what_had_come_when_it_began(store: Store, hook: int) -> None:
    add_deliveries(store, hook, [Delivery(f"e{n}", key=str(n)) for n in range(3)], NOW)
    upto = inbox.newest_waiting(store, [hook])
    add_deliveries(store, hook, [Delivery("late", key="9")], NOW)
    first = take_waiting(store, [hook], after=0, upto=upto, limit=2)
    rest = take_waiting(store, [hook], after=first[-1].id, upto=upto, limit=2)
    assert [one.key for one in first + rest] == ["0", "1", "2"]
    assert inbox.newest_waiting(store, [hook + 1]) == 0


def test_one_or_all_that_failed_are_sent_again(store: Store, hook: int) -> None:
    other = hook_of(store, "others")
    add_deliveries(store, hook, [Delivery(f"e{n}", key=str(n)) for n in range(3)], NOW)
    add_deliveries(store, other, [Delivery("e1", key="1")], NOW)
    mine = ids(store, hook)
    settle(store, {"created": mine[:1], "rejected": mine[1:], "failed": ids(store, other)})
    assert deliveries.send_again(store, ids=mine[:1]) == 1
    assert ids(store, hook) == mine[:1]
    assert deliveries.send_again(store, recipe="matters", failed=True) == 2
    assert ids(store, hook) == mine
    assert ids(store, other) == []
    assert deliveries.send_again(store, failed=True) == 1


def test_what_could_not_be_read_is_kept_until_it_can(store: Store, hook: int) -> None:
    request = {"method": "POST", "body": "<html>"}
    assert deliveries.add_unreadable(store, hook, request, "It isn't JSON.", NOW) == 1
    assert deliveries.add_unreadable(store, hook, request, "It isn't JSON.", NOW) == 0
    assert deliveries.list_deliveries(store, failed=True)[0].problem == "It isn't JSON."
    assert deliveries.send_again(store, failed=True) == 0  # no run can read it as it is
    (raw,) = deliveries.raw_requests(store, recipe="matters")
    assert (raw.hook_id, raw.request) == (hook, request)
    assert deliveries.replace_raw(store, raw, [Delivery("e1", key="1")], NOW) == 1
    assert deliveries.raw_requests(store) == []
    assert [one.delivery_id for one in deliveries.list_deliveries(store)] == ["e1"]


def test_what_nobody_wants_is_left_out_and_may_come_back(store: Store, hook: int) -> None:
    add_deliveries(store, hook, [Delivery("e1", key="1"), Delivery("e2", key="2")], NOW)
    first = ids(store, hook)[0]
    assert deliveries.ignore_delivery(store, first)
    assert not deliveries.ignore_delivery(store, first)
    assert inbox.ignore_waiting(store, hook) == 1
    assert inbox.full_boxes(store) == []
    assert deliveries.send_again(store, ids=[first]) == 1
    assert ids(store, hook) == [first]


def test_a_record_that_cant_be_read_is_set_aside(store: Store, hook: int) -> None:
    add_deliveries(store, hook, [Delivery("e1", key="1"), Delivery("e2", key="2")], NOW)
    inbox.set_aside(store, ids(store, hook)[:1], "The connector failed.")
    assert [one.key for one in deliveries.list_deliveries(store, failed=True)] == ["1"]
    assert len(ids(store, hook)) == 1
    assert deliveries.send_again(store, failed=True) == 1
    assert len(ids(store, hook)) == 2


def test_old_deliveries_are_forgotten_but_never_waiting_ones(store: Store, hook: int) -> None:
    old = NOW - timedelta(days=40)
    add_deliveries(store, hook, [Delivery("e1", key="1"), Delivery("e2", key="2")], old)
    add_deliveries(store, hook, [Delivery("e3", key="3")], NOW)
    settle(store, {"created": [ids(store, hook)[0], ids(store, hook)[2]]})
    assert deliveries.forget_deliveries(store, NOW - timedelta(days=30)) == 1
    assert [one.key for one in deliveries.list_deliveries(store)] == ["3", "2"]


def test_lists_are_paged_from_the_newest(store: Store, hook: int) -> None:
    add_deliveries(store, hook, [Delivery(f"e{n}", key=str(n)) for n in range(5)], NOW)
    first = deliveries.list_deliveries(store, recipe="matters", limit=2)
    rest = deliveries.list_deliveries(store, recipe="matters", before=first[-1].id, limit=2)
    assert [one.key for one in first + rest] == ["4", "3", "2", "1"]
