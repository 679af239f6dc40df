"""What is done at Stripe, once each."""

from dataclasses import replace
from typing import Any

import pytest

from engine.context import Context
from engine.errors import InputError
from plugins.stripe.options import prices
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.stripe.books import ADA, CHIDI, CONNECTOR, do, find


def test_the_connection_is_called_by_the_account_and_says_that_it_is_for_trying(
    ctx: Context,
) -> None:
    assert CONNECTOR.check_function is not None
    found: Any = CONNECTOR.check_function(ctx)
    assert (found.id, found.label) == ("acct_practice0000 test", "Byron & Babbage LLP (test)")


def test_every_request_names_the_version_and_every_post_its_key(
    server: PracticeStripe, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, Any, Any]] = []
    answer = PracticeStripe.answer

    def watched(self: PracticeStripe, request: Any) -> Any:
        headers = request.headers
        seen.append((request.method, headers.get("Stripe-Version"), headers.get("Idempotency-Key")))
        return answer(self, request)

    monkeypatch.setattr(PracticeStripe, "answer", watched)
    line = {"description": "Advice", "amount": "10.00"}
    do(ctx, "create_invoice", customer=ADA, lines=[line, line], then="send")
    do(ctx, "upsert_customer", email="ada@mail.example")
    keys = [key for method, _, key in seen if method == "POST"]
    assert len(keys) == len(set(keys)) == 6
    assert {version for _, version, _ in seen} == {"2026-06-24.dahlia"}
    assert all(key.startswith("row-1:") for key in keys)


def test_a_customer_is_updated_by_address_or_added(server: PracticeStripe, ctx: Context) -> None:
    saved = do(ctx, "upsert_customer", email="ada@mail.example", phone="+1 212 555 0100")
    assert (saved["id"], saved["phone"], saved["name"]) == (ADA, "+1 212 555 0100", "Ada Byron")
    before = len(server.store.tables["customers"])
    made = do(ctx, "upsert_customer", email="new@mail.example", city="Springfield")
    assert made["address"]["city"] == "Springfield"
    assert len(server.store.tables["customers"]) == before + 1


def test_a_customer_is_known_by_the_id_elsewhere_whatever_the_address(ctx: Context) -> None:
    saved = do(ctx, "upsert_customer", external_id="00000", email="moved@mail.example")
    assert (saved["id"], saved["email"]) == (ADA, "moved@mail.example")
    assert saved["metadata"] == {"external_id": "00000"}


def test_a_record_keeps_its_customer_when_its_address_changes(ctx: Context) -> None:
    again = replace(ctx, target_id=CHIDI)
    assert do(again, "upsert_customer", email="c.okafor@mail.example")["id"] == CHIDI


def test_a_record_whose_customer_was_deleted_gets_another(
    server: PracticeStripe, ctx: Context
) -> None:
    server.store.delete("customers", CHIDI)
    again = replace(ctx, target_id=CHIDI)
    assert do(again, "upsert_customer", email="chidi.okafor@mail.example")["id"] != CHIDI


def test_an_address_that_several_customers_have_is_no_guess(ctx: Context) -> None:
    with pytest.raises(InputError, match="several customers with the address") as caught:
        do(ctx, "upsert_customer", email="twice@mail.example")
    assert caught.value.code == "several_customers"


def test_text_in_a_search_can_not_widen_it(ctx: Context) -> None:
    assert find(ctx, "find_customer", external_id="' AND name:'Ada Byron") is None


def test_other_metadata_stays(server: PracticeStripe, ctx: Context) -> None:
    done = do(ctx, "update_metadata", kind="customer", id=ADA, metadata={"matter": "00042"})
    assert done["metadata"] == {"external_id": "00000", "matter": "00042"}


def test_an_invoice_is_made_line_by_line_and_sent(server: PracticeStripe, ctx: Context) -> None:
    lines = [
        {"description": "Five hours", "amount": "1250.00"},
        {"price": "price_practice0001", "quantity": 2},
    ]
    made = do(ctx, "create_invoice", customer=ADA, lines=lines, then="send", days_until_due=14)
    assert (made["status"], made["total"]) == ("open", "1750.00")
    assert made["number"]
    assert made["page"].startswith("https://")
    types = [event["type"] for event in list(server.store.tables["events"].values())[-5:]]
    assert types[-2:] == ["invoice.finalized", "invoice.sent"]


def test_an_invoice_that_was_cut_short_is_finished_by_the_next_try(
    server: PracticeStripe, ctx: Context
) -> None:
    lines = [{"description": "A", "amount": "10"}, {"description": "B", "amount": "20"}]
    good = do(ctx, "create_invoice", customer=ADA, lines=lines)
    again = do(ctx, "create_invoice", customer=ADA, lines=lines, then="finalize")
    assert again["id"] == good["id"]
    assert again["total"] == "30.00"
    assert len(again["lines"]) == 2


def test_lines_are_looked_at_before_anything_is_sent(server: PracticeStripe, ctx: Context) -> None:
    lines = [{"description": "A", "amount": "10"}, {"description": "B", "amount": "20.001"}]
    with pytest.raises(InputError, match="more decimals"):
        do(ctx, "create_invoice", customer=ADA, lines=lines)
    with pytest.raises(InputError, match=r"Line 1 .* needs an amount or a price"):
        do(ctx, "create_invoice", customer=ADA, lines=[{"description": "A"}])
    assert server.requests == []


def test_a_part_is_refunded_in_the_payments_own_currency(ctx: Context) -> None:
    made = do(ctx, "create_refund", payment="pi_practice0002", amount="20000")
    assert (made["amount"], made["currency"]) == ("20000", "jpy")


def test_the_rest_is_refunded_where_no_amount_is_given(ctx: Context) -> None:
    assert do(ctx, "create_refund", payment="pi_practice0001")["amount"] == "900.00"


def test_a_payment_link_leads_to_a_page(ctx: Context) -> None:
    made = do(ctx, "create_payment_link", price="price_practice0001")
    assert made["url"].startswith("https://buy.stripe.com/")


def test_prices_are_offered_by_name(ctx: Context) -> None:
    labels = {option.value: option.label for option in prices(ctx)}
    assert labels == {
        "price_practice0000": "Monthly retainer: 200.00 USD a month",
        "price_practice0001": "Consultation: 250.00 USD",
    }


def test_things_are_found_by_what_people_know_them_by(ctx: Context) -> None:
    invoice = find(ctx, "find_invoice", number="PRAC-0002")
    assert invoice is not None
    assert invoice["status"] == "paid"
    assert find(ctx, "find_invoice", number="PRAC-9999") is None
    assert find(ctx, "find_customer", email="nobody@mail.example") is None
    payment = find(ctx, "find_payment", payment="pi_practice0000")
    assert payment is not None
    assert payment["amount"] == "1500.00"


@pytest.mark.parametrize("id", ["../balance", "cus_1?expand=x", "cus 1", ""])
def test_what_is_no_id_never_gets_into_an_address(
    server: PracticeStripe, ctx: Context, id: str
) -> None:
    with pytest.raises(InputError):
        do(ctx, "update_customer", customer=id, name="X")
    assert server.requests == []
