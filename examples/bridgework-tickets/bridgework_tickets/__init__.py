"""Ticketdesk: the tickets of a small help desk. An example of a connector that is installed by itself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, cast
from urllib.parse import quote

from engine.sdk import (
    ApiKey,
    Connector,
    Context,
    Field,
    Offset,
    Rate,
    Record,
    TypedDict,
    hookimpl,
    tolerating,
)

Status = Literal["open", "waiting", "closed"]
Priority = Literal["low", "normal", "high"]


class Settings(TypedDict):
    """What a connection needs."""

    api_key: Annotated[str, Field("API key", "In Ticketdesk: Settings, API.", secret=True)]


class Ticket(TypedDict):
    """What Ticketdesk knows of a ticket."""

    id: str
    subject: Annotated[str, Field("Subject")]
    email: Annotated[str | None, Field("Who asks", format="email")]
    status: Status
    priority: Priority
    updated_at: Annotated[str, Field("Last change", format="date-time")]


SAMPLE: Record = {
    "id": "T-1",
    "subject": "The printer prints blank pages",
    "email": "ada@mail.example",
    "status": "open",
    "priority": "normal",
    "updated_at": "2026-01-05T09:30:00Z",
}

connector = Connector(
    name="tickets",
    title="Ticketdesk",
    auth=ApiKey(header="X-Api-Key"),
    base_url="https://api.ticketdesk.example/v1",
    settings=Settings,
    limits=(Rate(100, per=60),),
    pagination=Offset(param="offset", size_param="limit", size=50),
)


@connector.check
def account(ctx: Context) -> str:
    """Return the label shown beside the connection."""
    return str(ctx.http.get("/me").json()["desk"])


def read_ticket(ctx: Context, key: str) -> Record | None:
    """Read one ticket afresh; None when it is gone."""
    with tolerating("not_found"):
        found: Record = ctx.http.get(f"/tickets/{quote(key, safe='')}").json()
        return found
    return None


@connector.trigger(
    "Ticket opened or changed",
    key="id",
    cursor="updated_at",
    label="subject",
    noun="ticket",
    fetch=read_ticket,
    sample=SAMPLE,
)
def ticket_changed(
    ctx: Context,
    since: datetime | None,
    status: Annotated[Status | None, Field("Only with status")] = None,
) -> Iterator[Ticket]:
    """Start with each ticket that was opened or changed."""
    params = {"status": status, "changed_since": since.isoformat() if since else None}
    given = {name: value for name, value in params.items() if value is not None}
    for row in ctx.http.paginate("/tickets", items="tickets", params=given):
        yield cast(Ticket, row)


@connector.search("Find a ticket", noun="ticket", sample=SAMPLE)
def find_ticket(
    ctx: Context, number: Annotated[str, Field("Number", "Such as T-12.")]
) -> Ticket | None:
    """Find a ticket by its number."""
    return cast(Ticket | None, read_ticket(ctx, number))


@connector.action("Open a ticket", noun="ticket", idempotency_key=True, sample=SAMPLE)
def open_ticket(
    ctx: Context,
    subject: Annotated[str, Field("Subject")],
    email: Annotated[str | None, Field("Who asks", format="email")] = None,
    priority: Annotated[Priority, Field("Priority")] = "normal",
) -> Ticket:
    """Open a ticket."""
    sent = {"subject": subject, "email": email, "priority": priority, "status": "open"}
    headers = {"Idempotency-Key": ctx.idempotency_key}
    return cast(Ticket, ctx.http.post("/tickets", json=sent, headers=headers).json())


@connector.action("Close a ticket", noun="ticket", idempotent=True, sample=SAMPLE)
def close_ticket(ctx: Context, number: Annotated[str, Field("Number", "Such as T-12.")]) -> Ticket:
    """Close a ticket; one that is closed stays so."""
    path = f"/tickets/{quote(number, safe='')}"
    return cast(Ticket, ctx.http.patch(path, json={"status": "closed"}).json())


# No run needs them, so they are only imported when they are asked for.
connector.practice(f"{__name__}.practice:PracticeTicketdesk")
connector.examples(f"{__name__}.practice:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    """Offer the connector to Bridgework."""
    return [connector]
