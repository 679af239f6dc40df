"""Clio's webhooks end to end: subscribed at the practice server, delivered over HTTP, verified."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.errors import InputError
from engine.http.client import HttpClient
from engine.http.connect import new_connection
from engine.http.sessions import open_session
from engine.loopback import on_loopback
from engine.webhooks import Delivery, Handshake, HookRequest, Subscription, Webhook
from plugins.clio import connector
from plugins.clio.practice import PracticeClio
from plugins.clio.triggers import fetch_matter
from tests.plugins.receiver import Receiver

MATTERS = connector.webhooks["matter_changed"]
CONTACTS = connector.webhooks["contact_changed"]


@contextmanager
def context_of(server: PracticeClio, url: str, now: datetime) -> Iterator[Context]:
    settings = {**server.credentials(), "base_url": url}
    connection = new_connection(connector, "clio", settings, practice=True)
    with open_session(connector, connection) as session:
        yield Context(http=HttpClient(session), now=now, connection=connection.settings)


@pytest.fixture
def server() -> PracticeClio:
    return PracticeClio()


@pytest.fixture
def ctx(server: PracticeClio) -> Iterator[Context]:
    with on_loopback(server) as url, context_of(server, url, datetime.now(UTC)) as ctx:
        yield ctx


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(MATTERS)


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with on_loopback(receiver) as url:
        yield f"{url}/hooks/abc"


def subscribe(
    ctx: Context, server: PracticeClio, url: str, hook: Webhook = MATTERS
) -> Subscription:
    assert hook.subscribe_function is not None
    made = hook.subscribe_function(ctx, url)
    assert server.webhooks.sender.wait_until_idle()
    return made


def renew(ctx: Context, subscription: Subscription) -> Subscription:
    assert MATTERS.renew_function is not None
    return MATTERS.renew_function(ctx, subscription)


def edit(server: PracticeClio, **changes: Any) -> int:
    """Change an open matter as a person in Clio would; return its id."""
    with server.lock:
        row = next(row for row in server.store.rows("matters") if row["status"] == "Open")
        server.edit("matters", str(row["id"]), changes)
    assert server.webhooks.sender.wait_until_idle()
    return int(row["id"])


# -- end to end ------------------------------------------------------------------------------------


def test_a_matter_that_changes_arrives_signed_at_the_address_and_can_be_read(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscription = subscribe(ctx, server, address)
    assert receiver.secret == subscription.secret != ""
    id = edit(server, description="Slip and fall")
    assert receiver.refused == []
    (delivery,) = receiver.took
    assert delivery.key == str(id)
    assert delivery.event == "updated"
    record = fetch_matter(ctx, delivery.key)
    assert record is not None
    assert record["description"] == "Slip and fall"


def test_each_change_is_a_delivery_of_its_own_and_a_repeat_is_not(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, server, address)
    edit(server, description="One")
    edit(server, description="Two")
    first, second = receiver.took
    assert first.key == second.key
    assert first.id != second.id
    repeated = HookRequest("POST", {}, {}, _body(server, first))
    assert MATTERS.deliveries_function is not None
    assert [again.id for again in MATTERS.deliveries_function(repeated)] == [second.id]


def _body(server: PracticeClio, delivery: Delivery) -> bytes:
    """Return what the server would send now for a delivery's matter."""
    row = server.store.tables["matters"][int(str(delivery.key))]
    (webhook,) = server.webhooks.rows
    shown = {"id": row["id"], "etag": server.store.value("matters", row, "etag"), "status": "Open"}
    return json.dumps({"data": shown, "meta": {"event": "updated", "webhook_id": webhook}}).encode()


def test_a_forged_delivery_is_refused(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, server, address)
    receiver.secret = "another"
    edit(server, description="One")
    assert len(receiver.refused) == 1
    assert receiver.took == []


def test_a_webhook_that_was_unsubscribed_says_nothing_more(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscription = subscribe(ctx, server, address)
    assert MATTERS.unsubscribe_function is not None
    MATTERS.unsubscribe_function(ctx, subscription)
    edit(server, description="One")
    assert receiver.took == receiver.refused == []
    with pytest.raises(InputError) as gone:
        MATTERS.unsubscribe_function(ctx, subscription)
    assert gone.value.code == "not_found"


# -- its life --------------------------------------------------------------------------------------


def test_it_is_subscribed_for_thirty_days_and_renewed_for_thirty_more(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscription = subscribe(ctx, server, address)
    assert subscription.expires_at is not None
    assert abs(subscription.expires_at - ctx.now - timedelta(days=30)) < timedelta(seconds=2)
    later = replace(ctx, now=ctx.now + timedelta(hours=20))
    renewed = renew(later, subscription)
    assert renewed.id == subscription.id
    assert renewed.secret == subscription.secret
    assert renewed.expires_at is not None
    assert renewed.expires_at - subscription.expires_at == timedelta(hours=20)


def test_renewing_confirms_one_whose_handshake_was_missed(
    server: PracticeClio, ctx: Context
) -> None:
    """Nobody answered at the address when it was made."""
    subscription = subscribe(ctx, server, "http://127.0.0.1:9/hooks/abc")
    (row,) = server.webhooks.rows.values()
    assert row["status"] == "pending"
    renew(ctx, subscription)
    assert row["status"] == "enabled"


def test_one_that_clio_suspended_is_removed_and_reported_gone(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscription = subscribe(ctx, server, address)
    receiver.status = 410
    edit(server, description="One")
    with pytest.raises(InputError) as gone:
        renew(ctx, subscription)
    assert gone.value.code == "not_found"
    assert server.webhooks.rows == {}


def test_after_a_crash_the_webhook_at_an_address_is_found_again(
    server: PracticeClio, ctx: Context, receiver: Receiver, address: str
) -> None:
    """Between Clio's answer and our storing it."""
    assert MATTERS.find_function is not None
    subscribe(ctx, server, f"{address}-other")
    assert MATTERS.find_function(ctx, address) is None
    receiver.secret = ""
    made = subscribe(ctx, server, address)
    assert MATTERS.find_function(ctx, address) == made


def test_contacts_have_a_webhook_of_their_own(server: PracticeClio, ctx: Context) -> None:
    receiver = Receiver(CONTACTS)
    with on_loopback(receiver) as url:
        subscribe(ctx, server, f"{url}/hooks/c", CONTACTS)
        id = server.records()["contacts"][0]["id"]
        with server.lock:
            server.edit("contacts", str(id), {"title": "Dr."})
        assert server.webhooks.sender.wait_until_idle()
    assert [delivery.key for delivery in receiver.took] == [str(id)]


def test_users_have_none() -> None:
    assert set(connector.webhooks) == {"matter_changed", "contact_changed"}


# -- what a request says ---------------------------------------------------------------------------


def posted(body: Any, **headers: str) -> HookRequest:
    return HookRequest("POST", headers, {}, json.dumps(body).encode())


def about(event: str = "updated", **data: Any) -> HookRequest:
    row = {"id": 7, "etag": '"a"', **data}
    return posted({"data": row, "meta": {"event": event, "webhook_id": 5}})


def deliveries(hook: Webhook, request: HookRequest, **parameters: Any) -> list[Delivery]:
    assert hook.deliveries_function is not None
    return list(hook.deliveries_function(request, **parameters))


def test_a_delivery_is_known_by_webhook_event_record_and_its_version() -> None:
    (delivery,) = deliveries(MATTERS, about())
    assert delivery == Delivery(id='5:updated:7:"a"', key="7", event="updated")


def test_only_matters_with_a_status_the_recipe_asks_for_are_told() -> None:
    """Clio answers "Open" where a recipe writes "open"."""
    assert deliveries(MATTERS, about(status="Open"), status=["open", "pending"])
    assert not deliveries(MATTERS, about(status="Closed"), status=["open", "pending"])
    assert deliveries(MATTERS, about(status="Closed"), status=[])


def test_only_contacts_of_the_sort_the_recipe_asks_for_are_told() -> None:
    assert deliveries(CONTACTS, about(is_client=True, type="Person"), client_only=True)
    assert not deliveries(CONTACTS, about(is_client=False, type="Person"), client_only=True)
    assert deliveries(CONTACTS, about(is_client=False, type="Company"), type="Company")
    assert not deliveries(CONTACTS, about(is_client=False, type="Company"), type="Person")


def test_what_is_read_afresh_has_to_be_of_that_sort_still() -> None:
    assert MATTERS.wanted_function is not None
    assert MATTERS.wanted_function({"status": "open"}, status=["open", "pending"])
    assert MATTERS.wanted_function({"status": "closed"}, status=[])
    assert not MATTERS.wanted_function({"status": "closed"}, status=["open"])
    assert CONTACTS.wanted_function is not None
    person = {"is_client": False, "type": "Person"}
    assert CONTACTS.wanted_function(person)
    assert CONTACTS.wanted_function(person, type="Person")
    assert not CONTACTS.wanted_function(person, type="Company")
    assert not CONTACTS.wanted_function(person, client_only=True)


@pytest.mark.parametrize("event", ["deleted", "matter_closed", "something_new"])
def test_events_that_start_nothing_are_passed_over(event: str) -> None:
    assert deliveries(MATTERS, about(event)) == []


@pytest.mark.parametrize("body", [None, [], {}, {"data": {}, "meta": {}}, {"data": 1, "meta": 2}])
def test_a_body_that_names_no_record_is_an_error_in_plain_words(body: Any) -> None:
    with pytest.raises(InputError, match="names no record"):
        deliveries(MATTERS, posted(body))


def test_a_handshake_is_echoed_but_never_with_another_secret() -> None:
    assert MATTERS.handshake_function is not None
    asked = HookRequest("POST", {"x-hook-secret": "s1"})
    for known in ("", "s1"):
        answer = MATTERS.handshake_function(asked, known)
        assert isinstance(answer, Handshake)
        assert answer.secret == "s1"
        assert answer.reply.headers == {"X-Hook-Secret": "s1"}
    assert MATTERS.handshake_function(asked, "other") is None
    assert MATTERS.handshake_function(about(), "s1") is None
