"""What can be done in Case Status: find staff, keep clients and cases up to date, write messages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

import httpx2

from engine.sdk import (
    Accepted,
    Context,
    Field,
    NotRequired,
    Option,
    PageNumber,
    Record,
    TypedDict,
)
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.reports import ReportedCase, to_case

#: Pages of messages: how many one has is known of the third party's reads only, so all are read
#: until one is empty.
MESSAGE_PAGES = PageNumber(param="page[number]", size_param=None, size=1)
#: How far Case Status's clock may be behind ours.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Default of fields that may be left out: recipes give text that isn't empty, or null to clear.
LEFT_OUT = ""


class Staff(TypedDict):
    """A user of the firm's Case Status account."""

    id: str
    name: str
    email: str


def staff_members(ctx: Context) -> Iterator[Option]:
    """Offer the firm's staff in pickers."""
    for person in ctx.http.paginate(contract.STAFF, items="results"):
        yield Option(str(person["id"]), f"{person['name']} ({person['email']})", (person["email"],))


def practice_areas(ctx: Context) -> Iterator[Option]:
    """Offer the firm's practice areas in pickers."""
    for area in ctx.http.paginate(contract.PRACTICE_AREAS, items="results"):
        yield Option(area["name"], area["name"])


def stages(ctx: Context) -> Iterator[Option]:
    """Offer the stages of all practice areas in pickers, each name once."""
    areas = ctx.http.paginate(contract.PRACTICE_AREAS, items="results")
    for name in dict.fromkeys(name for area in areas for name in area["stages"]):
        yield Option(name, name)


Email = Annotated[str, Field("E-mail", format="email")]
ClientEmail = Annotated[Email | None, Field("E-mail")]
Phone = Annotated[
    str, Field("Mobile number", "With its country code, as in +12125550100.", format="phone")
]
Date = Annotated[str, Field(format="date")]
ClosedOn = Annotated[Date | None, Field("Closed on", "Null opens it again.")]
FirstName = Annotated[str | None, Field("First name", "Leave it out for a company.")]
LastName = Annotated[str, Field("Last name", "Or the company's name.")]
Attorney = Annotated[
    str,
    Field(
        "Attorney", "Id or e-mail address of a Case Status user.", options=staff_members, only=True
    ),
]
PracticeArea = Annotated[
    str,
    Field("Practice area", "Exactly as Case Status writes it.", options=practice_areas, only=True),
]
Stage = Annotated[
    str, Field("Stage", "Exactly as Case Status writes it.", options=stages, only=True)
]
Paralegal = Annotated[
    str,
    Field(
        "Paralegal", "Id or e-mail address of a Case Status user.", options=staff_members, only=True
    ),
]
CaseId = Annotated[str, Field("Case", "The id that `upsert_case` gave.")]


class ClientFields(TypedDict):
    """The client of a case; a recipe writes `client.phone:` and so on."""

    phone: Phone
    last_name: LastName
    first_name: NotRequired[FirstName]
    email: NotRequired[ClientEmail]


def find_staff(ctx: Context, email: Email) -> Staff | None:
    """Find a Case Status user by e-mail address; capital and small letters count as the same."""
    # Compared here as well: whether Case Status minds capitals, or the filter at all, is unknown.
    people = ctx.http.paginate(contract.STAFF, items="results", params={"email": email.lower()})
    for person in people:
        if person["email"].casefold() == email.casefold():
            return {"id": str(person["id"]), "name": person["name"], "email": person["email"]}
    return None


def upsert_client(
    ctx: Context,
    *,
    phone: Phone,
    last_name: LastName,
    first_name: FirstName = LEFT_OUT,
    email: ClientEmail = LEFT_OUT,
) -> Accepted:
    """Add a client, or update the one who has this mobile number."""
    body = _given(phone=phone, last_name=last_name, first_name=first_name, email=email)
    return _accepted(ctx.http.post(contract.CLIENTS, json=body))


def upsert_case(
    ctx: Context,
    *,
    name: Annotated[str, Field("Case name")],
    attorney: Attorney,
    client: Annotated[ClientFields, Field("Client")],
    practice_area: PracticeArea,
    stage: Stage,
    description: Annotated[str | None, Field("Description")] = LEFT_OUT,
    opened_on: Annotated[Date | None, Field("Opened on")] = LEFT_OUT,
    closed_on: ClosedOn = LEFT_OUT,
    case_type: Annotated[str | None, Field("Case type", "Free text.")] = LEFT_OUT,
    paralegal: Paralegal = LEFT_OUT,
) -> Accepted:
    """Add a case with its client, or update the case that this record became before.

    The step's `key` becomes the case's integration id, by which Case Status knows it again.
    """
    body = _given(
        integration_id=ctx.key,
        name=name,
        attorney=attorney,
        client=client,
        practice_area=practice_area,
        stage=stage,
        description=description,
        opened_on=opened_on,
        closed_on=closed_on,
        case_type=case_type,
        paralegal=paralegal,
    )
    return _accepted(ctx.http.post(contract.CASES, json=body))


def update_stage(
    ctx: Context, case: CaseId, stage: Stage, closed_on: ClosedOn = LEFT_OUT
) -> Accepted:
    """Move a case to another stage; its client sees it in the portal."""
    body = _given(stage=stage, closed_on=closed_on)
    return _accepted(ctx.http.patch(_case_path(case), json=body))


def join_case(ctx: Context, case: CaseId) -> Accepted:
    """Join a case that was typed in by hand to this record, so that it isn't made a second time.

    The step's `key` becomes the case's integration id.
    """
    return _accepted(ctx.http.patch(_case_path(case), json={"integration_id": ctx.key}))


def find_case(
    ctx: Context,
    integration_id: Annotated[
        str, Field("Integration id", "The id of the record the case was made from.")
    ],
) -> ReportedCase | None:
    """Find a case by the id it has in the system it came from; reads the whole report once a run."""
    return ctx.kept.once("casestatus: cases", lambda: _cases_by_integration_id(ctx)).get(
        integration_id.strip()
    )


def _cases_by_integration_id(ctx: Context) -> dict[str, ReportedCase]:
    """Read the report: no way to ask it for one case is known."""
    rows = ctx.http.paginate(contract.REPORTED_CASES, items="results")
    cases = (to_case(row) for row in rows if not row.get("Case Deleted At"))
    return {str(case["integration_id"]): case for case in cases if case.get("integration_id")}


def _case_path(case: str) -> str:
    return contract.CASE.format(id=quote(case, safe=""))


def send_message(
    ctx: Context, case: CaseId, text: Annotated[str, Field("Message", "The client reads it.")]
) -> Accepted:
    """Send a message to the client of a case. A message that was sent can't be taken back."""
    body: contract.MessageBody = {"case_id": case, "content": text}
    return _accepted(ctx.http.post(contract.MESSAGES, json=body))


def find_message(ctx: Context, case: str, text: str, since: datetime) -> Record | None:
    """Look whether a message that was being sent has arrived."""
    sent_to = ctx.http.get(_case_path(case)).json()
    messages = ctx.http.paginate(
        contract.MESSAGES, items="", params={"case_id": case}, pagination=MESSAGE_PAGES
    )
    for message in messages:
        # Compared here as well, since the filter is assumed.
        same_case = message["readable_id"] == sent_to["readable_id"]
        sent_at = datetime.fromisoformat(message["sent_at"])
        if same_case and message["content"] == text and sent_at >= since - CLOCKS_DIFFER:
            return message
    return None


def _given(**fields: object) -> Record:
    """Leave out what the recipe left out; null, from `blank: clear`, is sent and empties a field."""
    return {name: value for name, value in fields.items() if value != LEFT_OUT}


def _accepted(response: httpx2.Response) -> Accepted:
    return Accepted(response.json(), created=response.status_code == httpx2.codes.CREATED)
