"""Mailchimp's webhooks end to end: subscribed at the practice server, delivered as forms, verified."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from engine.context import Context
from engine.errors import InputError, SetupError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.loopback import on_loopback
from engine.practice.webhooks import HookSender
from engine.store.connections import Connection
from engine.webhooks import Delivery, HookReply, HookRequest, Subscription
from plugins.mailchimp import connector
from plugins.mailchimp.actions import subscriber_hash
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from plugins.mailchimp.practice.webhooks import WAITS
from plugins.mailchimp.triggers import fetch_member
from tests.plugins.receiver import Receiver

HOOK = connector.webhooks["member_changed"]
ADA = "ada.byron@mail.example"
Row = dict[str, Any]


def deliveries(request: HookRequest, **parameters: Any) -> list[Delivery]:
    assert HOOK.deliveries_function is not None
    return list(HOOK.deliveries_function(request, **parameters))


@pytest.fixture
def server() -> PracticeMailchimp:
    return PracticeMailchimp()


@pytest.fixture
def ctx(server: PracticeMailchimp) -> Iterator[Context]:
    connection = Connection(
        name="news", connector="mailchimp", settings={}, secrets={"api_key": API_KEY}
    )
    transport = httpx2.WSGITransport(app=server)
    retry = RetryPolicy(sleep=lambda _: None)
    with open_session(connector, connection, transport=transport, retry=retry) as session:
        yield Context(http=HttpClient(session), now=datetime.now(UTC))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(HOOK)


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with on_loopback(receiver) as url:
        yield f"{url}/hooks/abc"


def subscribe(
    ctx: Context, receiver: Receiver, address: str, audience: str = NEWSLETTER, **parameters: Any
) -> Subscription:
    assert HOOK.subscribe_function is not None
    made = HOOK.subscribe_function(ctx, address, audience, **parameters)
    receiver.secret = made.secret
    return made


def edit(server: PracticeMailchimp, changes: Row, who: str = ADA) -> None:
    with server.lock:
        server.edit("members", f"{NEWSLETTER}/{who}", changes)
    assert server.webhooks.sender.wait_until_idle()


# -- end to end ------------------------------------------------------------------------------------


def test_somebody_who_unsubscribes_arrives_at_the_address_and_can_be_read(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, receiver, address)
    edit(server, {"status": "unsubscribed", "unsubscribe_reason": "OTHER: Moved"})
    assert receiver.refused == []
    (delivery,) = receiver.took
    assert (delivery.event, delivery.key) == ("unsubscribe", subscriber_hash(ADA))
    record = fetch_member(ctx, str(delivery.key), NEWSLETTER)
    assert record is not None
    assert record["unsubscribe_reason"] == "OTHER: Moved"


def test_each_sort_of_change_has_its_event(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, receiver, address)
    edit(server, {"merge_fields": {"LNAME": "King"}})
    edit(server, {"email_address": "ada.king@mail.example"})
    edit(server, {"status": "cleaned"}, "ada.king@mail.example")
    edit(server, {"status": "subscribed"}, "ada.king@mail.example")
    events = [delivery.event for delivery in receiver.took]
    assert events == ["profile", "upemail", "cleaned", "subscribe"]
    new = subscriber_hash("ada.king@mail.example")
    assert [d.key for d in receiver.took] == [subscriber_hash(ADA), new, new, new]
    assert fetch_member(ctx, new, NEWSLETTER) is not None


def test_what_the_api_itself_changes_is_not_told(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    """Else a recipe that writes to the audience it listens to would hear itself for ever."""
    subscribe(ctx, receiver, address)
    body = {"email_address": "new@mail.example", "status": "subscribed"}
    ctx.http.post(f"/lists/{NEWSLETTER}/members", json=body)
    ctx.http.delete(f"/lists/{NEWSLETTER}/members/{subscriber_hash(ADA)}")
    assert server.webhooks.sender.wait_until_idle()
    assert receiver.took == []


def test_what_the_api_changes_is_told_to_those_who_asked_for_it(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    """The practice server can do both."""
    subscription = subscribe(ctx, receiver, address)
    ctx.http.patch(subscription.id, json={"sources": {"api": True}})
    member = {"email_address": "new@mail.example", "status": "subscribed"}
    ctx.http.post(f"/lists/{NEWSLETTER}/members", json=member)
    ctx.http.delete(f"/lists/{NEWSLETTER}/members/{subscriber_hash('new@mail.example')}")
    assert server.webhooks.sender.wait_until_idle()
    assert [delivery.event for delivery in receiver.took] == ["subscribe", "unsubscribe"]


def test_two_changes_in_one_second_are_two_deliveries_and_a_repeat_is_none(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    server.clock = server.webhooks.sender._clock = lambda: 1_770_000_000.0
    subscribe(ctx, receiver, address)
    edit(server, {"merge_fields": {"LNAME": "King"}})
    edit(server, {"merge_fields": {"LNAME": "Lovelace"}})
    first, second = receiver.took
    assert first.key == second.key
    assert first.id != second.id
    again = HookRequest("POST", {}, {}, receiver.requests[1].body)
    assert [delivery.id for delivery in deliveries(again)] == [second.id]


def test_a_delivery_without_the_secret_in_the_address_is_refused(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, receiver, address)
    assert httpx2.post(address, content=b"type=profile").status_code == 401
    receiver.secret = "another"
    edit(server, {"merge_fields": {"LNAME": "King"}})
    assert len(receiver.refused) == 2
    assert receiver.took == []


def test_accounts_whose_webhooks_are_signed_have_the_signature_checked(
    receiver: Receiver, address: str, ctx: Context, server: PracticeMailchimp
) -> None:
    server.webhooks.sign = True
    subscription = subscribe(ctx, receiver, address)
    assert len(subscription.secret.split()) == 2
    edit(server, {"merge_fields": {"LNAME": "King"}})
    assert len(receiver.took) == 1
    receiver.secret = subscription.secret + "x"
    edit(server, {"merge_fields": {"LNAME": "Byron"}})
    assert len(receiver.refused) == 1


# -- its life --------------------------------------------------------------------------------------


def test_an_address_that_does_not_answer_is_refused_in_plain_words(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    receiver.status = 404
    with pytest.raises(InputError, match="couldn't verify the URL") as refused:
        subscribe(ctx, receiver, address)
    assert "GET" in refused.value.hint
    assert server.webhooks.rows == {}


def test_after_a_crash_the_webhook_at_an_address_is_found_again(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    """In whichever audience: nobody says which."""
    assert HOOK.find_function is not None
    subscribe(ctx, receiver, f"{address}-other")
    assert HOOK.find_function(ctx, address) is None
    made = subscribe(ctx, receiver, address, CLIENTS)
    assert HOOK.find_function(ctx, address) == made


def test_it_is_looked_after_and_missed_when_it_was_dropped(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    assert HOOK.renew_function is not None
    subscription = subscribe(ctx, receiver, address)
    later = replace(ctx, now=ctx.now + timedelta(days=6))
    renewed = HOOK.renew_function(later, subscription)
    assert (renewed.id, renewed.secret) == (subscription.id, subscription.secret)
    assert renewed.expires_at == later.now + timedelta(days=7)
    server.webhooks.rows.clear()
    with pytest.raises(InputError) as gone:
        HOOK.renew_function(later, renewed)
    assert gone.value.code == "not_found"


def test_a_webhook_that_was_unsubscribed_says_nothing_more(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    assert HOOK.unsubscribe_function is not None
    subscription = subscribe(ctx, receiver, address)
    HOOK.unsubscribe_function(ctx, subscription)
    edit(server, {"merge_fields": {"LNAME": "King"}})
    assert receiver.took == receiver.refused == []
    with pytest.raises(InputError) as gone:
        HOOK.unsubscribe_function(ctx, subscription)
    assert gone.value.code == "not_found"


def test_an_audience_may_be_given_by_name(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    assert subscribe(ctx, receiver, address, "Clients").id.startswith(f"/lists/{CLIENTS}/")


def test_a_recipe_for_one_status_asks_only_for_what_leads_to_it(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    subscribe(ctx, receiver, address, status="unsubscribed")
    (webhook,) = server.webhooks.rows.values()
    assert [event for event, on in webhook.events.items() if on] == ["unsubscribe"]


@pytest.mark.parametrize("status", ["pending", "transactional", "archived"])
def test_a_status_that_mailchimp_tells_nothing_of_is_refused_with_a_remedy(
    ctx: Context, receiver: Receiver, address: str, status: str
) -> None:
    with pytest.raises(SetupError, match=status) as refused:
        subscribe(ctx, receiver, address, status=status)
    assert "schedule" in refused.value.hint


def test_what_is_not_taken_is_tried_again_for_75_minutes_and_then_the_webhook_is_dropped(
    server: PracticeMailchimp, ctx: Context, receiver: Receiver, address: str
) -> None:
    now = [datetime.now(UTC).timestamp()]
    server.webhooks.sender = HookSender(WAITS, lambda: now[0])
    subscribe(ctx, receiver, address)
    receiver.status = 503
    began = now[0]
    edit(server, {"merge_fields": {"LNAME": "King"}})
    for _ in WAITS:
        assert server.webhooks.rows
        now[0] = min(post.due for post in server.webhooks.sender._queue)
        assert server.webhooks.sender.wait_until_idle()
    assert now[0] - began == 75 * 60
    assert len({delivery.id for delivery in receiver.took}) == 1
    assert len(receiver.took) == 6
    assert server.webhooks.rows == {}


# -- what a request says ---------------------------------------------------------------------------


def form(**fields: str) -> HookRequest:
    return HookRequest("POST", {}, {}, urlencode(fields).encode())


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (None, ["subscribe", "unsubscribe", "cleaned", "profile", "upemail"]),
        ("subscribed", ["subscribe", "profile", "upemail"]),
        ("unsubscribed", ["unsubscribe"]),
        ("cleaned", ["cleaned"]),
    ],
)
def test_events_that_cant_lead_to_the_status_asked_for_are_passed_over(
    status: str | None, told: list[str]
) -> None:
    data = {"data[email]": ADA, "data[new_email]": ADA}
    events = ["subscribe", "unsubscribe", "cleaned", "profile", "upemail", "campaign", "news"]
    found = [d.event for e in events for d in deliveries(form(type=e, **data), status=status)]
    assert found == told


def test_a_member_with_another_status_by_now_is_not_wanted() -> None:
    assert HOOK.wanted_function is not None
    assert HOOK.wanted_function({"status": "subscribed"})
    assert HOOK.wanted_function({"status": "subscribed"}, status="subscribed")
    assert not HOOK.wanted_function({"status": "subscribed"}, status="unsubscribed")


@pytest.mark.parametrize(
    "request_",
    [
        HookRequest("POST"),
        HookRequest("POST", body=b"\xff\xfe"),
        form(type="profile"),
        form(type="profile", data="x"),
        form(type="profile", **{"data[email]": ""}),
        form(type="upemail", **{"data[email]": ADA}),
        form(type="profile", **{"data[email][x]": ADA}),
    ],
    ids=repr,
)
def test_a_form_that_names_no_member_is_an_error_in_plain_words(request_: HookRequest) -> None:
    with pytest.raises(InputError, match=r"no type or no data|names no address"):
        deliveries(request_)


def test_only_a_get_is_a_handshake() -> None:
    assert HOOK.handshake_function is not None
    assert HOOK.handshake_function(HookRequest("GET"), "") == HookReply()
    assert HOOK.handshake_function(HookRequest("POST"), "") is None


# -- what the practice server refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://bridge.example/hooks"}, "url"),
        ({"url": ""}, "url"),
        ({"events": {"birthday": True}}, "events"),
        ({"sources": ["user"]}, "sources"),
    ],
)
def test_what_cant_be_a_webhook_is_refused(
    server: PracticeMailchimp, address: str, changes: Row, field: str
) -> None:
    with httpx2.Client(transport=httpx2.WSGITransport(app=server), auth=("anyone", API_KEY)) as api:
        path = f"http://practice/3.0/lists/{NEWSLETTER}/webhooks"
        answer = api.post(path, json={"url": address, **changes})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field
        assert api.get(path).json()["webhooks"] == []
        assert api.post(path, json={"url": address}).status_code == 200
        assert api.post(path, json={"url": address}).status_code == 400  # one a URL
        assert len(api.get(path).json()["webhooks"]) == 1
