"""How a connection is: well or broken, since when; people hear of a change, and only of a change."""

from typing import Any

import pytest

from engine.store.connections import (
    Connection,
    get_connection,
    list_connections,
    mark_checked,
    remove_connection,
    save_connection,
)
from engine.store.database import Store
from engine.store.notices import list_notices

NOTICE = ("Reconnect Clio", "It holds up: Matters.")


@pytest.fixture
def office(store: Store) -> Connection:
    connection = Connection(name="office", connector="clio", label="Harbor Law")
    save_connection(store, connection)
    return connection


def heard(store: Store) -> list[tuple[str, str]]:
    return [(notice.kind, notice.subject) for notice in reversed(list_notices(store))]


@pytest.mark.usefixtures("office")
def test_what_broke_stays_broken_since_then(store: Store, clock: Any) -> None:
    broke = clock()
    assert mark_checked(store, "office", problem="Refused.", notice=NOTICE, at=clock())
    clock.pass_by(days=3)
    assert not mark_checked(store, "office", problem="Still refused.", notice=NOTICE, at=clock())
    [found] = list_connections(store)
    assert (found.problem, found.problem_code) == ("Still refused.", "reconnect")
    assert (found.broken_since, found.checked_at) == (broke, clock())
    assert found.needs_person
    assert heard(store) == [("connection_broke", "Reconnect Clio")]


@pytest.mark.usefixtures("office")
def test_what_is_well_again_is_told_once(store: Store, clock: Any) -> None:
    mark_checked(store, "office", at=clock())
    mark_checked(store, "office", problem="Refused.", notice=NOTICE, at=clock())
    assert mark_checked(store, "office", label="Harbor Law LLP", at=clock())
    assert not mark_checked(store, "office", at=clock())
    [found] = list_connections(store)
    assert (found.problem, found.problem_code, found.broken_since) == ("", "", None)
    assert not found.needs_person
    assert found.label == "Harbor Law LLP"
    assert heard(store) == [
        ("connection_broke", "Reconnect Clio"),
        ("connection_well", "The connection “office” works again"),
    ]


@pytest.mark.usefixtures("office")
def test_what_may_pass_is_noted_but_no_news(store: Store) -> None:
    mark_checked(store, "office", problem="Can't be reached.", code="unavailable")
    [found] = list_connections(store)
    assert found.problem
    assert not found.needs_person
    mark_checked(store, "office")
    assert heard(store) == []


def test_connecting_again_is_good_news(store: Store, office: Connection) -> None:
    mark_checked(store, "office", problem="Refused.", notice=NOTICE)
    save_connection(store, office)
    assert heard(store)[-1] == ("connection_well", "The connection “office” works again")
    assert get_connection(store, "office").broken_since is None


@pytest.mark.usefixtures("office")
def test_a_removed_connection_is_no_longer_broken(store: Store, office: Connection) -> None:
    mark_checked(store, "office", problem="Refused.", notice=NOTICE)
    remove_connection(store, "office")
    save_connection(store, office)
    assert heard(store) == [("connection_broke", "Reconnect Clio")]


def test_a_connection_that_was_just_removed_is_not_marked(store: Store) -> None:
    assert not mark_checked(store, "gone", problem="Refused.", notice=NOTICE)
    assert heard(store) == []
