"""A practice Salesforce: one organization, its log-in, records, questions and bulk jobs, in memory.

What is documented and what was assumed is listed in this connector's README.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from werkzeug.utils import redirect

from engine.sdk import Request, Response, json_response, route
from plugins.salesforce.practice import sample_data
from plugins.salesforce.practice.access import PAGE, Access, signing_key
from plugins.salesforce.practice.answers import API_VERSION, Refused, not_found
from plugins.salesforce.practice.job_routes import JobRoutes
from plugins.salesforce.practice.jobs import Jobs
from plugins.salesforce.practice.limits import Limits
from plugins.salesforce.practice.model import OBJECTS
from plugins.salesforce.practice.record_routes import DATA, OBJECT, RecordRoutes
from plugins.salesforce.practice.soql import Query, parse
from plugins.salesforce.practice.store import Record, Records, as_moment, object_named
from plugins.salesforce.practice.writing import Writer

VERSIONED = re.compile(r"/services/data/v[2-9]\d\.0(/|$)")

#: Of the organization and the user in whose name the app works.
IDENTITY = f"https://login.salesforce.com/id/{sample_data.ORG_ID}/{sample_data.ADA}"


class PracticeSalesforce(RecordRoutes, JobRoutes):
    """One organization.

    :param rotates: whether refresh tokens are for one use.
    :param page_size: records of a page; Salesforce gives up to 2,000, and may give fewer.
    :param requests_a_day: as a developer organization has.
    """

    name: ClassVar[str] = "salesforce"

    def __init__(
        self,
        seed: int = 1,
        *,
        rotates: bool = True,
        page_size: int = 20,
        requests_a_day: int = 15_000,
        **options: Any,
    ) -> None:
        super().__init__(seed, **options)
        clock: Callable[[], float] = lambda: self.clock()  # noqa: E731 - tests may exchange it
        self.store = Records(clock)
        sample_data.fill(self.store, self.random, self.now())
        self.writer = Writer(self.store, sample_data.ADA)
        self.jobs = Jobs(self.store, self.writer)
        self.access = Access(clock, seed, IDENTITY, rotates=rotates)
        self.limits = Limits(clock, requests_a_day)
        self.page_size = page_size
        self._found: dict[str, tuple[Query, list[Record]]] = {}

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        app = {"client_id": self.access.client_id, "client_secret": self.access.client_secret}
        return {**app, **self.access.ready_made()}

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        app = {"log_in": log_in, "client_id": self.access.client_id}
        if log_in == "client_credentials":
            host = {"login_host": "harborlaw.my.salesforce.com"}
            return {**app, **host, "client_secret": self.access.client_secret}
        if log_in == "jwt":
            key = signing_key().as_pem(private=True).decode()
            return {**app, "username": self.access.username, "private_key": key}
        return {**self.credentials(), "log_in": log_in}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything the server holds, by object."""
        return {name: list(table.values()) for name, table in self.store.tables.items()}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record as a person would, or make one where the id is `new`."""
        model = object_named(kind)
        if id == "new":
            return self.writer.create(model, changes)
        record = self.store.get(model.name, id)
        if record is None:
            raise KeyError(id)
        if changes.get("IsDeleted"):
            return self.writer.delete(model, id)
        return self.writer.update(model, record, changes)

    def not_found(self, request: Request) -> Response:
        raise not_found()

    def refusal(self, request: Request) -> None:
        """Let only requests with a session through, of a version that there is, and count them."""
        self.access.check(request.headers.get("Authorization", ""))
        self.limits.count()
        if not VERSIONED.match(request.path):
            raise not_found()

    def answer(self, request: Request) -> Response:
        """Answer with how many requests there may be yet, where it was one of the API."""
        try:
            response = super().answer(request)
        except Refused as refused:
            response = refused.response()
        if request.path.startswith("/services/data/"):
            response.headers["Sforce-Limit-Info"] = self.limits.header
        return response

    @route("POST", "/_practice/expire")
    def practice_expire(self, request: Request) -> Response:
        return json_response({"ended": self.access.expire_all()})

    @route("POST", "/_practice/revoke")
    def practice_revoke(self, request: Request) -> Response:
        return json_response({"ended": self.access.revoke_all()})

    # -- log-in --------------------------------------------------------------------------------

    @route("GET", "/services/oauth2/authorize", open=True)
    def consent(self, request: Request) -> Response:
        if problem := self.access.problem_with(request.args):
            return Response(problem, 400, content_type="text/plain")
        page = PAGE.format(organization=sample_data.ORGANIZATION)
        return Response(page, content_type="text/html")

    @route("POST", "/services/oauth2/authorize", open=True)
    def decide(self, request: Request) -> Response:
        """Go back with a code, or without."""
        if problem := self.access.problem_with(request.args):
            return Response(problem, 400, content_type="text/plain")
        allowed = request.form.get("decision") == "allow"
        why = "end-user denied authorization"
        return redirect(self.access.back(request.args, allowed=allowed, error_description=why))

    @route("POST", "/services/oauth2/token", open=True)
    def token(self, request: Request) -> Response:
        given, basic = request.authorization, None
        if given is not None and given.type == "basic":
            basic = (str(given.username), str(given.password))
        return json_response(self.access.token(request.form, basic, request.host))

    # -- what there is -------------------------------------------------------------------------

    @route("GET", DATA + "/")
    def resources(self, request: Request) -> Response:
        """List what there is, and whose session it is."""
        names = ("sobjects", "query", "queryAll", "composite", "jobs", "limits")
        paths = {name: f"/services/data/{API_VERSION}/{name}" for name in names}
        return json_response({**paths, "identity": IDENTITY})

    @route("GET", DATA + "/limits")
    def show_limits(self, request: Request) -> Response:
        most = self.limits.most
        return json_response(
            {"DailyApiRequests": {"Max": most, "Remaining": most - self.limits.used}}
        )

    @route("GET", DATA + "/sobjects")
    def objects(self, request: Request) -> Response:
        outlines = [one.outline() for one in OBJECTS.values()]
        return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": outlines})

    @route("GET", OBJECT)
    def outline(self, request: Request, object: str) -> Response:
        model = object_named(object, 404)
        return json_response({"objectDescribe": model.outline(), "recentItems": []})

    @route("GET", OBJECT + "/describe")
    def describe(self, request: Request, object: str) -> Response:
        return json_response(object_named(object, 404).described())

    @route("GET", OBJECT + "/updated")
    @route("GET", OBJECT + "/deleted")
    def replicated(self, request: Request, object: str) -> Response:
        """List what was changed, or deleted, between two moments."""
        model = object_named(object, 404)
        start, end = (as_moment(datetime.fromisoformat(request.args[n])) for n in ("start", "end"))
        gone = request.path.rstrip("/").endswith("deleted")
        found = [
            one
            for one in self.store.tables[model.name].values()
            if one["IsDeleted"] == gone and start <= one["SystemModstamp"] <= end
        ]
        if not gone:
            return json_response({"ids": [one["Id"] for one in found], "latestDateCovered": end})
        rows = [{"id": one["Id"], "deletedDate": one["SystemModstamp"]} for one in found]
        about = {"earliestDateAvailable": start, "latestDateCovered": end}
        return json_response({"deletedRecords": rows, **about})

    # -- questions -----------------------------------------------------------------------------

    @route("GET", DATA + "/query")
    def query(self, request: Request) -> Response:
        return self._first_page(request, deleted=False)

    @route("GET", DATA + "/queryAll")
    def query_all(self, request: Request) -> Response:
        """Answer a query, with what lies in the recycle bin."""
        return self._first_page(request, deleted=True)

    @route("GET", DATA + "/query/<locator>")
    @route("GET", DATA + "/queryAll/<locator>")
    def query_more(self, request: Request, locator: str) -> Response:
        """Give the next page; what was found doesn't change meanwhile."""
        id, _, start = locator.partition("-")
        if id not in self._found or not start.isdigit():
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(id, int(start))

    def _first_page(self, request: Request, *, deleted: bool) -> Response:
        asked = parse(request.args.get("q", ""))
        found = self.store.find(asked, deleted=deleted)
        if asked.counts:
            return json_response({"totalSize": len(found), "done": True, "records": []})
        id = f"01gPr{len(self._found) + 1:010}"
        self._found[id] = (asked, found)
        return self._page(id, 0)

    def _page(self, id: str, start: int) -> Response:
        asked, found = self._found[id]
        end = start + self.page_size
        records = [self.store.shown(asked, one) for one in found[start:end]]
        body: dict[str, Any] = {"totalSize": len(found), "done": end >= len(found)}
        if end < len(found):
            body["nextRecordsUrl"] = f"/services/data/{API_VERSION}/query/{id}-{end}"
        return json_response({**body, "records": records})
