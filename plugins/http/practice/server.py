"""The orchard's API: invented, and as different within itself as APIs are among each other."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.http.practice import sample_data
from plugins.http.practice.access import Access

PAGE = 50  # more are not given, whatever is asked for


class PracticeApi(PracticeServer):
    """Orders by page number, customers by links, products by header, events by token.

    :param waits: whether it answers 429 once in a while.
    """

    name = "http"

    def __init__(self, seed: int = 1, clock: Callable[[], float] = time.time) -> None:
        super().__init__(seed, clock)
        self.access = Access(clock)
        self.orders = sample_data.orders(self.random)
        self.customers = sample_data.customers(self.random)
        self.products = sample_data.products()
        self.events = sample_data.events()
        self.files: dict[str, bytes] = {"invoice-1001.pdf": sample_data.PDF}
        self.keys_seen: dict[str, tuple[int, Any]] = {}

    def credentials(self) -> dict[str, Any]:
        return self.access.credentials("bearer")

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        return self.access.credentials(log_in)

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {"orders": list(self.orders.values()), "customers": list(self.customers.values())}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = {"orders": self.orders, "customers": self.customers}[kind][int(id)]
        record.update(changes)
        return record

    def refusal(self, request: Request) -> Response | None:
        return self.access.refusal(request)

    def not_found(self, request: Request) -> Response:
        # RFC 9457
        problem = {"type": "about:blank", "title": "Not Found", "detail": "No such resource"}
        return json_response(problem, 404, kind="problem+json")

    # -- log-in --------------------------------------------------------------------------------

    @route("GET", "/oauth/authorize", open=True)
    def authorize(self, request: Request) -> Response:
        return self.access.authorize(request)

    @route("POST", "/oauth/authorize", open=True)
    def decide(self, request: Request) -> Response:
        return self.access.decide(request)

    @route("POST", "/oauth/token", open=True)
    def token(self, request: Request) -> Response:
        return self.access.token(request)

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        return json_response({"account": "Orchard Shop"})

    # -- lists ---------------------------------------------------------------------------------

    @route("GET", "/v1/orders")
    def list_orders(self, request: Request) -> Response:
        """Pages by number, from 1; the total is told."""
        since, state = request.args.get("updated_since", ""), request.args.get("state")
        found = [
            order
            for order in self.orders.values()
            if order["updated_at"] >= since and state in (None, order["state"])
        ]
        page = request.args.get("page", 1, type=int)
        size = min(request.args.get("per_page", 20, type=int), PAGE)
        part = found[(page - 1) * size : page * size]
        return json_response(
            {"data": {"orders": part}, "meta": {"page": page, "total": len(found)}}
        )

    @route("GET", "/v1/customers")
    def list_customers(self, request: Request) -> Response:
        """A link to the next page stands in the answer."""
        email = request.args.get("email")
        found = [c for c in self.customers.values() if email in (None, c["email"])]
        after = request.args.get("after", 0, type=int)
        left = [one for one in found if one["id"] > after]
        more = f"{request.base_url}?after={left[19]['id']}" if len(left) > 20 else None
        return json_response({"customers": left[:20], "links": {"next": more}})

    @route("GET", "/v1/products")
    def list_products(self, request: Request) -> Response:
        """The answer is the list; a Link header leads on (RFC 8288)."""
        begin = request.args.get("from", 0, type=int)
        more = f'<{request.base_url}?from={begin + 10}>; rel="next"'
        headers = {"Link": more} if begin + 10 < len(self.products) else {}
        return json_response(self.products[begin : begin + 10], headers=headers)

    @route("GET", "/v1/lines")
    def list_lines(self, request: Request) -> Response:
        """By offset and limit."""
        begin = request.args.get("offset", 0, type=int)
        size = min(request.args.get("limit", 20, type=int), PAGE)
        every = [{"id": f"{o['id']}-1", **o["lines"][0]} for o in self.orders.values()]
        return json_response({"items": every[begin : begin + size]})

    @route("POST", "/v1/events/search")
    def search_events(self, request: Request) -> Response:
        """By a token in the body; the last answer has none."""
        asked = request.get_json()
        begin = int(str(asked.get("page", {}).get("cursor") or "t0")[1:])
        found = [e for e in self.events if e["at"] >= int(asked.get("from") or 0)]
        more = f"t{begin + 25}" if begin + 25 < len(found) else ""
        return json_response({"events": found[begin : begin + 25], "next": {"cursor": more}})

    # -- one -----------------------------------------------------------------------------------

    @route("GET", "/v1/orders/<int:id>")
    def one_order(self, request: Request, id: int) -> Response:
        if id not in self.orders:
            return json_response({"errors": [{"detail": f"Order {id} does not exist"}]}, 404)
        return json_response({"order": self.orders[id]})

    @route("POST", "/v1/orders")
    def add_order(self, request: Request) -> Response:
        """Known again by the header Idempotency-Key."""
        key = request.headers.get("Idempotency-Key", "")
        if key in self.keys_seen:
            status, body = self.keys_seen[key]
            return json_response(body, status)
        given = request.get_json() if request.is_json else request.form.to_dict()
        if not given.get("number"):
            lacking = {"field": "number", "message": "is required"}
            return json_response({"errors": [lacking]}, 422)
        if given.get("state") not in (None, *sample_data.STATES):
            error = {"source": {"pointer": "/state"}, "detail": "State is not one of the states"}
            return json_response({"errors": [error]}, 422)
        if any(order["number"] == given["number"] for order in self.orders.values()):
            return json_response({"message": "This number is taken"}, 409)
        id = max(self.orders) + 1
        self.orders[id] = {"id": id, "state": "open", **given, "updated_at": self._now()}
        if key:
            self.keys_seen[key] = 201, self.orders[id]
        return json_response(self.orders[id], 201)

    @route("PUT", "/v1/orders/<int:id>")
    def change_order(self, request: Request, id: int) -> Response:
        if id not in self.orders:
            return json_response({"errors": [{"detail": f"Order {id} does not exist"}]}, 404)
        self.orders[id] |= {**request.get_json(), "id": id, "updated_at": self._now()}
        return json_response(self.orders[id])

    @route("DELETE", "/v1/orders/<int:id>")
    def drop_order(self, request: Request, id: int) -> Response:
        self.orders.pop(id, None)
        return Response(status=204)

    # -- many ----------------------------------------------------------------------------------

    @route("POST", "/v1/customers/batch")
    def add_customers(self, request: Request) -> Response:
        """Upsert by e-mail address; a result for each, in any order."""
        results = []
        for given in request.get_json()["customers"]:
            email = str(given.get("email") or "")
            if "@" not in email:
                results.append({"email": email, "ok": False, "error": "The e-mail is not valid"})
                continue
            known = next((c for c in self.customers.values() if c["email"] == email), None)
            id = known["id"] if known else max(self.customers) + 1
            self.customers[id] = {**(known or {}), **given, "id": id}
            results.append({"email": email, "ok": True, "customer": {"id": id}})
        return json_response({"results": results[::-1]}, 207)

    @route("POST", "/v1/graphql")
    def graphql(self, request: Request) -> Response:
        """Knows one mutation; errors come with status 200."""
        id = str(request.get_json().get("variables", {}).get("id", ""))
        if not id.isdecimal() or int(id) not in self.orders:
            return json_response({"data": None, "errors": [{"message": f"Order {id} is unknown"}]})
        self.orders[int(id)]["state"] = "packed"
        return json_response({"data": {"packOrder": {"order": self.orders[int(id)]}}})

    # -- files ---------------------------------------------------------------------------------

    @route("GET", "/v1/files/<name>")
    def get_file(self, request: Request, name: str) -> Response:
        if name not in self.files:
            return self.not_found(request)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(self.files[name], content_type="application/pdf", headers=headers)

    @route("POST", "/v1/files")
    def add_file(self, request: Request) -> Response:
        sent = request.files.get("document")
        name, content = (sent.filename, sent.read()) if sent else ("body", request.get_data())
        self.files[str(name)] = content
        return json_response({"id": name, "size": len(content), "about": request.form}, 201)

    # -- what it must be ready for -------------------------------------------------------------

    @route("GET", "/v1/old-orders", open=True)
    def moved(self, request: Request) -> Response:
        return Response(status=301, headers={"Location": "https://elsewhere.example/v2/orders"})

    @route("GET", "/v1/forgetful", open=True)
    def forgetful(self, request: Request) -> Response:
        """A list that knows no pages, and says each time that this is the first."""
        return json_response({"items": [{"id": 1}, {"id": 2}]})

    def _now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock()))
