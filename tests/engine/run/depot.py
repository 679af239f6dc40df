"""The depot: a connector with a practice server reached over HTTP, and a line that a test may cut."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import httpx2
from werkzeug.wrappers import Request, Response

from engine.sdk import (
    Accepted,
    ApiKey,
    AuthError,
    Connector,
    ConnectorError,
    Context,
    Field,
    InputError,
    NotRequired,
    PracticeServer,
    Record,
    Rejected,
    RowResult,
    TypedDict,
    json_response,
    route,
)
from engine.store.connections import Connection

KEY = "depot-key-7f3a91c2"


class Depot(PracticeServer):
    """Takes parcels by PUT (again does no harm), in batches, and notes by POST (again doubles)."""

    name = "depot"

    def __init__(self) -> None:
        super().__init__()
        self.parcels: dict[str, Record] = {}
        self.notes: list[Record] = []
        self.batches: list[list[str]] = []
        self.customers = {"ada@mill.example": {"id": "C-1", "email": "ada@mill.example"}}
        self.key = KEY

    def sent(self, path: str = "") -> list[str]:
        """Return the requests so far, as ``PUT /parcels/1``."""
        lines = [f"{r['method']} {r['path']}" for r in self.requests]
        return [line for line in lines if path in line]

    def answer(self, request: Request) -> Response:
        if request.headers.get("X-Key") != self.key:
            given = request.headers.get("X-Key")
            return json_response({"error": f"The key {given} is not valid."}, 401)
        return super().answer(request)

    @route("GET", "/me")
    def me(self, request: Request) -> Response:
        return json_response({"name": "Depot North"})

    @route("PUT", "/parcels/<ref>")
    def put_parcel(self, request: Request, ref: str) -> Response:
        problem = _refusal(request.get_json())
        return json_response(problem, 422) if problem else json_response(self._keep(ref, request))

    def _keep(self, ref: str, request: Request) -> Record:
        new = ref not in self.parcels
        parcel = {"id": f"P-{ref}", "track": f"T{ref}", **request.get_json()}
        changed = self.parcels.get(ref) != parcel
        self.parcels[ref] = parcel
        return {**parcel, "new": new, "changed": changed}

    @route("POST", "/shelves/<shelf>/parcels")
    def put_parcels(self, request: Request, shelf: str) -> Response:
        rows = request.get_json()["parcels"]
        self.batches.append([row["ref"] for row in rows])
        if any(row["colour"] == "poison" for row in rows):
            return json_response({"error": "This batch can't be read."}, 422)
        answers: list[Any] = []
        for row in rows:
            problem = _refusal(row)
            if problem is None:
                self.parcels[row["ref"]] = {"id": f"P-{row['ref']}", "shelf": shelf, **row}
            answers.append(problem or {"id": f"P-{row['ref']}"})
        if any(row["colour"] == "lost" for row in rows):
            answers.pop()
        return json_response({"results": answers})

    @route("POST", "/notes")
    def add_note(self, request: Request) -> Response:
        self.notes.append({"id": f"N-{len(self.notes) + 1}", **request.get_json()})
        return json_response(self.notes[-1])

    @route("GET", "/notes")
    def find_note(self, request: Request) -> Response:
        ref, text = request.args["ref"], request.args["text"]
        return json_response([n for n in self.notes if (n["ref"], n["text"]) == (ref, text)])

    @route("POST", "/marked-notes")
    def add_marked_note(self, request: Request) -> Response:
        key = request.headers["Idempotency-Key"]
        known = next((n for n in self.notes if n.get("mark") == key), None)
        if known is None:
            known = {"id": f"N-{len(self.notes) + 1}", "mark": key, **request.get_json()}
            self.notes.append(known)
        return json_response(known)

    @route("GET", "/customers")
    def find_customer(self, request: Request) -> Response:
        found = self.customers.get(request.args["email"])
        return json_response({"customers": [found] if found else []})


def _refusal(row: Record) -> Record | None:
    if row.get("colour") == "refused":
        return {"error": "The depot takes no such colour.", "field": "colour"}
    return None


class Address(TypedDict):
    street: NotRequired[str]
    city: NotRequired[str | None]


class ParcelRow(TypedDict):
    ref: str
    colour: str
    weight: NotRequired[int]


def depot_connector() -> Connector:
    connector = Connector(
        name="depot", title="The Depot", auth=ApiKey(header="X-Key"), base_url="https://depot.test"
    )

    @connector.explain
    def explain(response: httpx2.Response) -> ConnectorError | None:
        if response.status_code == 401:  # the vendor's own words, which repeat the key
            return AuthError(response.json()["error"], hint=response.json()["error"])
        if response.status_code != 422:
            return None
        body = response.json()
        return InputError(body["error"], field=body.get("field"), code="refused_colour")

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    @connector.search("Find a customer", noun="customer", sample={"id": "C-1", "email": "a@b.c"})
    def find_customer(ctx: Context, email: str) -> Record | None:
        """Find the customer with an e-mail address."""
        found = ctx.http.get("/customers", params={"email": email}).json()["customers"]
        return found[0] if found else None

    parcel = {"id": "P-1", "track": "T1", "colour": "red"}

    @connector.action("Store a parcel", noun="parcel", idempotent=True, sample=parcel)
    def store_parcel(
        ctx: Context,
        colour: Literal["red", "blue", "refused", "crash", "slow"] | None = None,
        title: str = "",
        weight: int | None = None,
        address: Address | None = None,
        customer: str | None = None,
    ) -> Accepted:
        """Store a parcel under the order's key."""
        if colour == "crash":
            raise KeyError("a defect of this connector: " + KEY)
        answer = ctx.http.put(
            f"/parcels/{ctx.key}",
            json={
                "colour": colour,
                "title": title,
                "weight": weight,
                "address": address,
                "customer": customer,
            },
        ).json()
        return Accepted(answer, created=answer.pop("new"), changed=answer.pop("changed"))

    @connector.batch_action("Store parcels", size=4, noun="parcel", idempotent=True, sample=parcel)
    def store_parcels(
        ctx: Context, shelf: Annotated[str, Field("Shelf")], rows: list[ParcelRow]
    ) -> list[RowResult]:
        """Store up to four parcels on one shelf."""
        answers = ctx.http.post(f"/shelves/{shelf}/parcels", json={"parcels": rows}).json()
        return [
            Rejected(answer["error"], code="refused_colour", field="colour")
            if "error" in answer
            else Accepted(answer)
            for answer in answers["results"]
        ]

    @connector.action("Send a note", noun="note", sample={"id": "N-1", "text": "Hello"})
    def send_note(ctx: Context, text: str) -> Record:
        """Send a note; sending it again sends a second one."""
        answer = ctx.http.post("/notes", json={"text": text, "ref": ctx.key})
        if text == "crash":
            raise KeyError("the answer has no 'receipt'")
        note: Record = answer.json()
        return note

    def look_for_note(ctx: Context, text: str) -> Record | None:
        found = ctx.http.get("/notes", params={"ref": ctx.key, "text": text}).json()
        return found[0] if found else None

    @connector.action("Send a note that can be found", noun="note", find=look_for_note)
    def send_known_note(ctx: Context, text: str) -> Record:
        """Send a note; the depot can be asked whether it has one."""
        note: Record = ctx.http.post("/notes", json={"text": text, "ref": ctx.key}).json()
        return note

    @connector.action("Send a marked note", noun="note", idempotency_key=True)
    def send_marked_note(ctx: Context, text: str) -> Record:
        """Send a note; the depot takes one with the same key once."""
        headers = {"Idempotency-Key": ctx.idempotency_key}
        body = {"text": text, "ref": ctx.key}
        note: Record = ctx.http.post("/marked-notes", json=body, headers=headers).json()
        return note

    return connector


class Line(httpx2.BaseTransport):
    """The line to the depot: real requests to a real application, cut where a test says so.

    :param reaches: given a request's number from 1, whether the line is up; default: always.
    :param before: called with a request that will arrive.
    :param loses: given a request, whether it arrives but its answer is lost.
    """

    def __init__(self, depot: Depot) -> None:
        self.count = 0
        self.reaches: Callable[[int], bool] = lambda number: True
        self.before: Callable[[httpx2.Request], Any] | None = None
        self.loses: Callable[[httpx2.Request], bool] = lambda request: False
        self._inner = httpx2.WSGITransport(app=depot)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.count += 1
        if not self.reaches(self.count):
            raise httpx2.ConnectError("refused", request=request)
        if self.before is not None:
            self.before(request)
        response = self._inner.handle_request(request)
        if self.loses(request):
            raise httpx2.ReadError("cut off", request=request)
        return response


def depot_account() -> Connection:
    """Return a connection that was tried a moment ago, whatever a test's clock says."""
    return Connection(
        name="depot",
        connector="depot",
        secrets={"api_key": KEY},
        checked_at=datetime(2999, 1, 1, tzinfo=UTC),
    )
