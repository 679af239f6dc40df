"""Big imports: Bulk API 2.0, where Salesforce works on a file of records by itself.

A job is made, its CSV is sent, it is closed, and then asked about until it ends. What became of the
rows stands in up to three CSV files, in no promised order; they are matched by external id.
"""

import csv
import io
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.sdk import (
    Accepted,
    Context,
    Record,
    Rejected,
    RemoteError,
    RetryableError,
    RowResult,
)
from plugins.salesforce.actions import ExternalIdField, UpsertRow
from plugins.salesforce.api import answer_of, field_named, heard, name_of
from plugins.salesforce.fields import Object
from plugins.salesforce.refusals import LEFT_OUT, refused_record
from plugins.salesforce.rows import in_waves

#: Rows of one call; the server cuts a job into batches of as many itself (documented).
BULK_SIZE = 10_000

#: Bytes of one job; 150 MB are taken after they are encoded, so 100 MB are advised (documented).
LARGEST_FILE = 100 * 1024 * 1024

#: Seconds between the questions how far a job is, and until it is given up.
FIRST_PAUSE, LONGEST_PAUSE, PATIENCE = 0.1, 10.0, 1800.0

#: An empty field of the file leaves the record's as it is; this empties it (documented).
EMPTY = "#N/A"

ENDED = frozenset({"JobComplete", "Failed", "Aborted"})

CSV = {"Content-Type": "text/csv; charset=UTF-8"}

NOT_DONE = Rejected(
    "Salesforce stopped the import before it came to this record.",
    code="unprocessed",
    hint="Retry the record.",
)


def bulk_upsert(
    ctx: Context, *, object: Object, external_id_field: ExternalIdField, rows: list[UpsertRow]
) -> list[RowResult]:
    """Create or update thousands of records: Salesforce works on them by itself, for minutes.

    It needs a handful of requests for up to 10,000 records. For a few hundred, `upsert_records` is
    quicker.
    """
    name = str(field_named(ctx, object, external_id_field)["name"])
    job = {"object": name_of("an object", object), "externalIdFieldName": name}
    results: list[RowResult] = [LEFT_OUT] * len(rows)
    for wave in in_waves(row["external_id"] for row in rows):
        for part in _parts([(place, _flat(name, rows[place])) for place in wave]):
            found = _import(ctx, job, name, part)
            for place, flat in part:
                results[place] = found.get(flat[name], LEFT_OUT)
    return results


def _flat(name: str, row: UpsertRow) -> dict[str, str]:
    """Return a row of the file: related records as ``Account.Clio_Id__c``."""
    flat = {name: row["external_id"]}
    for field, value in row["fields"].items():
        if field.lower() == name.lower():
            continue
        if isinstance(value, Mapping):
            flat |= {f"{field}.{inner}": _cell(part) for inner, part in value.items()}
        else:
            flat[field] = _cell(value)
    return flat


def _cell(value: Any) -> str:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _parts(rows: list[tuple[int, dict[str, str]]]) -> Iterator[list[tuple[int, dict[str, str]]]]:
    """Yield rows that fit into one job."""
    part: list[tuple[int, dict[str, str]]] = []
    size = 0
    for row in rows:
        # Quotes may double a value's; a row has a name in the header at most once.
        length = sum(2 * len(value.encode()) + len(name) + 3 for name, value in row[1].items())
        if part and size + length > LARGEST_FILE:
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part


def _import(
    ctx: Context, job: Record, name: str, part: list[tuple[int, dict[str, str]]]
) -> dict[str, RowResult]:
    """Do one job, and return what became of its rows, by external id."""
    about = {"operation": "upsert", "contentType": "CSV", "lineEnding": "LF"}
    made = ctx.http.post("/jobs/ingest", json={**job, **about, "columnDelimiter": "COMMA"})
    path = f"/jobs/ingest/{answer_of(heard(ctx, made), 'id')['id']}"
    ctx.http.put(f"{path}/batches", content=_file([flat for _, flat in part]), headers=CSV)
    ctx.http.patch(path, json={"state": "UploadComplete"})
    ended = _wait(ctx, path)
    results: dict[str, RowResult] = {}
    for row in _table(ctx, f"{path}/successfulResults"):
        record = {"id": row["sf__Id"], "success": True, "created": row["sf__Created"] == "true"}
        results[row[name]] = Accepted(record, created=bool(record["created"]))
    for row in _table(ctx, f"{path}/failedResults"):
        results[row[name]] = refused_record([_error(row["sf__Error"])])
    if ended["state"] != "JobComplete":
        reason = str(ended.get("errorMessage") or "")
        for row in _table(ctx, f"{path}/unprocessedrecords"):
            results.setdefault(row[name], NOT_DONE)
        if not results:
            raise RemoteError(f"Salesforce could not do the import: {reason or ended['state']}.")
    return results


def _file(rows: list[dict[str, str]]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _wait(ctx: Context, path: str) -> Record:
    """Wait until a job ends.

    :raises RetryableError: it takes too long; it was told to stop.
    """
    pause, waited = FIRST_PAUSE, 0.0
    while True:
        job = answer_of(heard(ctx, ctx.http.get(path)), "state")
        if job["state"] in ENDED:
            return job
        if waited >= PATIENCE:
            break
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.6, LONGEST_PAUSE)
    ctx.http.patch(path, json={"state": "Aborted"})
    raise RetryableError(
        f"Salesforce did not finish an import within {PATIENCE / 60:.0f} minutes; it was stopped.",
        hint="Run it again: what was done is not done twice. Setup, Bulk Data Load Jobs shows it.",
    )


def _table(ctx: Context, path: str) -> Iterable[dict[str, str]]:
    response = heard(ctx, ctx.http.get(path, headers={"Accept": "text/csv"}))
    text = response.content.decode("utf-8-sig")
    if text.lstrip().startswith("<"):
        raise RemoteError("Salesforce answered with a page in the place of an import's results.")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _error(said: str) -> Mapping[str, Any]:
    """Return a refusal as other requests have it, from ``CODE:message:field --`` (seen by others)."""
    code, _, rest = said.partition(":")
    message, colon, names = rest.rpartition(":")
    names = names.removesuffix("--").strip()
    fields = [name.strip() for name in names.split(",") if name.strip()]
    return {"statusCode": code.strip(), "message": message if colon else rest, "fields": fields}
