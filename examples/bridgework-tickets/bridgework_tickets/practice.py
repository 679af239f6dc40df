"""A practice Ticketdesk: it answers from memory, with a few awkward tickets among 120."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from engine.sdk import (
    Examples,
    Offset,
    Record,
    Request,
    Response,
    Shelf,
    ShelfServer,
    json_response,
    route,
)

#: All that this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-tickets-api-key"
NEW = {
    "type": "object",
    "properties": {
        "subject": {"type": "string", "minLength": 1},
        "email": {"type": ["string", "null"]},
        "priority": {"enum": ["low", "normal", "high"]},
        "status": {"enum": ["open"]},
    },
    "required": ["subject"],
}
CHANGE = {"type": "object", "properties": {"status": {"enum": ["open", "waiting", "closed"]}}}

EXAMPLES = Examples(
    rows={
        "find_ticket": [{"number": "T-1"}],
        "open_ticket": [{"subject": "No sound", "email": "eve@mail.example"}],
        "close_ticket": [{"number": "T-2"}],
    },
)


def tickets() -> list[Record]:
    """Return 120 tickets: some without an address, one with a long subject, two of one second."""
    found: list[Record] = [
        {
            "id": f"T-{number}",
            "subject": f"Question {number}",
            "email": None if number % 10 == 0 else f"person{number}@mail.example",
            "status": ("open", "waiting", "closed")[number % 3],
            "priority": ("low", "normal", "high")[number % 3],
            "updated_at": f"2026-01-{number // 10 + 1:02}T{number % 10 + 9:02}:30:00Z",
        }
        for number in range(1, 121)
    ]
    found[6]["subject"] = "Zoë’s “é” & <b>ü</b>, " + "long " * 40
    found[8]["updated_at"] = found[7]["updated_at"]
    return found


class PracticeTicketdesk(ShelfServer):
    """Ticketdesk in memory."""

    name: ClassVar[str] = "tickets"

    def __init__(self, seed: int = 1, clock: Callable[[], float] = time.time) -> None:
        shelf = Shelf(tickets(), changed="updated_at", required=["priority", "status", "email"])
        super().__init__(seed, clock, shelves={"tickets": shelf})

    def credentials(self) -> dict[str, Any]:
        return {"api_key": API_KEY}

    def refusal(self, request: Request) -> Response | None:
        if request.headers.get("X-Api-Key") == API_KEY:
            return None
        return json_response({"error": "The API key is missing or wrong."}, 401)

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        return self.answered(request, None, {"desk": "Harbor Help"})

    @route("GET", "/v1/tickets")
    def listed_tickets(self, request: Request) -> Response:
        return self.listed(
            request,
            "tickets",
            items="tickets",
            paging=Offset(param="offset", size_param="limit", size=50),
            filters=["status"],
            since="changed_since",
        )

    @route("GET", "/v1/tickets/<number>")
    def ticket(self, request: Request, number: str) -> Response:
        return self.one(request, "tickets", number)

    @route("POST", "/v1/tickets")
    def opened(self, request: Request) -> Response:
        return self.added(request, "tickets", NEW)

    @route("PATCH", "/v1/tickets/<number>")
    def patched(self, request: Request, number: str) -> Response:
        return self.changed(request, "tickets", number, CHANGE)
