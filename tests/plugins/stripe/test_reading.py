"""What is new or changed at Stripe: by lists, by events, and by neither where neither reaches."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.calls import read_trigger
from engine.context import Context
from engine.errors import SetupError
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.line import NOON, Clock
from tests.plugins.stripe.books import ADA, CHIDI, CONNECTOR, line


def read(ctx: Context, trigger: str, since: datetime | None = None, **with_: Any) -> list[Any]:
    return list(read_trigger(CONNECTOR.triggers[trigger], ctx, with_, since))


def test_every_customer_is_read_the_first_time_with_the_time_of_its_last_change(
    ctx: Context,
) -> None:
    found = read(ctx, "customer_changed")
    assert len(found) == 12
    ada = next(record for record in found if record["id"] == ADA)
    assert (ada["created"], ada["changed_at"]) == (
        (NOON - timedelta(days=80)).isoformat(),
        (NOON - timedelta(days=3)).isoformat(),
    )


def test_later_only_changes_are_read_from_the_events(
    server: PracticeStripe, ctx: Context, clock: Clock
) -> None:
    clock.now += 60
    server.edit("customers", CHIDI, {"name": "C. Okafor"})
    server.edit("customers", CHIDI, {"name": "Chidi E. Okafor"})
    server.requests.clear()
    [record] = read(ctx, "customer_changed", NOON + timedelta(seconds=1))
    assert (record["name"], record["changed_at"]) == ("Chidi E. Okafor", clock.moment.isoformat())
    assert [request["path"] for request in server.requests] == ["/v1/events"]


def test_events_of_another_version_are_not_trusted_for_their_fields(clock: Clock) -> None:
    server = PracticeStripe(clock=clock, account_version="2020-08-27")
    clock.now += 60
    server.edit("customers", CHIDI, {"name": "Chidi E. Okafor"})
    server.edit("customers", ADA, {"name": "Ada King"})
    server.store.delete("customers", ADA)
    with line(server, clock) as ctx:
        [record] = read(ctx, "customer_changed", NOON + timedelta(seconds=1))
    assert record["name"] == "Chidi E. Okafor"
    assert server.requests[-1]["path"] == f"/v1/customers/{CHIDI}"


def test_after_a_month_without_a_run_the_whole_list_is_read(
    server: PracticeStripe, ctx: Context
) -> None:
    assert len(read(ctx, "customer_changed", NOON - timedelta(days=45))) == 12
    assert "/v1/customers" in [request["path"] for request in server.requests]


def test_a_payment_that_comes_in_later_than_it_was_made_is_read(ctx: Context) -> None:
    found = read(ctx, "payment_succeeded", NOON - timedelta(days=5, hours=12))
    assert [record["description"] for record in found] == ["Paid a day later"]
    assert (found[0]["amount"], found[0]["currency"]) == ("125.00", "eur")


def test_a_payment_without_cents_has_none(ctx: Context) -> None:
    [yen] = [one for one in read(ctx, "payment_succeeded") if one["currency"] == "jpy"]
    assert (yen["amount"], yen["amount_minor"]) == ("50000", 50000)


def test_a_failed_payment_says_why_until_it_is_paid(server: PracticeStripe, ctx: Context) -> None:
    [record] = read(ctx, "payment_failed")
    assert record["failure"]["decline_code"] == "insufficient_funds"
    server.edit("payment_intents", record["id"], {"status": "succeeded"})
    assert read(ctx, "payment_failed") == []


def test_invoices_tell_their_lines_and_when_they_were_paid(ctx: Context) -> None:
    found = {record["number"]: record for record in read(ctx, "invoice_paid")}
    invoice = found["PRAC-0002"]
    assert invoice["total"] == "1262.50"
    assert [line["amount"] for line in invoice["lines"]] == ["1250.00", "12.50"]
    assert invoice["paid_at"] == invoice["changed_at"] == (NOON - timedelta(days=20)).isoformat()


def test_only_open_invoices_count_as_failed(server: PracticeStripe, ctx: Context) -> None:
    [record] = read(ctx, "invoice_payment_failed")
    assert (record["status"], record["attempt_count"]) == ("open", 1)
    server.edit("invoices", record["id"], {"then": "pay"})
    assert read(ctx, "invoice_payment_failed", NOON - timedelta(days=20)) == []


def test_a_subscription_that_ended_is_told_as_canceled(ctx: Context) -> None:
    found = read(ctx, "subscription_changed", NOON - timedelta(days=4))
    assert [(record["status"], record["ended_at"] is not None) for record in found] == [
        ("canceled", True)
    ]
    assert len(read(ctx, "subscription_created")) == 2


def test_pages_are_walked_to_the_end(server: PracticeStripe, ctx: Context) -> None:
    for place in range(230):
        server.store.add("customers", {"name": f"Client {place}", "email": None, "balance": 0})
    server.requests.clear()
    assert len({record["id"] for record in read(ctx, "customer_created")}) == 242
    assert [request["query"].get("limit") for request in server.requests] == [["100"]] * 3


def test_events_can_be_read_by_kind(ctx: Context) -> None:
    found = read(ctx, "event_happened", types=["charge.refunded", "refund.created"])
    assert {record["type"] for record in found} == {"charge.refunded", "refund.created"}
    assert {record["object_type"] for record in found} == {"charge", "refund"}


def test_more_kinds_of_events_than_stripe_takes_are_a_mistake_of_the_recipe(ctx: Context) -> None:
    with pytest.raises(SetupError, match="21 kinds of events"):
        read(ctx, "event_happened", types=[f"a.{place}" for place in range(21)])


def test_events_that_stripe_has_forgotten_are_not_passed_over_in_silence(
    ctx: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "bridgework.plugin"):
        found = read(ctx, "event_happened", NOON - timedelta(days=60))
    oldest = min(datetime.fromisoformat(record["created"]) for record in found)
    assert oldest >= datetime.fromtimestamp(NOON.timestamp(), UTC) - timedelta(days=30)
    assert "keeps events for 30 days" in caplog.text
