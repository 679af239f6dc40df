"""How a run ends: its status follows from the ledger, and its log says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from engine import redaction
from engine.run.telling.alerts import note_run, recipe_of
from engine.run.telling.events import note_finished
from engine.store import runs
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, outcome_counts, waiting_for_time
from engine.store.runs import Run, Status
from engine.store.tables import chunks


def finish(store: Store, run_id: int, end: Mapping[str, Any], now: datetime) -> Run:
    """Close a run; without a failure its status is derived from the ledger, never set beside it."""
    run = runs.get_run(store, run_id)
    assert run is not None
    recipe = recipe_of(store, run, failed=bool(end))
    with store.writing() as connection:
        counts = {**outcome_counts(connection, run_id)}
        if run.counts.get("unchanged"):
            counts["unchanged"] = run.counts["unchanged"]
        for_time = waiting_for_time(connection, run_id)
        values = {"status": status_of(run, counts, for_time), "message": "", **end}
        # What the run told meanwhile stays beside what came of it.
        values["hint"] = " ".join(filter(None, (end.get("hint", ""), run.hint)))
        if not end and values["status"] == "failed":
            values["message"] = "The report doesn't balance: some records are unaccounted for."
            values["hint"] = "This is a defect in Bridgework; run the recipe again and report it."
        for name in ("message", "hint"):
            values[name] = redaction.redact(str(values[name]))
        runs.change_run(connection, run_id, finished_at=now, **values)
        # What was parked comes with the next run; who is still at some of it can't settle it now.
        connection.execute(delete(chunks).where(chunks.c.run_id == run_id))
        level = "error" if values["status"] == "failed" else "info"
        runs.add_log(
            connection, run_id, values["message"] or _closing_words(counts, for_time), level
        )
        ended = replace(run, finished_at=now, counts=counts, **values)
        note_run(store, connection, ended, recipe, now)
        note_finished(connection, ended, now)
    finished = runs.get_run(store, run_id)
    assert finished is not None
    return finished


def _closing_words(counts: Mapping[str, int], for_time: int) -> str:
    attention = sum(counts.get(outcome, 0) for outcome in NEEDS_ATTENTION) - for_time
    if not attention:
        return "Finished; nothing needs attention."
    return (
        f"Finished; {attention} {'record needs' if attention == 1 else 'records need'} attention."
    )


def status_of(run: Run, counts: Mapping[str, int], for_time: int = 0) -> Status:
    """Derive a finished run's status from what the ledger holds.

    :param for_time: records that wait for a time to come, which need nobody.
    """
    if not replace(run, counts=counts).balances:
        return "failed"
    attention = sum(counts.get(outcome, 0) for outcome in NEEDS_ATTENTION) - for_time
    return "partial" if attention > 0 else "succeeded"
