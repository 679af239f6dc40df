"""A practice Case Status: reads as a published third-party connector knows them, writes as assumed.

The reports, `/v1/api/messages` and `/v1/api/files` answer in the shape that the Airbyte connector
for Case Status declares. Everything else follows `assumed_contract.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.assumed_contract import Code, Problem
from plugins.casestatus.practice import reports, rules, sample_data
from plugins.casestatus.practice.answers import (
    API_KEY,
    Refused,
    by_id,
    next_id,
    page_of,
)


class PracticeCaseStatus(PracticeServer):
    """Case Status in memory, with the firm of :mod:`sample_data`.

    :param mappings: names from elsewhere that stand for a name here, by ``practice_area`` and
        ``stage``; several may stand for the same one (support pages: integration mappings).
    """

    name: ClassVar[str] = "casestatus"

    def __init__(
        self,
        seed: int = 1,
        *,
        mappings: Mapping[str, Mapping[str, str]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, **options)
        self.mappings = {name: dict(known) for name, known in (mappings or {}).items()}
        self.stages = list(sample_data.STAGES)
        self.staff = by_id(sample_data.staff())
        self.clients = by_id(sample_data.clients())
        self.cases = by_id(sample_data.cases(self.random, self.now()))
        self.messages = sample_data.messages(list(self.cases.values()), self.now())
        self.files = sample_data.files(list(self.cases.values()), self.now())
        self.client_of_phone = {client["phone"]: id for id, client in self.clients.items()}
        self.case_of_integration_id = {
            case["integration_id"]: id
            for id, case in self.cases.items()
            if case["integration_id"] is not None
        }

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        return {"api_key": API_KEY}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "staff": list(self.staff.values()),
            "clients": list(self.clients.values()),
            "cases": list(self.cases.values()),
            "messages": list(self.messages),
            "files": list(self.files),
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record of ``staff`` or ``cases``, or what an integration's names stand for.

        The id ``new`` adds a staff member, or to a case (``case_id``) a message of its client
        (``content``) or a file (``file_name``).
        """
        if kind == "mappings":
            self.mappings.setdefault(id, {}).update(changes)
            return self.mappings[id]
        if kind in ("messages", "files"):
            case = self.cases[str(changes["case_id"])]
            return self._received(kind, case, changes)
        if kind == "staff" and id == "new":
            id = next_id(self.staff)
            self.staff[id] = {"id": int(id), "name": "", "email": "", "role": "attorney"}
        record = {"staff": self.staff, "cases": self.cases}[kind][id]
        record.update(changes)
        if kind == "cases":
            record["updated_at"] = sample_data.stamp(self.now())
        return record

    def _received(
        self, kind: str, case: dict[str, Any], changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        rows, make = {
            "messages": (self.messages, sample_data.message),
            "files": (self.files, sample_data.file),
        }[kind]
        made = make(len(rows), case, self.now())
        made.update({name: value for name, value in changes.items() if name in made})
        rows.append(made)
        return made

    def refusal(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"ApiKey {API_KEY}":
            problem = Problem(Code.UNAUTHORIZED, "", "The API key is not valid.")
            raise Refused([problem], 401)

    def not_found(self, request: Request) -> Response:
        raise Refused([Problem("not_found", "", f"There is nothing at {request.path}.")], 404)

    # -- reads known from a third party --------------------------------------------------------

    @route("GET", contract.REPORTED_FIRM)
    def firm(self, request: Request) -> Response:
        """Answer one row of figures; only the two last names are known."""
        row = {
            "Firm Name": sample_data.FIRM,
            "Average Response Time": "3 hours",
            "Cases Per Active User": "18",
        }
        return json_response({"results": page_of([row], request)})

    @route("GET", contract.REPORTED_CASES)
    def reporting_cases(self, request: Request) -> Response:
        """Answer cases under labels with spaces."""
        rows = [
            reports.row_of(case, self.staff, self.clients, self.messages)
            for case in page_of(list(self.cases.values()), request)
        ]
        return json_response({"results": rows})

    @route("GET", contract.MESSAGES)
    def list_messages(self, request: Request) -> Response:
        """Answer a list without a wrapper; that ``?case_id=`` narrows it is assumed."""
        case = self.cases.get(request.args.get("case_id", ""))
        chosen = [
            message
            for message in self.messages
            if case is None or message["readable_id"] == case["readable_id"]
        ]
        return json_response(page_of(chosen, request))

    @route("GET", contract.FILES)
    def list_files(self, request: Request) -> Response:
        """Answer a list without a wrapper."""
        return json_response(page_of(self.files, request))

    # -- assumed -------------------------------------------------------------------------------

    @route("GET", contract.STAFF)
    def list_staff(self, request: Request) -> Response:
        """Answer the staff, or those with an e-mail address, capitals aside."""
        email = request.args.get("email", "").casefold()
        people = [p for p in self.staff.values() if not email or p["email"].casefold() == email]
        return json_response({"results": page_of(people, request)})

    @route("GET", contract.PRACTICE_AREAS)
    def list_practice_areas(self, request: Request) -> Response:
        areas = [
            {"id": 11 + position, "name": name, "stages": self.stages}
            for position, name in enumerate(sample_data.PRACTICE_AREAS)
        ]
        return json_response({"results": page_of(areas, request)})

    @route("POST", contract.CLIENTS)
    def upsert_client(self, request: Request) -> Response:
        """Add a client or update the one with this phone number."""
        body = request.get_json()
        if problems := rules.client_problems(body):
            raise Refused(problems)
        created = body["phone"] not in self.client_of_phone
        return json_response(self._keep_client(body), 201 if created else 200)

    @route("POST", contract.CASES)
    def upsert_case(self, request: Request) -> Response:
        """Add a case or update the one with this integration id."""
        body = rules.mapped(request.get_json(), self.mappings)
        if problems := self._case_problems(body):
            raise Refused(problems)
        known = self.case_of_integration_id.get(body["integration_id"])
        case = self.cases[known] if known else self._new_case(body["integration_id"])
        case["attorney_id"] = self._attorney(body["attorney"])
        case["client_id"] = self._keep_client(body["client"])["id"]
        if body.get("paralegal"):
            case["paralegal_id"] = self._attorney(body["paralegal"])
        for name in rules.PLAIN:
            if name in body:
                case[name] = body[name]
        case["updated_at"] = sample_data.stamp(self.now())
        return json_response(case, 200 if known else 201)

    @route("GET", contract.CASE.format(id="<id>"))
    def show_case(self, request: Request, id: str) -> Response:
        return json_response(self._case(id))

    @route("PATCH", contract.CASE.format(id="<id>"))
    def update_case(self, request: Request, id: str) -> Response:
        """Move a case to another stage, close it, or join it to a record elsewhere."""
        self._case(id)
        body = rules.mapped(request.get_json(), self.mappings)
        problems = rules.stage_problems(body["stage"], self.stages) if "stage" in body else []
        problems += rules.date_problems(body)
        if wanted := body.get("integration_id"):
            if self.case_of_integration_id.get(wanted, id) != id:
                message = "Integration id is taken."
                problems.append(
                    Problem(Code.INTEGRATION_ID_TAKEN, "integration_id", message, str(wanted))
                )
            elif not problems:
                self.case_of_integration_id[wanted] = id
        if problems:
            raise Refused(problems)
        known = {name: body[name] for name in rules.CHANGEABLE if name in body}
        return json_response(self.edit("cases", id, known))

    @route("POST", contract.MESSAGES)
    def send_message(self, request: Request) -> Response:
        """Keep a message; two equal ones are two messages."""
        body = request.get_json()
        case = self._case(str(body.get("case_id")))
        if not body.get("content"):
            raise Refused([rules.required("text")])
        message = sample_data.message(len(self.messages), case, self.now())
        message.update(type="outgoing", content=body["content"], sender_name=sample_data.FIRM)
        self.messages.append(message)
        return json_response(message, 201)

    def _case(self, id: str) -> dict[str, Any]:
        if id not in self.cases:
            raise Refused([Problem(Code.UNKNOWN_CASE, "case", "Case not found.", id)], 404)
        return self.cases[id]

    def _case_problems(self, body: Mapping[str, Any]) -> list[Problem]:
        attorney = body.get("attorney")
        problems = rules.case_problems(body, stages=self.stages)
        if attorney and self._attorney(attorney) is None:
            message = "Attorney not found."
            problems.append(Problem(Code.UNKNOWN_ATTORNEY, "attorney", message, str(attorney)))
        paralegal = body.get("paralegal")
        if paralegal and self._attorney(paralegal) is None:
            message = "Paralegal not found."
            problems.append(Problem(Code.UNKNOWN_PARALEGAL, "paralegal", message, str(paralegal)))
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
            "case_type": None,
            "paralegal_id": None,
            "created_at": sample_data.stamp(self.now()),
        }
        return self.cases[id]
