"""Accounts: each connected once, none exchanged for another unnoticed."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.errors import SetupError
from engine.host import Host
from engine.http.connect import add_connection, check_connection, new_connection
from engine.sdk import Account, ApiKey, Connector, Context, PracticeServer, json_response, route
from engine.store.connections import (
    Connection,
    get_connection,
    list_connections,
    remove_connection,
    save_connection,
)
from engine.store.database import Store

#: Keys by their account; two of them are one account's.
KEYS = {"key-north-1a2b": 1, "key-north-3c4d": 1, "key-south-5e6f": 2}
NAMES = {1: "North Bank", 2: "South Bank"}


class Bank(PracticeServer):
    @route("GET", "/me")
    def me(self, request: Request) -> Response:
        number = KEYS[request.headers["X-Key"]]
        return json_response({"id": number, "name": NAMES[number]})


def bank_connector() -> Connector:
    connector = Connector(
        name="bank", title="The Bank", auth=ApiKey(header="X-Key"), base_url="https://{city}.bank"
    )

    @connector.check
    def account(ctx: Context) -> Account:
        me = ctx.http.get("/me").json()
        return Account(id=me["id"], label=me["name"])

    return connector


BANK = bank_connector()


@pytest.fixture
def line() -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=Bank())


def connect(store: Store, line: Any, name: str, key: str, city: str = "rome", **how: Any) -> Any:
    settings = {"api_key": key, "city": city}
    return add_connection(store, BANK, new_connection(BANK, name, settings), transport=line, **how)


def test_a_second_connection_to_one_account_is_refused_and_the_first_named(
    store: Store, line: Any
) -> None:
    connect(store, line, "north", "key-north-1a2b")
    with pytest.raises(SetupError) as caught:
        connect(store, line, "again", "key-north-3c4d")
    assert caught.value.message == "This account (North Bank) is connected already, as 'north'."
    assert "Name 'north' in the recipe" in caught.value.hint
    assert [c.name for c in list_connections(store)] == ["north"]


def test_other_accounts_and_other_addresses_are_welcome(store: Store, line: Any) -> None:
    connect(store, line, "north", "key-north-1a2b")
    connect(store, line, "south", "key-south-5e6f")
    connect(store, line, "north-in-pisa", "key-north-1a2b", city="pisa")
    assert len(list_connections(store)) == 3


def test_connecting_again_is_the_same_connection_with_a_new_key(
    store: Store, line: Any, clock: Any
) -> None:
    first = connect(store, line, "north", "key-north-1a2b", clock=clock)
    created = get_connection(store, "north").created_at
    clock.pass_by(days=90)
    again = connect(store, line, "north", "key-north-3c4d", clock=clock)
    assert again.account_id == first.account_id == "1"
    kept = get_connection(store, "north")
    assert kept.created_at == created  # so what was sent before still counts as sent
    assert kept.checked_at == clock()
    assert kept.secrets == {"api_key": "key-north-3c4d"}


def test_another_account_does_not_take_a_connections_place_unasked(store: Store, line: Any) -> None:
    connect(store, line, "bank", "key-north-1a2b")
    created = get_connection(store, "bank").created_at
    with pytest.raises(SetupError) as caught:
        connect(store, line, "bank", "key-south-5e6f")
    assert caught.value.message == (
        "The connection 'bank' belongs to another account, North Bank; this is South Bank."
    )
    assert "--replace" in caught.value.hint
    assert get_connection(store, "bank").label == "North Bank"

    connect(store, line, "bank", "key-south-5e6f", replace_account=True)
    replaced = get_connection(store, "bank")
    assert (replaced.label, replaced.account_id) == ("South Bank", "2")
    assert replaced.created_at != created  # what was sent to the other says nothing here


def test_replacing_never_makes_two_of_one_account(store: Store, line: Any) -> None:
    connect(store, line, "north", "key-north-1a2b")
    connect(store, line, "south", "key-south-5e6f")
    with pytest.raises(SetupError, match="is connected already, as 'north'"):
        connect(store, line, "south", "key-north-3c4d", replace_account=True)


def test_a_removed_connection_frees_its_account(store: Store, line: Any) -> None:
    connect(store, line, "north", "key-north-1a2b")
    remove_connection(store, "north")
    assert connect(store, line, "again", "key-north-1a2b").label == "North Bank"


def test_a_connection_from_before_learns_its_account_when_it_is_checked(
    store: Store, line: Any
) -> None:
    old = connect(store, line, "north", "key-north-1a2b")
    save_connection(store, replace(old, account_id="", address=""))
    check_connection(store, Host({"bank": BANK}), "north", transport=line)
    learnt = get_connection(store, "north")
    assert (learnt.account_id, learnt.address) == ("1", "https://rome.bank")
    with pytest.raises(SetupError, match="is connected already, as 'north'"):
        connect(store, line, "again", "key-north-3c4d")


def test_where_no_id_is_known_nothing_is_refused(store: Store, line: Any) -> None:
    nameless = Connector(
        name="bank", title="The Bank", auth=ApiKey(header="X-Key"), base_url="https://rome.bank"
    )
    nameless.check(lambda ctx: str(ctx.http.get("/me").json()["name"]))
    for name in ("one", "two"):
        added = add_connection(
            store,
            nameless,
            new_connection(nameless, name, {"api_key": "key-north-1a2b"}),
            transport=line,
        )
        assert (added.label, added.account_id) == ("North Bank", "")


def test_a_label_that_is_missing_is_the_apps_name(store: Store, line: Any) -> None:
    shy = bank_connector()
    shy.check(lambda ctx: Account(id=str(ctx.http.get("/me").json()["id"]), label=""))
    connection = new_connection(shy, "north", {"api_key": "key-north-1a2b", "city": "rome"})
    added = add_connection(store, shy, connection, transport=line)
    assert isinstance(added, Connection)
    assert (added.label, added.account_id) == ("The Bank", "1")
