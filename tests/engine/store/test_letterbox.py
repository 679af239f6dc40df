"""The letterbox: what many threads store at once is one transaction, flushed to the disk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from engine.store.database import Store
from engine.store.deliveries import add_deliveries, list_deliveries
from engine.store.hooks import want_hook
from engine.store.letterbox import to_the_disk
from engine.webhooks import Delivery

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


@pytest.fixture
def hook(store: Store) -> int:
    about = {"recipe": "matters", "connection": "clio", "trigger": "clio.matter_changed"}
    return want_hook(store, **about, parameters={}, now=NOW).id


@pytest.mark.sqlite
def test_a_delivery_is_flushed_to_the_disk_and_other_writes_go_on_as_before(store: Store) -> None:
    with to_the_disk(store) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    for _ in range(3):
        with store.writing() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL


@pytest.mark.sqlite
def test_what_many_threads_store_at_once_shares_a_transaction(store: Store, hook: int) -> None:
    """Each of them hears of its own rows; two that bring the same delivery find it new once."""
    commits = []
    event.listen(store.engine, "commit", commits.append)

    def add(n: int) -> int:
        return add_deliveries(store, hook, [Delivery(f"e{n % 150}", key=str(n))], NOW)

    with ThreadPoolExecutor(16) as pool, store.writing():  # a run settles a chunk meanwhile
        answers = [pool.submit(add, n) for n in range(200)]
        # All sixteen threads stand in line by the time the chunk is settled.
        while sum(one.running() for one in answers) < 16:
            pass
    assert sum(one.result() for one in answers) == 150
    assert len(list_deliveries(store, limit=500)) == 150
    assert len(commits) < 200


def test_when_storing_fails_who_waited_hears_of_it_and_the_next_may_succeed(
    store: Store, hook: int
) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO away")
    with pytest.raises(DatabaseError):
        add_deliveries(store, hook, [Delivery("e1", key="1")], NOW)
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO deliveries")
    assert add_deliveries(store, hook, [Delivery("e1", key="1")], NOW) == 1


@pytest.mark.sqlite
def test_one_that_cant_be_stored_does_not_cost_those_beside_it(store: Store, hook: int) -> None:
    def add(number: int) -> int:
        return add_deliveries(
            store, hook if number else 999, [Delivery(f"e{number}", key="1")], NOW
        )

    with ThreadPoolExecutor(4) as pool:
        with store.writing():
            answers = [pool.submit(add, number) for number in range(4)]
            while sum(one.running() for one in answers) < 4:
                pass
        assert [one.result() for one in answers[1:]] == [1, 1, 1]
        with pytest.raises(DatabaseError):  # there is no such webhook
            answers[0].result()


def test_rows_are_numbered_in_the_order_they_came(store: Store, hook: int) -> None:
    """Of two states of a record, the later one counts."""
    add_deliveries(store, hook, [Delivery("z", key="1"), Delivery("a", key="1")], NOW)
    assert [one.delivery_id for one in list_deliveries(store)] == ["a", "z"]
