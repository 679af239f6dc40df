"""A practice Stripe: customers, payments, invoices, refunds, events and webhooks, as version 1 answers.

Paths, parameters and shapes follow the published spec and fixtures of 2026; of most objects only a
part of the fields is there. Not built: taking payments (a test makes them, see :meth:`edit`),
Connect, search beyond equality, expansion except of a price's product.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.sdk import HookSender, PracticeServer, Request, Response, route
from plugins.stripe.api import VERSION
from plugins.stripe.practice import billing, payments, sample_data
from plugins.stripe.practice.access import SECRET_KEY, VERSIONS, Gate
from plugins.stripe.practice.answers import (
    Refused,
    missing,
    read_form,
    refuse_unknown,
    required,
)
from plugins.stripe.practice.endpoints import WAITS, Endpoints
from plugins.stripe.practice.keys import Keys
from plugins.stripe.practice.lists import page_of, search_page
from plugins.stripe.practice.store import KINDS, Json, Store, merged_metadata

CUSTOMER_FIELDS = ("email", "name", "phone", "description", "address", "metadata", "balance")
#: Every kind of object has a list.
ANY = f"<any({','.join(KINDS)}):kind>"
SEARCHED = ("customers", "invoices", "payment_intents", "subscriptions", "charges")
NOTED = ("payment_intents", "charges", "refunds", "invoices", "subscriptions", "products", "prices")


class PracticeStripe(PracticeServer):
    """Stripe in memory, its test side, with the books of :mod:`sample_data`.

    :param account_version: of the API, in which events are kept.
    :param per_second: requests it takes in a second; 100 as live accounts do, a sandbox takes 25.
    """

    name: ClassVar[str] = "stripe"

    def __init__(
        self,
        seed: int = 1,
        *,
        account_version: str = VERSION,
        per_second: int = 100,
        **options: Any,
    ) -> None:
        super().__init__(seed, **options)
        self.store = Store(self.random, lambda: self.clock(), account_version)
        sample_data.write(self.store)
        self.keys = Keys(lambda: self.clock())
        self.endpoints = Endpoints(
            self.store,
            HookSender(WAITS, lambda: self.clock()),
            self.lock,
            lambda version: version in VERSIONS,
        )
        self.gate = Gate(lambda: self.clock(), per_second)

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        return {"api_key": SECRET_KEY}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {kind: list(rows.values()) for kind, rows in self.store.tables.items()}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Do what happens outside the API.

        ``customers`` takes any field. ``payments`` with a customer's id takes ``{"amount",
        "currency", "declined"}`` and makes a payment; ``invoices`` takes ``{"then": "pay"}`` or
        ``"fail"``. Each makes its events.
        """
        store = self.store
        if kind == "payments":
            customer = store.tables["customers"][id]
            about = changes.get("description")
            amount, currency = int(changes["amount"]), str(changes.get("currency", "usd"))
            blank = payments.blank_payment(customer, amount, currency, about)
            payment = store.add("payment_intents", blank)
            if reason := changes.get("declined"):
                return payments.decline(store, payment, reason)
            return payments.succeed(store, payment)
        row = store.tables[kind][id]
        if kind == "invoices" and "then" in changes:
            change = billing.pay if changes["then"] == "pay" else billing.fail_invoice
            return change(store, row)
        return store.change(kind, row, changes)

    def not_found(self, request: Request) -> Response:
        raise Refused(
            f"Unrecognized request URL ({request.method}: {request.path}). If you are trying to "
            "list objects, remove the trailing slash.",
            404,
        )

    # -- every request -------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        """Check a request, look whether its key is known, do it, and keep the answer."""
        id, key = self.store.request_id(), request.headers.get("Idempotency-Key", "")
        version = request.headers.get("Stripe-Version", self.store.version)
        try:
            self.gate.check(request, version)
            if key and request.method == "POST":
                known = self.keys.replay(key, request)
                if known is not None:
                    known.headers["Request-Id"] = id
                    return known
            self.store.request = {"id": id, "idempotency_key": key or None}
            response, kept = super().answer(request), True
        except Refused as refusal:
            response, kept = refusal.response(), refusal.begun
        if key and kept and request.method == "POST":
            self.keys.keep(key, request, response, id)
            response.headers["Idempotency-Key"] = key
        response.headers["Request-Id"] = id
        response.headers["Stripe-Version"] = version
        return response

    # -- the account ---------------------------------------------------------------------------

    @route("GET", "/v1/account")
    def account(self, request: Request) -> Json:
        return {
            "id": sample_data.ACCOUNT_ID,
            "object": "account",
            "business_profile": {"name": sample_data.ACCOUNT_NAME},
            "country": "US",
            "default_currency": "usd",
            "email": "books@firm.example",
            "settings": {"dashboard": {"display_name": sample_data.ACCOUNT_NAME}},
        }

    @route("GET", "/v1/balance")
    def balance(self, request: Request) -> Json:
        """Answer the balance; here it only says that nothing is real."""
        none = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
        return {"object": "balance", "available": none, "livemode": False, "pending": none}

    # -- reading -------------------------------------------------------------------------------

    @route("GET", f"/v1/{ANY}")
    def index(self, request: Request, kind: str) -> Json:
        rows = self.store.all(kind)
        if kind == "events":
            ends = self.store.now() - 30 * sample_data.DAY
            rows = [row for row in rows if row["created"] >= ends]
        page = page_of(kind, rows, request.args.items(multi=True), request.path)
        if kind == "prices" and "data.product" in request.args.values():
            products = self.store.tables["products"]
            page["data"] = [{**row, "product": products[row["product"]]} for row in page["data"]]
        return page

    @route("GET", f"/v1/{ANY}/search")
    def search(self, request: Request, kind: str) -> Json:
        """Answer what a search finds; here at once, there up to a minute later (documented)."""
        if kind not in SEARCHED:
            raise missing(KINDS[kind][1], "search")
        required(request.args, "query")
        return search_page(self.store.all(kind), request.args.to_dict(), request.path)

    @route("GET", f"/v1/{ANY}/<id>")
    def show(self, request: Request, kind: str, id: str) -> Json:
        """Answer one object; of a customer who was deleted, that much."""
        if kind == "customers" and id in self.store.deleted:
            return {"id": id, "object": "customer", "deleted": True}
        return self.store.get(kind, id)

    # -- changing ------------------------------------------------------------------------------

    @route("POST", "/v1/customers")
    def create_customer(self, request: Request) -> Json:
        return self.store.add("customers", sample_data.blank_customer() | self._customer(request))

    @route("POST", "/v1/customers/<id>")
    def update_customer(self, request: Request, id: str) -> Json:
        row = self.store.get("customers", id)
        return self.store.change("customers", row, self._customer(request, row))

    @route("DELETE", "/v1/<any(customers,webhook_endpoints):kind>/<id>")
    def delete(self, request: Request, kind: str, id: str) -> Json:
        return self.store.delete(kind, id)

    @route("POST", f"/v1/<any({','.join(NOTED)}):kind>/<id>")
    def update(self, request: Request, kind: str, id: str) -> Json:
        """Change the metadata or description of something."""
        row, form = self.store.get(kind, id), read_form(request)
        refuse_unknown(form, ("metadata", "description"))
        metadata = merged_metadata(row, form.pop("metadata", None))
        return self.store.change(kind, row, {**form, "metadata": metadata})

    @route("POST", "/v1/invoices")
    def create_invoice(self, request: Request) -> Json:
        return billing.create_invoice(self.store, read_form(request))

    @route("POST", "/v1/invoiceitems")
    def create_item(self, request: Request) -> Json:
        return billing.create_item(self.store, read_form(request))

    @route("POST", "/v1/invoices/<id>/<any(finalize,send,pay):then>")
    def advance_invoice(self, request: Request, id: str, then: str) -> Json:
        steps = {"finalize": billing.finalize, "send": billing.send, "pay": billing.pay}
        return steps[then](self.store, self.store.get("invoices", id))

    @route("POST", "/v1/refunds")
    def create_refund(self, request: Request) -> Json:
        return billing.create_refund(self.store, read_form(request))

    @route("POST", "/v1/payment_links")
    def create_link(self, request: Request) -> Json:
        form = read_form(request)
        required(form, "line_items")
        for place, line in enumerate(form["line_items"]):
            param = f"line_items[{place}][price]"
            self.store.get("prices", str(line.get("price")), param=param)
        id = self.store.new_id("plink_")
        url = f"https://buy.stripe.com/test_{id[6:]}"
        values = {"id": id, "active": True, "url": url, "metadata": form.get("metadata") or {}}
        return self.store.add("payment_links", values, event="payment_link.created")

    @route("POST", "/v1/webhook_endpoints")
    def create_endpoint(self, request: Request) -> Json:
        return self.endpoints.create(read_form(request))

    @route("POST", "/v1/webhook_endpoints/<id>")
    def update_endpoint(self, request: Request, id: str) -> Json:
        row = self.store.get("webhook_endpoints", id)
        return self.endpoints.update(row, read_form(request))

    def _customer(self, request: Request, row: Json | None = None) -> Json:
        """Return a customer's values of a form.

        :raises Refused: an unknown field, or an address that is none.
        """
        form = read_form(request)
        refuse_unknown(form, CUSTOMER_FIELDS)
        email = form.get("email")
        if email and ("@" not in email or " " in email):
            raise Refused(f"Invalid email address: {email}", code="email_invalid", param="email")
        values = {name: value or None for name, value in form.items() if name != "metadata"}
        return {**values, "metadata": merged_metadata(row or {}, form.get("metadata"))}
