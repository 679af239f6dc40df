"""Trying an operation shows its records, what went over the line, and where the fields differ."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx2
import pytest

from engine.authoring.trying import Tried, changes_something, try_operation
from engine.authoring.values import read_values
from engine.connector import Connector
from engine.errors import AuthError, SetupError
from engine.host import Host, build_host
from engine.http.connect import new_connection
from engine.practice.server import PracticeServer
from engine.redaction import HIDDEN
from engine.store.connections import save_connection
from engine.store.database import Store
from tests.engine.scaffold.written import plugins


@cache
def host() -> Host:
    return build_host([], folder=plugins(), strict=True)


def server(name: str) -> PracticeServer:
    function = host().connector(name).practice_function
    assert function is not None
    return function(1)


def connect(store: Store, connector: Connector, practice: PracticeServer, **other: str) -> None:
    settings = {**practice.credentials(), "base_url": "http://practice.test", **other}
    save_connection(store, new_connection(connector, connector.name, settings, practice=True))


def tried(
    store: Store,
    operation: str,
    *values: str,
    practice: PracticeServer | None = None,
    other: dict[str, str] | None = None,
    **how: Any,
) -> Tried:
    name = operation.partition(".")[0]
    practice = practice or server(name)
    connect(store, host().connector(name), practice, **(other or {}))
    found = host().operation(operation)
    return try_operation(
        store,
        host(),
        found,
        name,
        read_values(found, values),
        transport=httpx2.WSGITransport(app=practice),
        **how,
    )


def test_a_trigger_shows_its_first_records_and_no_more_requests_than_that_takes(
    store: Store,
) -> None:
    found = tried(store, "contactbook.contact_changed", limit=2)
    assert [record["id"] for record in found.records] == [1, 2]
    (exchange,) = found.exchanges
    assert (exchange.method, exchange.status) == ("GET", 200)
    assert exchange.url == "http://practice.test/v1/contacts?limit=50"
    assert exchange.answer["data"][0] == found.records[0]
    assert found.differences == []


def test_values_and_since_are_sent(store: Store) -> None:
    since = datetime(2026, 1, 9, tzinfo=UTC)
    found = tried(store, "contactbook.contact_changed", "status=client", since=since)
    assert {record["status"] for record in found.records} == {"client"}
    assert "updated_since=2026-01-09T00%3A00%3A00%2B00%3A00" in found.exchanges[0].url


def test_no_key_is_shown(store: Store) -> None:
    found = tried(store, "contactbook.contact_changed")
    key = server("contactbook").credentials()["api_key"]
    assert dict(found.exchanges[0].request_headers)["x-api-key"] == HIDDEN
    assert key not in repr(found)


def test_an_action_shows_what_was_sent_and_answered(store: Store) -> None:
    practice = server("contactbook")
    found = tried(
        store, "contactbook.create_contact", "email=a@mail.example", 'address={"street": "x"}',
        practice=practice,
    )  # fmt: skip
    assert found.exchanges[0].sent == {"email": "a@mail.example", "address": {"street": "x"}}
    assert found.exchanges[0].status == 201
    assert found.records[0]["id"] == 9
    assert len(practice.records()["contacts"]) == 9


def test_a_field_that_is_another_than_declared_is_told(store: Store) -> None:
    practice = server("contactbook")
    for row in practice.records()["contacts"]:
        row["email"] = 17
        row["nickname"] = "Ada"
    found = tried(store, "contactbook.contact_changed", practice=practice, limit=8)
    said = {one.path: one.kind for one in found.differences}
    assert said["email"] == "type changed"
    assert said["nickname"] == "added"


def test_what_goes_wrong_is_shown_with_its_answer(store: Store) -> None:
    found = tried(store, "contactbook.contact_changed", other={"api_key": "a wrong key"})
    assert isinstance(found.error, AuthError)
    assert found.exchanges[0].status == 401
    assert found.exchanges[0].answer == {"error": "The log-in is missing or wrong."}


def test_a_search_that_finds_nothing_is_no_error(store: Store) -> None:
    found = tried(store, "contactbook.find_contact", "contact_id=404")
    assert (found.records, found.error) == ([], None)
    assert found.exchanges[0].status == 404


def test_since_is_refused_where_nothing_can_be_asked_by_it(store: Store) -> None:
    with pytest.raises(SetupError, match="note_changed can't be asked for what changed since"):
        tried(
            store,
            "contactbook.note_changed",
            "contact_id=1",
            since=datetime(2026, 1, 1, tzinfo=UTC),
        )


def test_only_actions_change_something() -> None:
    changing = {
        name
        for name in ("contact_changed", "find_contact", "create_contact", "update_contact")
        if changes_something(host().operation(f"contactbook.{name}"))
    }
    assert changing == {"create_contact", "update_contact"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["emial=x"], "has no field 'emial'. Did you mean 'email'?"),
        ([], "needs the field 'email'. Add `--set email=…`."),
        (["email"], "'email' has no value. Write it as `--set email=…`."),
        (["email=x"], "The field 'email': 'x' is not an e-mail address."),
        (["email=a@b.example", "status=new"], "The field 'status'"),
        (["email=a@b.example", "address=x"], "The field 'address'"),
    ],
)
def test_values_that_cannot_be_are_said(written: list[str], said: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_values(host().operation("contactbook.create_contact"), written)
    assert said in str(caught.value)


def test_fields_within_fields_are_given_by_a_dot() -> None:
    values = read_values(
        host().operation("contactbook.create_contact"),
        ["email=a@b.example", "address.street=Main St", 'tags=["a", "b"]'],
    )
    assert values == {
        "email": "a@b.example",
        "address": {"street": "Main St"},
        "tags": ["a", "b"],
    }
