"""Cases as the firm's report tells of them: rows whose keys are labels with spaces (third party)."""

from typing import Annotated, Any

from engine.sdk import Field, Record, TypedDict

DateTime = Annotated[str, Field(format="date-time")]
IntegrationId = Annotated[
    str | None,
    Field("Integration id", "The id in the system the case came from; None for one typed in."),
]


class CaseClient(TypedDict):
    """A client of a case."""

    id: int | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    email: str | None


class Person(TypedDict):
    """An attorney or case manager of a case."""

    id: int | None
    first_name: str | None
    last_name: str | None
    email: str | None


class ReportedCase(TypedDict):
    """A case as the firm's report shows it."""

    id: int
    integration_id: IntegrationId
    name: str
    practice_area: str | None
    stage: str | None
    incident_date: str | None
    clients: list[CaseClient]
    attorneys: list[Person]
    case_managers: Annotated[list[Person], Field("Case managers", "Without e-mail addresses.")]
    last_message_received: DateTime | None
    created_at: DateTime | None
    closed_at: DateTime | None
    updated_at: DateTime


#: Of a case: our name, and the report's label (third party).
LABELS = {
    "id": "Internal ID",
    "integration_id": "Integration ID",
    "name": "Case Name",
    "practice_area": "Practice Area",
    "stage": "Status",
    "incident_date": "Incident Date",
    "last_message_received": "Last Message Received",
    "created_at": "Case Created At",
    "closed_at": "Case Closed At",
    "updated_at": "Last Updated",
}
CLIENT_LABELS = {
    "id": "ID",
    "first_name": "First Name",
    "last_name": "Last Name",
    "phone": "Cell Phone",
    "email": "Email",
}
ATTORNEY_LABELS = {
    "id": "Id",
    "first_name": "First Name",
    "last_name": "Last Name",
    "email": "Email",
}
MANAGER_LABELS = {"id": "ID", "first_name": "First Name", "last_name": "Last Name"}
#: How many of each a row of the report has places for (third party).
CLIENTS, ATTORNEYS, MANAGERS = 3, 4, 2


def to_case(row: Record) -> Any:
    """Return a case from a row of the report, whose keys are labels with spaces."""
    known = {name: row[label] for name, label in LABELS.items() if label in row}
    return known | {
        "clients": _numbered(row.get("Clients") or {}, "Client", CLIENTS, CLIENT_LABELS),
        "attorneys": _numbered(row.get("Attorneys") or {}, "Attorney", ATTORNEYS, ATTORNEY_LABELS),
        "case_managers": _numbered(row, "Case Manager", MANAGERS, MANAGER_LABELS),
    }


def _numbered(row: Record, word: str, number: int, labels: dict[str, str]) -> list[Record]:
    """Return what stands under "Client 1 ID", "Client 2 ID" and so on, those who are there."""
    found = []
    for place in range(1, number + 1):
        one = {name: row.get(f"{word} {place} {label}") for name, label in labels.items()}
        if any(value is not None for value in one.values()):
            found.append({**one, "email": one.get("email")})
    return found
