"""Stripe's own Python client, unchanged, gets along with the practice server: only its address is set."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stripe

from engine.loopback import on_loopback
from engine.practice.server import Fault
from engine.signatures import StripeSignature
from engine.webhooks import HookRequest
from plugins.stripe.practice.access import RESTRICTED_KEY, SECRET_KEY
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.stripe.books import ADA

PRICE = "price_practice0001"


@pytest.fixture
def server() -> PracticeStripe:
    return PracticeStripe()


@pytest.fixture
def address(server: PracticeStripe) -> Iterator[str]:
    with on_loopback(server) as url:
        yield url


@pytest.fixture
def client(address: str) -> stripe.StripeClient:
    return client_of(address)


def client_of(address: str, key: str = SECRET_KEY, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": address}, max_network_retries=retries)


def test_customers_are_made_changed_listed_searched_and_deleted(
    client: stripe.StripeClient,
) -> None:
    made = client.v1.customers.create(
        {"email": "new@mail.example", "address": {"city": "Springfield"}, "metadata": {"a": "1"}}
    )
    assert made.address is not None
    assert made.address.city == "Springfield"
    changed = client.v1.customers.update(made.id, {"metadata": {"a": "", "b": "2"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2"}
    assert [one.id for one in client.v1.customers.list({"email": "new@mail.example"}).data] == [
        made.id
    ]
    found = client.v1.customers.search({"query": "metadata['b']:'2'"})
    assert [one.id for one in found.data] == [made.id]
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted


def test_its_own_paging_walks_to_the_end_in_both_directions(client: stripe.StripeClient) -> None:
    forwards = [one.id for one in client.v1.customers.list({"limit": 5}).auto_paging_iter()]
    assert len(forwards) == len(set(forwards)) == 12
    page = client.v1.customers.list({"limit": 5, "ending_before": forwards[-1]})
    assert [one.id for one in page.auto_paging_iter()] == forwards[:-1][::-1]
    found = client.v1.customers.search({"query": "phone:'+12125550001'", "limit": 1})
    assert len(list(found.auto_paging_iter())) == 1


def test_an_invoice_is_made_finalized_sent_and_paid(client: stripe.StripeClient) -> None:
    invoice = client.v1.invoices.create(
        {"customer": ADA, "collection_method": "send_invoice", "days_until_due": 14}
    )
    client.v1.invoice_items.create(
        {"customer": ADA, "invoice": invoice.id, "amount": 1500, "currency": "usd"}
    )
    client.v1.invoice_items.create(
        {"customer": ADA, "invoice": invoice.id, "pricing": {"price": PRICE}, "quantity": 2}
    )
    assert client.v1.invoices.finalize_invoice(invoice.id).total == 51500
    assert client.v1.invoices.send_invoice(invoice.id).status == "open"
    assert client.v1.invoices.pay(invoice.id).status == "paid"
    found = client.v1.invoices.search(
        {"query": f"number:'{client.v1.invoices.retrieve(invoice.id).number}'"}
    )
    assert [one.id for one in found.data] == [invoice.id]
    assert len(client.v1.invoice_items.list({"invoice": invoice.id}).data) == 2
    assert client.v1.invoices.list({"status": "paid"}).data[0].id == invoice.id


def test_payments_charges_and_refunds_hang_together(client: stripe.StripeClient) -> None:
    payment = client.v1.payment_intents.retrieve("pi_practice0000")
    assert isinstance(payment.latest_charge, str)
    refund = client.v1.refunds.create({"payment_intent": payment.id, "amount": 500})
    charge = client.v1.charges.retrieve(payment.latest_charge)
    assert (refund.status, charge.amount_refunded) == ("succeeded", 500)
    assert client.v1.refunds.list({"charge": charge.id}).data[0].id == refund.id
    noted = client.v1.payment_intents.update(payment.id, {"metadata": {"a": "1"}})
    assert noted.metadata.to_dict() == {"a": "1"}
    assert client.v1.charges.list({"payment_intent": payment.id}).data[0].id == charge.id
    assert len(client.v1.payment_intents.list({"customer": ADA}).data) == 1


def test_the_rest_of_what_there_is(client: stripe.StripeClient) -> None:
    assert client.v1.accounts.retrieve_current().id == "acct_practice0000"
    assert not client.v1.balance.retrieve().livemode
    assert [one.name for one in client.v1.products.list().data] == [
        "Consultation",
        "Monthly retainer",
    ]
    [price] = client.v1.prices.list({"product": client.v1.products.list().data[0].id}).data
    assert client.v1.prices.retrieve(price.id).unit_amount == 25000
    expanded = client.v1.prices.list({"expand": ["data.product"]}).data[0].product
    assert isinstance(expanded, stripe.Product)
    assert len(client.v1.subscriptions.list().data) == 1
    assert len(client.v1.subscriptions.list({"status": "all"}).data) == 2
    link = client.v1.payment_links.create({"line_items": [{"price": PRICE, "quantity": 1}]})
    assert client.v1.payment_links.retrieve(link.id).url == link.url
    [event] = client.v1.events.list({"types": ["payment_link.created"]}).data
    assert event.data.object["id"] == link.id
    assert client.v1.events.retrieve(event.id).type == "payment_link.created"


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        (lambda c: c.v1.customers.retrieve("cus_none"), stripe.InvalidRequestError, "resource_missing"),
        (lambda c: c.v1.customers.create({"email": "none"}), stripe.InvalidRequestError, "email_invalid"),
        (lambda c: c.v1.customers.create({"nme": "x"}), stripe.InvalidRequestError, "parameter_unknown"),
        (lambda c: c.v1.refunds.create({"payment_intent": "pi_practice0004"}), stripe.InvalidRequestError, "charge_disputed"),
        (lambda c: c.v1.customers.list({"limit": 500}), stripe.InvalidRequestError, "parameter_invalid_integer"),
        (lambda c: c.v1.customers.list(options={"stripe_version": "1999-01-01"}), stripe.InvalidRequestError, None),
    ],
    ids=["missing", "email", "unknown", "disputed", "limit", "version"],
)  # fmt: skip
def test_it_takes_refusals_for_what_they_are(
    client: stripe.StripeClient, wrong: object, error: type[stripe.StripeError], code: str | None
) -> None:
    assert callable(wrong)
    with pytest.raises(error) as caught:
        wrong(client)
    assert caught.value.code == code
    assert str(caught.value.request_id).startswith("req_")


def test_it_tells_bad_keys_from_keys_that_may_not(address: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        client_of(address, "sk_test_other").v1.customers.list()
    with pytest.raises(stripe.PermissionError):
        client_of(address, RESTRICTED_KEY).v1.customers.create({})


def test_keys_make_a_repeat_the_same(client: stripe.StripeClient, server: PracticeStripe) -> None:
    first = client.v1.customers.create({"name": "Once"}, {"idempotency_key": "k1"})
    second = client.v1.customers.create({"name": "Once"}, {"idempotency_key": "k1"})
    assert first.id == second.id
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "Twice"}, {"idempotency_key": "k1"})
    server.keys.busy.add("k2")
    with pytest.raises(stripe.StripeError) as caught:
        client.v1.customers.create({"name": "Busy"}, {"idempotency_key": "k2"})
    assert caught.value.http_status == 409


def test_its_own_retries_send_the_same_key(
    address: str, server: PracticeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    before = len(server.store.tables["customers"])
    server.faults.append(Fault("/v1/customers", times=1, status=503))
    client_of(address, retries=2).v1.customers.create({"name": "Once"})
    assert len(server.store.tables["customers"]) == before + 1


def test_too_many_requests_are_told_as_such(server: PracticeStripe, address: str) -> None:
    server.gate.per_second = 2
    client = client_of(address)
    for _ in range(2):
        client.v1.balance.retrieve()
    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()


def test_it_finds_our_deliveries_genuine_and_so_do_we(
    client: stripe.StripeClient, server: PracticeStripe
) -> None:
    taken: list[tuple[bytes, str]] = []

    def catch(environ: dict[str, object], start_response: object) -> list[bytes]:
        body = environ["wsgi.input"].read(int(str(environ["CONTENT_LENGTH"])))  # type: ignore[attr-defined]
        taken.append((body, str(environ["HTTP_STRIPE_SIGNATURE"])))
        start_response("200 OK", [])  # type: ignore[operator]
        return [b""]

    with on_loopback(catch) as url:
        hook = client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
        assert "secret" not in client.v1.webhook_endpoints.retrieve(hook.id).to_dict()
        client.v1.customers.update(ADA, {"name": "Ada King"})
        assert server.endpoints.sender.wait_until_idle()
        [listed] = client.v1.webhook_endpoints.list().data
        assert listed.id == hook.id
        assert client.v1.webhook_endpoints.update(hook.id, {"disabled": True}).status == "disabled"
        assert client.v1.webhook_endpoints.delete(hook.id).deleted
    [(body, signature)] = taken
    assert hook.secret is not None
    event = client.construct_event(body, signature, hook.secret)
    assert event.type == "customer.updated"
    request = HookRequest("POST", {"stripe-signature": signature}, body=body)
    assert StripeSignature().refusal(request, hook.secret, datetime.now(UTC)) is None
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, hook.secret)
