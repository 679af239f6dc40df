"""Paths of Bulk API 2.0."""

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.salesforce.practice.jobs import Jobs

JOBS = "/services/data/<version>/jobs"
CSV = "text/csv"


class JobRoutes(PracticeServer):
    """Takes and gives files of records."""

    jobs: Jobs

    @route("POST", JOBS + "/ingest")
    def open_ingest(self, request: Request) -> Response:
        return json_response(self.jobs.create(request.get_json(), query=False))

    @route("PUT", JOBS + "/ingest/<id>/batches")
    def upload(self, request: Request, id: str) -> Response:
        self.jobs.upload(self.jobs.get(id), request.get_data())
        return Response(status=201)

    @route("PATCH", JOBS + "/ingest/<id>")
    @route("PATCH", JOBS + "/query/<id>")
    def change_job(self, request: Request, id: str) -> Response:
        state = str(request.get_json().get("state"))
        return json_response(self.jobs.change(self.jobs.get(id), state))

    @route("GET", JOBS + "/ingest/<id>")
    @route("GET", JOBS + "/query/<id>")
    def show_job(self, request: Request, id: str) -> Response:
        return json_response(self.jobs.asked(self.jobs.get(id)))

    @route("DELETE", JOBS + "/ingest/<id>")
    @route("DELETE", JOBS + "/query/<id>")
    def delete_job(self, request: Request, id: str) -> Response:
        del self.jobs.jobs[self.jobs.get(id).id]
        return Response(status=204)

    @route("GET", JOBS + "/ingest/<id>/<kind>")
    def results(self, request: Request, id: str, kind: str) -> Response:
        table = self.jobs.table(self.jobs.get(id), kind)
        return Response(table, content_type=CSV)

    @route("POST", JOBS + "/query")
    def open_query(self, request: Request) -> Response:
        return json_response(self.jobs.create(request.get_json(), query=True))

    @route("GET", JOBS + "/query/<id>/results")
    def query_results(self, request: Request, id: str) -> Response:
        start = int(request.args.get("locator") or 0)
        size = int(request.args.get("maxRecords") or 50_000)
        text, count, following = self.jobs.page(self.jobs.get(id), start, size)
        headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(count)}
        return Response(text, headers=headers, content_type=CSV)
