"""ASSUMPTION, all of it: how Case Status takes writes, and how it refuses them.

Case Status has an API, but no documentation of its writes could be read. What is known (field
names of its Zapier app, the rules of its own imports, the join by integration id) is built into
one small contract here. The connector and the practice server both read it from this file, so
that a correction is made once. Nothing in it was tried against the real service.

The reads of the reports, of messages and of files are not assumed: a published third-party
connector uses them (see the README). Their paths stand here too, so that all are in one place.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.sdk import NotRequired, TypedDict

#: GET: ``{"results": [row]}``, whose keys are labels with spaces (third party).
REPORTED_CASES = "/reporting/cases"
#: GET: the same of the firm's figures (third party).
REPORTED_FIRM = "/reporting/firm"
#: GET: a list without a wrapper, ten a page (third party).
FILES = "/v1/api/files"
#: GET, ``?email=`` narrows it; answers ``{"results": [Staff]}``, paged as the reporting lists are.
STAFF = "/v1/api/users"
#: GET; answers ``{"results": [{"id", "name", "stages": [name]}]}``.
PRACTICE_AREAS = "/v1/api/practice_areas"
#: POST a :class:`ClientBody`: 201 for a new phone number, 200 for one that is known.
CLIENTS = "/v1/api/clients"
#: POST a :class:`CaseBody`: 201 for a new ``integration_id``, 200 for one that is known.
CASES = "/v1/api/cases"
#: GET: 200 with the case. PATCH :class:`CaseChanges`: 200 with the case. Both may answer 404 with
#: :attr:`Code.UNKNOWN_CASE`.
CASE = "/v1/api/cases/{id}"
#: POST a :class:`MessageBody`: 201. (Reading this path is not an assumption, but that
#: ``?case_id=`` narrows it is; the order of the messages isn't relied on.)
MESSAGES = "/v1/api/messages"


class ClientBody(TypedDict):
    """A client; the phone number tells two clients apart.

    Absent fields stay as they are; null empties a field that isn't required.
    """

    phone: str
    last_name: str
    first_name: NotRequired[str | None]
    email: NotRequired[str | None]


class CaseBody(TypedDict):
    """A case; ``integration_id`` tells two cases apart.

    Absent fields stay as they are; null empties a field that isn't required.

    ``attorney`` and ``paralegal`` are the id or the e-mail address of a staff member.
    ``practice_area`` and ``stage`` are names, or names that the firm has mapped to one: several may
    stand for the same. ``opened_on`` and ``closed_on`` are dates such as 2026-01-31.
    """

    integration_id: str
    name: str
    attorney: str
    client: ClientBody
    practice_area: str
    stage: str
    description: NotRequired[str | None]
    opened_on: NotRequired[str | None]
    closed_on: NotRequired[str | None]
    case_type: NotRequired[str | None]
    paralegal: NotRequired[str | None]


class CaseChanges(TypedDict):
    """What is changed of a case without naming all of it; absent fields stay."""

    stage: NotRequired[str]
    closed_on: NotRequired[str | None]
    integration_id: NotRequired[str]


class MessageBody(TypedDict):
    """A message to the client of a case. Sending it twice sends it twice."""

    case_id: str
    content: str


class Code(StrEnum):
    """Why Case Status refuses a write."""

    REQUIRED = "required"
    INVALID_PHONE = "invalid_phone"
    INVALID_DATE = "invalid_date"
    UNKNOWN_ATTORNEY = "unknown_attorney"
    UNKNOWN_PARALEGAL = "unknown_paralegal"
    UNKNOWN_PRACTICE_AREA = "unknown_practice_area"
    UNKNOWN_STAGE = "unknown_stage"
    UNKNOWN_CASE = "unknown_case"
    INTEGRATION_ID_TAKEN = "integration_id_taken"
    UNAUTHORIZED = "unauthorized"


@dataclass(frozen=True)
class Problem:
    """One reason for a refusal: an item of ``{"errors": […]}``, with status 422, 404 or 401.

    :param code: one of :class:`Code`; others may exist.
    :param field: dotted, as in ``client.phone``.
    :param message: Case Status's own sentence.
    :param value: the value it objects to.
    """

    code: str
    field: str
    message: str
    value: str = ""


def error_body(problems: Iterable[Problem]) -> dict[str, Any]:
    """Build the body of a refusal."""
    return {"errors": [asdict(problem) for problem in problems]}


def read_problems(body: Any) -> list[Problem]:
    """Read the body of a refusal; what does not have its shape is left out."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return [
        Problem(
            code=str(error.get("code") or ""),
            field=str(error.get("field") or ""),
            message=str(error.get("message") or ""),
            value=str(error.get("value") or ""),
        )
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
