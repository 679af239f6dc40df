"""The jobs' connector, as a plugin author would write it: matters from one API, cases to another."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from bench.sample_data import matter
from engine.sdk import (
    Accepted,
    ApiKey,
    Connector,
    Context,
    Field,
    NextLink,
    Record,
    RowResult,
    TypedDict,
    hookimpl,
)

connector = Connector(
    name="bench",
    title="Bench",
    auth=ApiKey(header="X-Api-Key"),
    base_url="https://bench.example",
    pagination=NextLink(path="meta.paging.next"),
)


@connector.check
def who(ctx: Context) -> str:
    """Return what the servers are called."""
    ctx.http.get("/received")
    return "Bench"


CaseNumber = Annotated[str, Field("Case number")]
Title = Annotated[str, Field("Title")]
Email = Annotated[str, Field("E-mail", format="email")]
Location = Annotated[str, Field("Location")]
Opened = Annotated[str, Field("Opened")]
Billing = Annotated[Literal["Hourly", "Fixed fee"], Field("Billing")]


class Case(TypedDict):
    """One case of a batch."""

    case_number: CaseNumber
    title: Title
    email: Email
    location: Location
    opened: Opened
    billing: Billing


@connector.trigger(
    "Matter changed",
    key="id",
    cursor="updated_at",
    label="display_number",
    noun="matter",
    sample=matter(0),
)
def matter_changed(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Read matters page by page."""
    params = {} if since is None else {"updated_since": since.isoformat()}
    yield from ctx.http.paginate("/matters", items="data", params=params)


@connector.action("Create case", noun="case", sample={"id": "1"})
def create_case(
    ctx: Context,
    *,
    case_number: CaseNumber,
    title: Title,
    email: Email,
    location: Location,
    opened: Opened,
    billing: Billing,
) -> Record:
    """Create one case; nothing tells whether it is there already."""
    case = {
        "case_number": case_number,
        "title": title,
        "email": email,
        "location": location,
        "opened": opened,
        "billing": billing,
    }
    created: Record = ctx.http.post("/cases", json=case).json()
    return created


@connector.batch_action("Create cases", size=500, noun="case", idempotent=True, sample={"id": "1"})
def create_cases(ctx: Context, *, rows: list[Case]) -> list[RowResult]:
    """Create up to 500 cases in one call."""
    answer = ctx.http.post("/batches", json={"cases": rows}).json()
    return [Accepted(result, created=True) for result in answer["results"]]


@connector.batch_action("Discard cases", size=500, noun="case", idempotent=True, sample={"id": "1"})
def discard_cases(ctx: Context, *, rows: list[Case]) -> list[RowResult]:
    """Take cases and do nothing with them: what is left is Bridgework's own time."""
    return [Accepted({"id": row["case_number"]}, created=True) for row in rows]


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
