"""A mill that has orders and a depot that takes parcels: two small connectors, and runs between them.

The mill's orders are a plain list that a test fills, with awkward entries where it wants them. The
depot is a practice server reached over HTTP, which a test breaks where it wants to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, ClassVar, Literal

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.host import Host, build_host
from engine.http.client import RetryPolicy
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.run.runner import execute
from engine.run.start import request_retry, request_run
from engine.sdk import (
    Accepted,
    ApiKey,
    AuthError,
    BadRecord,
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
    hookimpl,
    json_response,
    route,
)
from engine.store.connections import Connection, remove_connection, save_connection
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, Entry, entries
from engine.store.problems import open_entries
from engine.store.runs import Run, RunRequest, get_run

KEY = "depot-key-7f3a91c2"

ORDER = {
    "id": "1",
    "title": "Order 1",
    "changed_at": "2026-11-24T10:00:00+00:00",
    "colour": "red",
    "weight": 5,
    "shelf": "A",
    "note": "",
    "customer": {"id": "c1", "name": "Ada", "email": "ada@mill.example", "phone": ""},
}


def order(id: Any, **fields: Any) -> Record:
    """Return an order; unnamed fields are as in the sample."""
    return {**ORDER, "id": id, "title": f"Order {id}", **fields}


# -- the mill: where records come from -------------------------------------------------------------


@dataclass
class Mill:
    """The orders there are.

    An entry may also be a BadRecord, an exception (the source fails there) or a function (called
    when the reading comes to it, for what happens meanwhile).
    """

    orders: list[Any] = field(default_factory=list)
    asked_since: list[datetime | None] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def read(self) -> Iterator[Any]:
        for entry in list(self.orders):
            if isinstance(entry, Exception):
                raise entry
            if callable(entry):
                entry()
            else:
                yield entry


def mill_connector(mill: Mill) -> Connector:
    connector = Connector(name="mill", title="The Mill")

    def fetch_order(ctx: Context, key: str, shelf: str | None = None) -> Record | None:
        mill.fetched.append(f"{key}@{shelf}")
        found = [o for o in mill.orders if isinstance(o, dict) and str(o["id"]) == key]
        return found[-1] if found else None

    def changed(since: datetime | None) -> Iterator[Record]:
        mill.asked_since.append(since)
        for entry in mill.read():
            told = since is None or isinstance(entry, BadRecord)
            if told or datetime.fromisoformat(entry["changed_at"]) >= since:
                yield entry

    declared = {"key": "id", "label": "title", "noun": "order", "sample": ORDER}

    @connector.trigger("Order changed", cursor="changed_at", fetch=fetch_order, **declared)
    def order_changed(
        ctx: Context, since: datetime | None, shelf: str | None = None
    ) -> Iterator[Record]:
        """Start with each order that changed."""
        yield from changed(since)

    @connector.trigger("Order changed, never asked again", cursor="changed_at", **declared)
    def order_told(ctx: Context, since: datetime | None) -> Iterator[Record]:
        """Start with each order that changed; one can't be read again by its key."""
        yield from changed(since)

    @connector.trigger("Order of any shape", key="id", sample=ORDER, schema=lambda ctx: {})
    def order_open(ctx: Context) -> Iterator[Record]:
        """Start with every order there is; nothing is known of their fields."""
        yield from mill.read()

    @connector.trigger("Order listed", **declared)
    def order_listed(ctx: Context, shelf: str | None = None) -> Iterator[Record]:
        """Start with every order there is."""
        yield from mill.read()

    @connector.action("Keep a title", noun="title", sample={"id": "1"})
    def keep(ctx: Context, title: str) -> Record:
        """Keep a title at the mill itself, in memory."""
        mill.kept.append(title)
        return {"id": len(mill.kept)}

    return connector


# -- the depot: where they go ----------------------------------------------------------------------


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

    def _answer(self, request: Request) -> Response:
        if request.headers.get("X-Key") != self.key:
            given = request.headers.get("X-Key")
            return json_response({"error": f"The key {given} is not valid."}, 401)
        return super()._answer(request)

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

    return connector


class Line(httpx2.BaseTransport):
    """The line to the depot: real requests to a real application, cut where a test says so.

    :param reaches: given a request's number from 1, whether the line is up; default: always.
    :param loses: given a request, whether it arrives but its answer is lost.
    """

    def __init__(self, depot: Depot) -> None:
        self.count = 0
        self.reaches: Callable[[int], bool] = lambda number: True
        self.loses: Callable[[httpx2.Request], bool] = lambda request: False
        self._inner = httpx2.WSGITransport(app=depot)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.count += 1
        if not self.reaches(self.count):
            raise httpx2.ConnectError("refused", request=request)
        response = self._inner.handle_request(request)
        if self.loses(request):
            raise httpx2.ReadError("cut off", request=request)
        return response


def depot_account() -> Connection:
    return Connection(name="depot", connector="depot", secrets={"api_key": KEY})


# -- the office: runs between the two --------------------------------------------------------------


@dataclass
class Office:
    """Writes recipes, runs them, and looks up what became of the records."""

    #: One idempotent call for each record.
    SINGLE: ClassVar[str] = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
    #: A batch of up to four records.
    BATCH: ClassVar[str] = """
- id: parcel
  use: depot.store_parcels
  with:
    shelf: "{{ order.shelf }}"
    ref: "{{ order.id }}"
    colour: "{{ order.colour }}"
"""
    #: One call for each record that must not be repeated.
    NOTE: ClassVar[str] = """
- id: note
  use: depot.send_note
  with: {text: "{{ order.note }}"}
"""

    store: Store
    host: Host
    library: Library
    mill: Mill
    depot: Depot
    line: Line
    clock: Any
    naps: list[float] = field(default_factory=list)
    secret: str = KEY

    @property
    def how(self) -> dict[str, Any]:
        """How runs reach the depot and pass the time."""
        patience = RetryPolicy(attempts=3, first_wait=0.5, sleep=self.naps.append)
        return {"transports": {"depot": self.line}, "retry": patience}

    def recipe(
        self,
        steps: str,
        *,
        trigger: str = "order_changed",
        trigger_keys: str = "",
        more: str = "",
        name: str = "parcels",
    ) -> Recipe:
        """Write a recipe from the mill to the depot and load it.

        :param steps: the YAML list under ``steps:``.
        :param trigger_keys: further lines of the trigger.
        :param more: further keys of the recipe.
        """
        text = f"name: Orders become parcels\ntrigger:\n  use: mill.{trigger}\n  as: order\n"
        for line in dedent(trigger_keys).strip().splitlines():
            text += f"  {line}\n"
        text += dedent(more).strip() + "\nsteps:\n"
        text += "".join(f"  {line}\n" for line in dedent(steps).strip().splitlines())
        (self.library.folder / f"{name}.yaml").write_text(text, "utf-8")
        return self.library.load(name)

    def run(self, recipe: Recipe, request: RunRequest | None = None, **how: Any) -> Run:
        """Run a recipe now."""
        return self.go(request_run(self.store, self.host, recipe, request=request), **how)

    def retry(self, run: Run, **which: Any) -> Run:
        return self.go(request_retry(self.store, self.host, self.library, run, **which))

    def go(self, run_id: int, **how: Any) -> Run:
        """Execute a run that was asked for; whatever happened, its counts are the ledger's."""
        execute(self.store, self.host, run_id, clock=self.clock, **{**self.how, **how})
        run = get_run(self.store, run_id)
        assert run is not None
        assert run.read == sum(run.counts.values())
        listed: dict[str, int] = {}
        for entry in self.entries(run):
            listed[entry.outcome] = listed.get(entry.outcome, 0) + 1
        assert listed == run.counts
        return run

    def connect_anew(self) -> None:
        """Remove the connection to the depot and make it again."""
        remove_connection(self.store, "depot")
        save_connection(self.store, depot_account())

    def outcomes(self, run: Run) -> dict[str, str]:
        """Return each record's outcome by its key."""
        return {entry.key: entry.outcome for entry in self.entries(run)}

    def entries(self, run: Run) -> list[Entry]:
        return entries(self.store, run.id)

    def entry(self, run: Run, key: str) -> Entry:
        """Return what the report says of the one record with this key."""
        [found] = entries(self.store, run.id, keys=[key])
        return found

    def open_problems(self, recipe: str = "parcels") -> dict[str, str]:
        found = open_entries(self.store, recipe)
        return {one.entry.key: one.entry.outcome for one in found}

    def needs_attention(self, run: Run) -> Mapping[str, str]:
        return {key: o for key, o in self.outcomes(run).items() if o in NEEDS_ATTENTION}


@pytest.fixture
def mill() -> Mill:
    return Mill()


@pytest.fixture
def depot() -> Depot:
    return Depot()


@pytest.fixture
def line(depot: Depot) -> Line:
    return Line(depot)


@pytest.fixture
def host(mill: Mill) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [mill_connector(mill), depot_connector()]

    return build_host([Plugin()], strict=True)


@pytest.fixture
def office(
    store: Store, host: Host, tmp_path: Path, mill: Mill, depot: Depot, line: Line, clock: Any
) -> Office:
    folder = tmp_path / "recipes"
    folder.mkdir()
    save_connection(store, depot_account())
    return Office(store, host, Library(folder), mill, depot, line, clock)


@pytest.fixture
def make_order() -> Callable[..., Record]:
    return order


@pytest.fixture
def single(office: Office) -> Recipe:
    return office.recipe(office.SINGLE)


@pytest.fixture
def batch(office: Office) -> Recipe:
    return office.recipe(office.BATCH)


@pytest.fixture
def note(office: Office) -> Recipe:
    return office.recipe(office.NOTE)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four records make a chunk, so that short imports have several."""
    monkeypatch.setattr("engine.run.plan.CHUNK", 4)
    monkeypatch.setattr("engine.run.plan.CHUNK_OF_CALLS", 4)
