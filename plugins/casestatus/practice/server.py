"""A practice Case Status: reads as a published third-party connector knows them, writes as assumed.

`/reporting/cases`, `/reporting/firm` and `/v1/api/messages` answer in the shape that the Airbyte
connector for Case Status declares. Everything else follows `assumed_contract.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from engine.sdk import PracticeServer, json_response, route
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.assumed_contract import Code, Problem
from plugins.casestatus.practice import rules, sample_data

#: The one key this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-casestatus-key"

#: Rows of a page where the request names no size: proven for messages, assumed for the others.
PAGE_SIZE = 10


def signed_in(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Let only requests with the API key through."""

    @wraps(answer)
    def checked(self: PracticeServer, request: Request, **parts: str) -> Response:
        if request.headers.get("Authorization") != f"ApiKey {API_KEY}":
            return refusal([Problem(Code.UNAUTHORIZED, "", "The API key is not valid.")], 401)
        return answer(self, request, **parts)

    return checked


class PracticeCaseStatus(PracticeServer):
    """Case Status in memory, with the firm of :mod:`sample_data`."""

    name: ClassVar[str] = "casestatus"

    def __init__(self, seed: int = 1, **options: Any) -> None:
        super().__init__(seed, **options)
        self.stages = list(sample_data.STAGES)
        self.staff = by_id(sample_data.staff())
        self.clients = by_id(sample_data.clients())
        self.cases = by_id(sample_data.cases(self.random, self.now()))
        self.messages: list[dict[str, Any]] = []
        self.client_of_phone = {client["phone"]: id for id, client in self.clients.items()}
        self.case_of_integration_id: dict[str, str] = {}

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        """Return the settings of a connection to this server."""
        return {"api_key": API_KEY}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything the server holds."""
        return {
            "staff": list(self.staff.values()),
            "clients": list(self.clients.values()),
            "cases": list(self.cases.values()),
            "messages": list(self.messages),
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record of ``staff`` or ``cases``; the id ``new`` adds a staff member."""
        if kind == "staff" and id == "new":
            id = next_id(self.staff)
            self.staff[id] = {"id": int(id), "name": "", "email": "", "role": "attorney"}
        record = {"staff": self.staff, "cases": self.cases}[kind][id]
        record.update(changes)
        if kind == "cases":
            record["updated_at"] = sample_data.stamp(self.now())
        return record

    def not_found(self, request: Request) -> Response:
        """Answer an address that leads nowhere."""
        return refusal([Problem("not_found", "", f"There is nothing at {request.path}.")], 404)

    # -- reads known from a third party --------------------------------------------------------

    @route("GET", "/reporting/firm")
    @signed_in
    def firm(self, request: Request) -> Response:
        """Answer one row of figures; only the two last names are known."""
        row = {
            "Firm Name": sample_data.FIRM,
            "Average Response Time": "3 hours",
            "Cases Per Active User": "18",
        }
        return json_response({"results": page_of([row], request)})

    @route("GET", "/reporting/cases")
    @signed_in
    def reporting_cases(self, request: Request) -> Response:
        """Answer cases under labels with spaces."""
        chosen = page_of(list(self.cases.values()), request)
        return json_response({"results": [self._reporting_row(case) for case in chosen]})

    @route("GET", contract.MESSAGES)
    @signed_in
    def list_messages(self, request: Request) -> Response:
        """Answer a list without a wrapper; that ``?case_id=`` narrows it is assumed."""
        case = self.cases.get(request.args.get("case_id", ""))
        chosen = [
            message
            for message in self.messages
            if case is None or message["readable_id"] == case["readable_id"]
        ]
        return json_response(page_of(chosen, request))

    # -- assumed -------------------------------------------------------------------------------

    @route("GET", contract.STAFF)
    @signed_in
    def list_staff(self, request: Request) -> Response:
        """Answer the staff, or those with an e-mail address, capitals aside."""
        email = request.args.get("email", "").casefold()
        people = [p for p in self.staff.values() if not email or p["email"].casefold() == email]
        return json_response({"results": page_of(people, request)})

    @route("GET", contract.PRACTICE_AREAS)
    @signed_in
    def list_practice_areas(self, request: Request) -> Response:
        """Answer the practice areas with their stages."""
        areas = [
            {"id": 11 + position, "name": name, "stages": self.stages}
            for position, name in enumerate(sample_data.PRACTICE_AREAS)
        ]
        return json_response({"results": page_of(areas, request)})

    @route("POST", contract.CLIENTS)
    @signed_in
    def upsert_client(self, request: Request) -> Response:
        """Add a client or update the one with this phone number."""
        body = request.get_json()
        if problems := rules.client_problems(body):
            return refusal(problems)
        created = body["phone"] not in self.client_of_phone
        return json_response(self._keep_client(body), 201 if created else 200)

    @route("POST", contract.CASES)
    @signed_in
    def upsert_case(self, request: Request) -> Response:
        """Add a case or update the one with this integration id."""
        body = request.get_json()
        if problems := self._case_problems(body):
            return refusal(problems)
        known = self.case_of_integration_id.get(body["integration_id"])
        case = self.cases[known] if known else self._new_case(body["integration_id"])
        case["attorney_id"] = self._attorney(body["attorney"])
        case["client_id"] = self._keep_client(body["client"])["id"]
        for name in ("name", "practice_area", "stage", "description", "opened_on", "closed_on"):
            if name in body:
                case[name] = body[name]
        case["updated_at"] = sample_data.stamp(self.now())
        return json_response(case, 200 if known else 201)

    @route("GET", contract.CASE.format(id="<id>"))
    @signed_in
    def show_case(self, request: Request, id: str) -> Response:
        """Answer a case."""
        case = self.cases.get(id)
        return refusal([no_such_case(id)], 404) if case is None else json_response(case)

    @route("PATCH", contract.CASE.format(id="<id>"))
    @signed_in
    def update_case(self, request: Request, id: str) -> Response:
        """Move a case to another stage."""
        if id not in self.cases:
            return refusal([no_such_case(id)], 404)
        stage = request.get_json().get("stage")
        if problems := rules.stage_problems(stage, self.stages):
            return refusal(problems)
        return json_response(self.edit("cases", id, {"stage": stage}))

    @route("POST", contract.MESSAGES)
    @signed_in
    def send_message(self, request: Request) -> Response:
        """Keep a message; two equal ones are two messages."""
        body = request.get_json()
        case = self.cases.get(str(body.get("case_id")))
        if case is None:
            return refusal([no_such_case(body.get("case_id"))], 404)
        if not body.get("content"):
            return refusal([rules.required("text")])
        sent = sample_data.stamp(self.now())
        message = {
            "id": 9001 + len(self.messages),
            "type": "outgoing",
            "content": body["content"],
            "sent_at": sent,
            "created_at": sent,
            "sender_name": sample_data.FIRM,
            "readable_id": case["readable_id"],
            "integration_id": case["integration_id"],
        }
        self.messages.append(message)
        return json_response(message, 201)

    def _case_problems(self, body: Mapping[str, Any]) -> list[Problem]:
        attorney = body.get("attorney")
        problems = rules.case_problems(body, stages=self.stages)
        if attorney and self._attorney(attorney) is None:
            message = "Attorney not found."
            problems.append(Problem(Code.UNKNOWN_ATTORNEY, "attorney", message, str(attorney)))
        return problems

    def _attorney(self, id_or_email: Any) -> int | None:
        wanted = str(id_or_email)
        if wanted in self.staff:
            return int(wanted)
        for person in self.staff.values():
            if person["email"].casefold() == wanted.casefold():
                return int(person["id"])
        return None

    # -- keeping -------------------------------------------------------------------------------

    def _keep_client(self, body: Mapping[str, Any]) -> dict[str, Any]:
        id = self.client_of_phone.get(body["phone"])
        if id is None:
            id = next_id(self.clients)
            self.clients[id] = {"id": int(id), "first_name": None, "email": None}
            self.client_of_phone[body["phone"]] = id
        self.clients[id].update(body)
        return self.clients[id]

    def _new_case(self, integration_id: str) -> dict[str, Any]:
        id = next_id(self.cases)
        self.case_of_integration_id[integration_id] = id
        self.cases[id] = {
            "id": int(id),
            "readable_id": f"HL-{id}",
            "integration_id": integration_id,
            "description": "",
            "opened_on": None,
            "closed_on": None,
            "created_at": sample_data.stamp(self.now()),
        }
        return self.cases[id]

    def _reporting_row(self, case: Mapping[str, Any]) -> dict[str, Any]:
        attorney = self.staff[str(case["attorney_id"])]
        client = self.clients[str(case["client_id"])]
        return {
            "Internal ID": case["id"],
            "Integration ID": case["integration_id"],
            "Case Name": case["name"],
            "Practice Area": case["practice_area"],
            "Status": case["stage"],
            "Case Created At": case["created_at"],
            "Case Closed At": case["closed_on"],
            "Last Updated": case["updated_at"],
            "Attorneys": {"Attorney 1 Id": attorney["id"], "Attorney 1 Email": attorney["email"]},
            "Clients": {
                "Client 1 ID": client["id"],
                "Client 1 First Name": client["first_name"],
                "Client 1 Last Name": client["last_name"],
                "Client 1 Cell Phone": client["phone"],
                "Client 1 Email": client["email"],
            },
        }


def no_such_case(id: Any) -> Problem:
    """Say that there is no case ``id``."""
    return Problem(Code.UNKNOWN_CASE, "case", "Case not found.", str(id))


def refusal(problems: Iterable[Problem], status: int = 422) -> Response:
    """Answer with all problems at once."""
    return json_response(contract.error_body(problems), status)


def page_of(rows: Sequence[Any], request: Request) -> list[Any]:
    """Return the page a request asks for; pages past the end are empty."""
    size = max(1, request.args.get("size", PAGE_SIZE, type=int))
    first = (max(1, request.args.get("page[number]", 1, type=int)) - 1) * size
    return list(rows[first : first + size])


def by_id(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Index records by their id as text."""
    return {str(record["id"]): record for record in records}


def next_id(records: dict[str, Any]) -> str:
    """Return the id after the last one; ids are given in ascending order."""
    return str(int(next(reversed(records))) + 1)
