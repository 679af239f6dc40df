"""Bulk API 2.0 at the practice server: jobs that take CSV, and jobs that give it.

A job is in progress when it is first asked about and done the next time, as a short one would be.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.salesforce.practice.answers import Refused
from plugins.salesforce.practice.model import ObjectModel
from plugins.salesforce.practice.soql import parse
from plugins.salesforce.practice.store import Record, Records, object_named
from plugins.salesforce.practice.writing import Writer, external_id

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^"}
DELIMITERS["BACKQUOTE"] = "`"
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
LARGEST = 150 * 1024 * 1024
EMPTY = "#N/A"


@dataclass
class Job:
    """One job.

    :param asked: how often it was asked about since it was closed.
    """

    id: str
    about: dict[str, Any]
    state: str = "Open"
    csv: str = ""
    asked: int = 0
    done: list[tuple[dict[str, str], Record, bool]] = field(default_factory=list)
    failed: list[tuple[dict[str, str], str]] = field(default_factory=list)
    unprocessed: list[dict[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def delimiter(self) -> str:
        return DELIMITERS[self.about["columnDelimiter"]]

    @property
    def newline(self) -> str:
        return "\r\n" if self.about["lineEnding"] == "CRLF" else "\n"


class Jobs:
    """All jobs, and the work they do.

    :ivar slowness: how often a job says that it is in progress.
    :ivar stops_after: rows after which a job fails, as one does that takes too long.
    """

    def __init__(self, records: Records, writer: Writer) -> None:
        self._records, self._writer = records, writer
        self.jobs: dict[str, Job] = {}
        self.slowness = 1
        self.stops_after: int | None = None

    def create(self, given: Mapping[str, Any], *, query: bool) -> dict[str, Any]:
        """Open a job.

        :raises Refused: what is asked for isn't possible.
        """
        about = {"columnDelimiter": "COMMA", "lineEnding": "LF", "contentType": "CSV", **given}
        if about["columnDelimiter"] not in DELIMITERS or about["lineEnding"] not in ("LF", "CRLF"):
            raise Refused(400, "INVALIDJOB", "unknown column delimiter or line ending")
        if query:
            asked = parse(str(about.get("query", "")))
            about["object"] = object_named(asked.object).name
        else:
            model = object_named(str(about.get("object", "")))
            if about.get("operation") not in OPERATIONS:
                raise Refused(400, "INVALIDJOB", "Operation not supported")
            if about["operation"] == "upsert":
                external_id(model, str(about.get("externalIdFieldName", "")))
        prefix = "750" if not query else "7502"
        job = Job(f"{prefix}Pr{len(self.jobs) + 1:0{15 - len(prefix) - 2}}AAA"[:18], about)
        job.state = "UploadComplete" if query else "Open"
        self.jobs[job.id] = job
        return self.shown(job)

    def get(self, id: str) -> Job:
        job = self.jobs.get(id)
        if job is None:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def upload(self, job: Job, body: bytes) -> None:
        """Take a job's CSV, once.

        :raises Refused: it isn't open, or has its file.
        """
        if job.state != "Open" or job.csv:
            raise Refused(400, "INVALIDJOBSTATE", f"job is {job.state} or has its data already")
        if len(body) > LARGEST:
            raise Refused(400, "TOO_LARGE", "the data exceeds the maximum size")
        job.csv = body.decode("utf-8")

    def change(self, job: Job, state: str) -> dict[str, Any]:
        """Close or abort a job.

        :raises Refused: it can't be.
        """
        if state not in ("UploadComplete", "Aborted") or job.state in ("JobComplete", "Failed"):
            raise Refused(400, "INVALIDJOBSTATE", f"Invalid job state: {state}")
        job.state = state
        return self.shown(job)

    def asked(self, job: Job) -> dict[str, Any]:
        """Tell how far a job is, and let it work."""
        if job.state in ("UploadComplete", "InProgress"):
            job.asked += 1
            if job.asked > self.slowness:
                self._query(job) if "query" in job.about else self._ingest(job)
            else:
                job.state = "InProgress"
        return self.shown(job)

    def shown(self, job: Job) -> dict[str, Any]:
        counts = {
            "numberRecordsProcessed": len(job.done) + len(job.failed) + len(job.result[1:]),
            "numberRecordsFailed": len(job.failed),
        }
        error = {"errorMessage": job.error} if job.error else {}
        return {
            **job.about,
            "id": job.id,
            "state": job.state,
            "apiVersion": 67.0,
            **counts,
            **error,
        }

    # -- results -------------------------------------------------------------------------------

    def table(self, job: Job, kind: str) -> str:
        """Return a file of results; the order is not that of the rows."""
        match kind.lower():
            case "successfulresults":
                rows = [
                    {"sf__Id": record["Id"], "sf__Created": str(new).lower(), **row}
                    for row, record, new in reversed(job.done)
                ]
                first = ["sf__Id", "sf__Created"]
            case "failedresults":
                rows = [{"sf__Id": "", "sf__Error": error, **row} for row, error in job.failed]
                first = ["sf__Id", "sf__Error"]
            case "unprocessedrecords":
                rows, first = job.unprocessed, []
            case _:
                raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return _written([*first, *job.columns], rows, job)

    def page(self, job: Job, start: int, size: int) -> tuple[str, int, str]:
        """Return a part of a query's result, its rows, and where the next part begins."""
        if job.state != "JobComplete":
            raise Refused(400, "INVALIDJOBSTATE", "the job is not complete")
        header, *rows = job.result
        part = rows[start : start + size]
        following = str(start + size) if start + size < len(rows) else "null"
        return "".join([header, *part]), len(part), following

    def _ingest(self, job: Job) -> None:
        model = object_named(job.about["object"])
        reader = csv.DictReader(io.StringIO(job.csv, newline=""), delimiter=job.delimiter)
        job.columns = list(reader.fieldnames or ())
        unknown = [name for name in job.columns if not _known(model, name)]
        if "\r\n" in job.csv.partition("\n")[0] + "\n" and job.newline == "\n":
            return self._fail(job, "InvalidBatch : LineEnding is invalid on user data", reader)
        if unknown:
            return self._fail(
                job, f"InvalidBatch : Field name not found : {', '.join(unknown)}", reader
            )
        for count, row in enumerate(reader):
            if self.stops_after is not None and count >= self.stops_after:
                job.unprocessed = [row, *reader]
                job.state, job.error = "Failed", "InternalServerError : Retried more than 10 times"
                return None
            try:
                job.done.append((row, *self._write(model, job.about, row)))
            except Refused as refused:
                fields = ",".join(refused.fields or ())
                job.failed.append((row, f"{refused.code}:{refused.message}:{fields} --"))
        job.state = "JobComplete"
        return None

    def _fail(self, job: Job, why: str, rows: Any) -> None:
        job.state, job.error, job.unprocessed = "Failed", why, list(rows)

    def _write(
        self, model: ObjectModel, about: Mapping[str, Any], row: Mapping[str, str]
    ) -> tuple[Record, bool]:
        values: dict[str, Any] = {}
        for name, cell in row.items():
            if cell in ("", None):
                continue
            value = None if cell == EMPTY else cell
            relation, _, inner = name.partition(".")
            if inner:
                values[relation] = {inner: value}
            else:
                values[name] = value
        match about["operation"]:
            case "insert":
                return self._writer.create(model, values), True
            case "upsert":
                name = str(about["externalIdFieldName"])
                value = next((values.pop(n) for n in list(values) if n.lower() == name.lower()), "")
                return self._writer.upsert(model, name, value, values)
        id = str(next((values.pop(n) for n in list(values) if n.lower() == "id"), ""))
        if about["operation"] != "update":
            return self._writer.delete(model, id), False
        found = self._records.get(model.name, id)
        if found is None:
            raise Refused(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        return self._writer.update(model, found, values), False

    def _query(self, job: Job) -> None:
        query = parse(job.about["query"])
        deleted = job.about.get("operation") == "queryAll"
        model = object_named(query.object)
        rows = [
            {name: _cell(self._records.value(model, one, name)) for name in query.fields}
            for one in self._records.find(query, deleted=deleted)
        ]
        lines = _written(list(query.fields), rows, job).split(job.newline)
        job.result = [line + job.newline for line in lines if line]
        job.state = "JobComplete"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).replace("\n", " ")


def _known(model: ObjectModel, name: str) -> bool:
    relation, _, inner = name.partition(".")
    return (model.relation(relation) if inner else model.find(name)) is not None


def _written(columns: list[str], rows: list[dict[str, str]], job: Job) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text, columns, delimiter=job.delimiter, lineterminator=job.newline, quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
