"""What users of Stripe's API suffer from, one test each: what Bridgework makes of it.

What reading by events misses (updates, what is older than 30 days, other versions) is in test_reading.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from engine.calls import call_deliveries
from engine.context import Context
from engine.errors import AuthError, InputError, RemoteError, RetryableError, SetupError
from engine.http.connect import new_connection
from engine.loopback import on_loopback
from engine.practice.server import Fault
from engine.webhooks import Subscription
from plugins.stripe.connection import known_key
from plugins.stripe.practice.access import RESTRICTED_KEY
from plugins.stripe.practice.endpoints import WAITS
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.line import Clock
from tests.plugins.receiver import Receiver
from tests.plugins.stripe.books import ADA, CHIDI, CONNECTOR, do, line

EMPTY = {"object": "search_result", "data": []}
HOOK = CONNECTOR.webhooks["customer_changed"]
EVENTS = CONNECTOR.webhooks["event_happened"]


class Breaking(httpx2.WSGITransport):
    """A line that breaks twice while an answer is on its way."""

    def __init__(self, server: PracticeStripe) -> None:
        super().__init__(app=server)
        self.left = 2

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = super().handle_request(request)
        answer.read()
        if self.left:
            self.left -= 1
            raise httpx2.ReadError("broken", request=request)
        return answer


@pytest.fixture
def receiver(clock: Clock) -> Receiver:
    return Receiver(HOOK, clock)


@pytest.fixture
def hooked(receiver: Receiver, ctx: Context) -> Iterator[Subscription]:
    with on_loopback(receiver) as url:
        assert HOOK.subscribe_function is not None
        unkeyed = replace(ctx, idempotency_key="")
        made: Subscription = HOOK.subscribe_function(unkeyed, f"{url}/hooks/secret")
        receiver.secret = made.secret
        yield made


# -- signatures ----------------------------------------------------------------------------------


def test_a_body_that_was_written_anew_is_not_genuine_and_the_raw_one_is(
    server: PracticeStripe, hooked: Subscription, receiver: Receiver
) -> None:
    server.edit("customers", ADA, {"name": "Ada King"})
    assert server.endpoints.sender.wait_until_idle()
    [request] = receiver.requests
    assert HOOK.signature is not None
    again = replace(request, body=json.dumps(request.json()).encode())
    refusal = HOOK.signature.refusal(again, receiver.secret, receiver.clock.moment)
    assert refusal is not None
    assert "body was changed" in refusal


def test_the_secret_of_another_endpoint_is_refused_and_said(
    server: PracticeStripe, hooked: Subscription, receiver: Receiver
) -> None:
    receiver.secret = "whsec_of_the_dashboard"
    server.edit("customers", ADA, {"name": "Ada King"})
    assert server.endpoints.sender.wait_until_idle()
    assert receiver.requests == []
    assert "another secret" in receiver.refused[0]


def test_a_delivery_that_is_tried_again_is_signed_anew(
    server: PracticeStripe, hooked: Subscription, receiver: Receiver, clock: Clock
) -> None:
    receiver.status = 500
    server.edit("customers", ADA, {"name": "Ada King"})
    assert server.endpoints.sender.wait_until_idle()
    clock.now += WAITS[0]
    receiver.status = 200
    assert server.endpoints.sender.wait_until_idle()
    assert len(receiver.requests) == 2
    assert receiver.refused == []
    first, second = (call_deliveries(HOOK, request, {})[0] for request in receiver.requests)
    assert first.id == second.id


# -- events --------------------------------------------------------------------------------------


def test_events_out_of_order_end_in_the_latest_state(
    server: PracticeStripe, hooked: Subscription, receiver: Receiver, ctx: Context
) -> None:
    for name in ("First", "Second"):
        server.edit("customers", ADA, {"name": name})
    assert server.endpoints.sender.wait_until_idle()
    fetch = CONNECTOR.triggers["customer_changed"].fetch
    assert fetch is not None
    for request in reversed(receiver.requests):
        [delivery] = call_deliveries(HOOK, request, {})
        assert delivery.key == ADA
        found = fetch(ctx, delivery.key)
        assert found is not None
        assert found["name"] == "Second"


def test_an_event_that_comes_twice_has_one_id(
    server: PracticeStripe, hooked: Subscription, receiver: Receiver
) -> None:
    server.edit("customers", ADA, {"name": "Ada King"})
    event = list(server.store.tables["events"].values())[-1]
    server.endpoints.send(server.store.tables["webhook_endpoints"][hooked.id], event)
    assert server.endpoints.sender.wait_until_idle()
    ids = {call_deliveries(EVENTS, request, {})[0].id for request in receiver.requests}
    assert len(receiver.requests) == 2
    assert ids == {event["id"]}


def test_a_customer_who_was_deleted_meanwhile_is_passed_over(
    server: PracticeStripe, ctx: Context
) -> None:
    server.store.delete("customers", ADA)
    fetch = CONNECTOR.triggers["customer_changed"].fetch
    assert fetch is not None
    assert fetch(ctx, ADA) is None


def test_an_endpoint_that_stripe_disabled_is_woken_up(
    server: PracticeStripe, hooked: Subscription, ctx: Context
) -> None:
    row = server.store.tables["webhook_endpoints"][hooked.id]
    row["status"] = "disabled"
    assert HOOK.renew_function is not None
    renewed = HOOK.renew_function(replace(ctx, idempotency_key=""), hooked)
    assert (row["status"], renewed.secret) == ("enabled", hooked.secret)


def test_an_endpoint_that_somebody_deleted_is_made_anew(
    server: PracticeStripe, hooked: Subscription, ctx: Context
) -> None:
    server.store.delete("webhook_endpoints", hooked.id)
    assert HOOK.renew_function is not None
    with pytest.raises(InputError) as caught:
        HOOK.renew_function(ctx, hooked)
    assert caught.value.code == "not_found"


# -- idempotency keys ----------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(
    server: PracticeStripe, clock: Clock
) -> None:
    before = len(server.store.tables["customers"])
    with line(server, clock, attempts=3, transport=Breaking(server)) as ctx:
        do(ctx, "create_customer", name="Once")
    assert [request["status"] for request in server.requests] == [200, 200, 200]
    assert len(server.store.tables["customers"]) == before + 1


def test_a_key_that_was_used_for_other_content_is_explained(ctx: Context) -> None:
    do(ctx, "create_customer", name="First")
    with pytest.raises(InputError, match="from a request with other content") as caught:
        do(ctx, "create_customer", name="Second")
    assert caught.value.code == "idempotency_error"
    assert "After a day" in caught.value.hint


def test_a_key_whose_first_request_is_under_way_is_tried_again(
    server: PracticeStripe, clock: Clock
) -> None:
    server.keys.busy.add("row-1")
    with line(server, clock) as ctx, pytest.raises(RetryableError, match="still busy") as caught:
        do(ctx, "create_customer", name="Once")
    assert caught.value.after == 1.0
    with line(server, clock, attempts=2) as ctx:
        asked = iter([None])

        class OnceBusy(set[str]):
            def __contains__(self, key: object) -> bool:
                return next(asked, 0) is None

        server.keys.busy = OnceBusy()
        assert do(ctx, "create_customer", name="Once")["name"] == "Once"


def test_a_refusal_whose_cause_was_mended_is_not_told_again_for_a_day(
    server: PracticeStripe, ctx: Context
) -> None:
    payment = server.store.tables["payment_intents"]["pi_practice0004"]
    with pytest.raises(InputError, match="disputed"):
        do(ctx, "create_refund", payment=payment["id"])
    server.edit("charges", payment["latest_charge"], {"disputed": False})
    later = replace(ctx, now=ctx.now + timedelta(hours=1))
    assert do(later, "create_refund", payment=payment["id"])["amount"] == "40.00"
    again = replace(ctx, now=ctx.now + timedelta(hours=1))
    assert do(again, "create_refund", payment=payment["id"])["amount"] == "40.00"
    assert len(server.store.tables["refunds"]) == 2


def test_a_customer_is_not_made_twice_while_the_search_lags_behind(
    server: PracticeStripe, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe's search finds a customer up to a minute after it was made (documented)."""
    monkeypatch.setattr("plugins.stripe.practice.server.search_page", lambda *_: EMPTY)
    first = do(ctx, "upsert_customer", external_id="new-1", name="New")
    assert do(ctx, "upsert_customer", external_id="new-1", name="New")["id"] == first["id"]


# -- refusals ------------------------------------------------------------------------------------


def fail_with(server: PracticeStripe, status: int, error: dict[str, Any], **headers: str) -> None:
    server.faults.append(
        Fault("/v1", status=status, body=json.dumps({"error": error}), headers=headers)
    )


@pytest.mark.parametrize(
    ("decline", "says"),
    [
        ("insufficient_funds", "too little money"),
        ("expired_card", "has expired"),
        ("lost_card", "The bank declined the card."),
        ("some_new_reason", "declined: Your card was declined."),
    ],
)
def test_a_declined_card_is_a_rejected_record(
    server: PracticeStripe, ctx: Context, decline: str, says: str
) -> None:
    error = {"type": "card_error", "code": "card_declined", "decline_code": decline}
    fail_with(server, 402, {**error, "message": "Your card was declined."})
    with pytest.raises(InputError, match=says) as caught:
        do(ctx, "create_customer", name="X")
    assert caught.value.code == decline
    assert caught.value.hint


@pytest.mark.parametrize(
    ("action", "values", "says", "field"),
    [
        ("create_customer", {"email": "none"}, "does not take this e-mail", "email"),
        ("update_customer", {"customer": "cus_none", "name": "X"}, "no customer 'cus_none'", "id"),
        ("create_payment_link", {"price": "price_none"}, "no price 'price_none'", "price"),
        ("create_refund", {"payment": "pi_practice0004"}, "is disputed", None),
        ("create_refund", {"payment": "pi_practice0003"}, "can't be refunded", None),
    ],
    ids=["email", "customer", "price", "disputed", "failed"],
)
def test_a_refusal_is_a_sentence_with_a_remedy(
    ctx: Context, action: str, values: dict[str, Any], says: str, field: str | None
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        do(ctx, action, **values)
    assert caught.value.field == field
    assert caught.value.hint


def test_what_nobody_foresaw_is_told_in_stripes_own_words(
    server: PracticeStripe, ctx: Context
) -> None:
    fail_with(server, 400, {"type": "invalid_request_error", "message": "The moon is full."})
    with pytest.raises(InputError, match="Stripe refused this: The moon is full"):
        do(ctx, "create_customer", name="X")


def test_stripe_says_itself_whether_trying_again_makes_sense(
    server: PracticeStripe, clock: Clock
) -> None:
    with line(server, clock, attempts=4) as ctx:
        fail_with(server, 500, {"type": "api_error"}, **{"Stripe-Should-Retry": "false"})
        with pytest.raises(RemoteError, match="would only repeat it"):
            do(ctx, "create_customer", name="X")
        assert len(server.requests) == 1
        fail_with(server, 400, {"type": "api_error"}, **{"Stripe-Should-Retry": "true"})
        assert do(ctx, "create_customer", name="X")["name"] == "X"


def test_too_many_requests_wait_as_long_as_stripe_says(
    server: PracticeStripe, ctx: Context
) -> None:
    fail_with(server, 429, {"type": "invalid_request_error"}, **{"Retry-After": "7"})
    with pytest.raises(RetryableError) as caught:
        do(ctx, "create_customer", name="X")
    assert caught.value.after == 7


# -- keys of the account -------------------------------------------------------------------------


def test_a_restricted_key_says_what_it_lacks(server: PracticeStripe, clock: Clock) -> None:
    with line(server, clock, key=RESTRICTED_KEY) as ctx:
        assert CONNECTOR.check_function is not None
        CONNECTOR.check_function(ctx)
        with pytest.raises(AuthError, match="may not do this"):
            do(ctx, "create_customer", name="X")


def test_a_key_that_was_rolled_asks_to_connect_again(server: PracticeStripe, clock: Clock) -> None:
    with line(server, clock, key="sk_test_rolled") as ctx, pytest.raises(AuthError) as caught:
        do(ctx, "create_customer", name="X")
    assert "rolled" in str(caught.value)
    assert "sk_test" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "says"),
    [("pk_test_1", "publishable"), ("whsec_1", "no secret key"), ("", "no secret key")],
)
def test_what_is_no_secret_key_is_refused_before_it_is_sent(key: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        known_key({"api_key": key})


def test_the_key_is_kept_secret() -> None:
    connection = new_connection(CONNECTOR, "books", {"api_key": "sk_test_1234567890"})
    assert "sk_test" not in repr(connection.settings)
    assert CHIDI not in repr(connection)
