"""A report as a file: JSON for scripts, CSV for spreadsheets; written piece by piece at any size."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from engine.redaction import redact
from engine.report.on_version import version_number
from engine.report.words import headline, previous_run_at
from engine.store.database import Store
from engine.store.ledger import Entry, Outcome, stream_entries
from engine.store.runs import Run

#: What is told of each record, in this order; scripts rely on the names.
COLUMNS = (
    "key",
    "title",
    "outcome",
    "code",
    "reason",
    "how_to_fix",
    "step",
    "field",
    "target_id",
)

#: A spreadsheet takes a cell that starts with one of these for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(store: Store, run: Run) -> Iterator[str]:
    """Yield ``{"run": 7, "recipe": …, "records": [{…}, …]}`` as text, a record a line."""
    yield f'{_dumped(run_document(store, run))[:-1]},\n "records": ['
    separator = "\n  "
    for entry in stream_entries(store, run.id):
        yield separator + _dumped(record_document(entry))
        separator = ",\n  "
    yield "\n ]}\n"


def as_csv(store: Store, run: Run, *, outcomes: Sequence[Outcome] = ()) -> Iterator[str]:
    """Yield the records as CSV text, a line each, safe to open in a spreadsheet.

    :param outcomes: only these; empty means all.
    """
    yield _csv_line(COLUMNS)
    for entry in stream_entries(store, run.id, outcomes=outcomes):
        record = record_document(entry)
        yield _csv_line([_safe(record[name]) for name in COLUMNS])


def run_document(store: Store, run: Run) -> dict[str, Any]:
    """Return what scripts may know of a run."""
    return {
        "run": run.id,
        "recipe": run.recipe,
        "title": run.title,
        "version": version_number(store, run),
        "status": run.status,
        "headline": headline(run, since=previous_run_at(store, run)),
        "message": redact(run.message),
        "how_to_fix": redact(run.hint),
        "read": run.read,
        "counts": dict(run.counts),
        "messages": dict(run.messages),
        "balances": run.balances,
        "fixed": run.fixed,
        "origin": run.origin,
        "retry_of": run.parent_id,
        "created_at": _iso(run.created_at),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "seconds": round(run.seconds, 3),
    }


def record_document(entry: Entry) -> dict[str, Any]:
    """Return one record as scripts read it; texts that others wrote are cleared of secrets."""
    return {
        "key": entry.key,
        "title": redact(entry.title),
        "outcome": entry.outcome,
        "code": entry.code,
        "reason": None if entry.reason is None else redact(entry.reason),
        "how_to_fix": None if entry.how_to_fix is None else redact(entry.how_to_fix),
        "step": entry.step,
        "field": entry.field,
        "target_id": entry.target_id,
    }


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
