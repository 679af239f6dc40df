"""What other systems are told of: the end of a run, and what became of a record.

An event says what the import report says and no more: no field of a source record is in it.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.public_address import public_link, report_path
from engine.redaction import redact
from engine.run.traveller import Traveller
from engine.store import outbox
from engine.store.database import Store
from engine.store.outbound import Event
from engine.store.runs import Run, list_runs
from engine.store.tables import ledger

#: Outcomes that are told, by their event.
OUTCOME_OF: Mapping[Event, str] = {
    "record.created": "created",
    "record.updated": "updated",
    "record.rejected": "rejected",
}

SAMPLES = 3

_RUN = {
    "recipe": "clio-to-casestatus",
    "title": "Clio matters become Case Status cases",
    "run": 42,
    "status": "partial",
    "read": 220,
    "counts": {"created": 3, "unchanged": 176, "rejected": 41},
    "messages": {},
    "fixed": 0,
    "message": "",
    "hint": "",
    "started_at": "2026-01-31T20:30:00+00:00",
    "finished_at": "2026-01-31T20:30:41+00:00",
    "url": "https://bridgework.example/runs/42/report",
}
_RECORD = {
    "recipe": "clio-to-casestatus",
    "run": 42,
    "key": "1520030011",
    "title": "00042-Okafor",
    "outcome": "created",
    "target_id": "8101",
    "code": None,
    "reason": None,
    "how_to_fix": None,
    "step": None,
    "field": None,
    "at": "2026-01-31T20:30:12+00:00",
    "url": "https://bridgework.example/runs/42/report",
}
_REJECTED = {
    "target_id": None,
    "code": "no_match",
    "reason": "The responsible attorney is not a user in Case Status yet.",
    "how_to_fix": "Add the attorney in Case Status, then retry.",
    "step": "lawyer",
}


def note_settled(
    connection: Connection,
    recipe: str,
    run_id: int,
    travellers: Iterable[Traveller],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Put what became of a chunk's records into the outbox, for those who want to know.

    Without a subscriber it costs one look at a small table.
    """
    wanted = outbox.wanted_by(connection, recipe)
    told = {OUTCOME_OF[event]: event for event in OUTCOME_OF if event in wanted}
    if not told:
        return
    now = clock()
    events: dict[Event, list[tuple[str, str]]] = {}
    for one in travellers:
        event = told.get(str(one.outcome))
        if event is not None:
            row = {name: getattr(one, name) for name in _FROM_TRAVELLER}
            events.setdefault(event, []).append(_written(event, _record(recipe, run_id, row, now)))
    for event, written in events.items():
        outbox.post(connection, written, wanted[event], now)


def note_finished(connection: Connection, run: Run, now: datetime) -> None:
    """Put the end of a run into the outbox, for those who want to know."""
    wanted = outbox.wanted_by(connection, run.recipe).get("run.finished")
    if wanted:
        written = _written("run.finished", _run(run))
        outbox.post(connection, [written], wanted, now)


def samples(store: Store, event: Event, recipe: str) -> list[dict[str, Any]]:
    """Return examples of an event, newest first: real ones, else one that is made up."""
    if event == "run.finished":
        found = [run for run in list_runs(store, recipe=recipe or None) if run.finished_at]
        bodies = [_run(run) for run in found[:SAMPLES]]
    else:
        bodies = _records(store, OUTCOME_OF[event], recipe)
    if not bodies:
        made_up = _RUN if event == "run.finished" else _RECORD
        bodies = [dict(made_up) | {"recipe": recipe or made_up["recipe"]}]
        if event != "run.finished":
            bodies[0] |= {"outcome": OUTCOME_OF[event]}
        if event == "record.rejected":
            bodies[0] |= _REJECTED
    # Ids of examples, so that each is told apart, and the same one is the same each time.
    return [
        {"id": f"sample-{body['run']}-{body.get('key', 'run')}", "event": event, **body}
        for body in bodies
    ]


_FROM_TRAVELLER = (
    "key", "title", "outcome", "target_id", "code", "reason", "how_to_fix", "step", "field",
)  # fmt: skip
_COLUMNS = [ledger.c[name] for name in _FROM_TRAVELLER[1:]]


def find_record(store: Store, recipe: str, key: str) -> list[dict[str, Any]]:
    """Return what became of a record the last time that a run of the recipe said so; none: nothing.

    Only the last runs are looked at. A record that a run found unchanged is as it was before.
    """
    found = list_runs(store, recipe=recipe)
    by_id = {run.id: run for run in found}
    query = (
        select(ledger.c.run_id, ledger.c.record_key.label("key"), *_COLUMNS)
        .where(ledger.c.run_id.in_(by_id), ledger.c.record_key == key)
        .order_by(ledger.c.run_id.desc(), ledger.c.id.desc())
        .limit(1)
    )
    with store.reading() as connection:
        rows = [row._asdict() for row in connection.execute(query)]
    told = []
    for row in rows:
        run = by_id[row.pop("run_id")]
        body = _record(run.recipe, run.id, row, run.finished_at or run.created_at)
        told.append({"id": f"{run.id}-{key}", **body})
    return told


def _written(event: Event, body: Mapping[str, Any]) -> tuple[str, str]:
    """Return a new event's id and its body as it is sent, each time it is tried."""
    id = uuid.uuid4().hex
    return id, json.dumps({"id": id, "event": event, **body}, ensure_ascii=False)


def _run(run: Run) -> dict[str, Any]:
    assert run.finished_at is not None
    return {
        "recipe": run.recipe,
        "title": run.title,
        "run": run.id,
        "status": run.status,
        "read": run.read,
        "counts": dict(run.counts),
        "messages": dict(run.messages),
        "fixed": run.fixed,
        "message": redact(run.message),
        "hint": redact(run.hint),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat(),
        "url": public_link(report_path(run.id)),
    }


def _record(recipe: str, run_id: int, row: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    texts = {
        name: redact(row[name]) if row[name] is not None else None
        for name in ("title", "reason", "how_to_fix")
    }
    told = {"recipe": recipe, "run": run_id, **row, **texts}
    return {**told, "at": at.isoformat(), "url": public_link(report_path(run_id))}


def _records(store: Store, outcome: str, recipe: str) -> list[dict[str, Any]]:
    """Return the last records with an outcome, from the last runs that had any."""
    columns = [ledger.c.record_key.label("key"), *_COLUMNS]
    found: list[dict[str, Any]] = []
    for run in list_runs(store, recipe=recipe or None):
        if not run.counts.get(outcome) or len(found) == SAMPLES:
            continue
        query = (
            select(*columns)
            .where(ledger.c.run_id == run.id, ledger.c.outcome == outcome)
            .order_by(ledger.c.id.desc())
            .limit(SAMPLES - len(found))
        )
        with store.reading() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        at = run.finished_at or run.created_at
        found += [_record(run.recipe, run.id, row, at) for row in rows]
    return found
