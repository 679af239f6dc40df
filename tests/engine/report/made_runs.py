"""Runs and their records, written as the runner leaves them."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import insert

from engine.store import runs, tables
from engine.store.database import Store
from engine.store.runs import Run, RunRequest
from engine.store.versions import save_version

NEW_YORK = timezone(timedelta(hours=-5))
NOW = datetime(2026, 11, 24, 21, 0, tzinfo=NEW_YORK)


def make_run(
    store: Store,
    counts: dict[str, int] | None = None,
    *,
    status: str = "succeeded",
    nouns: dict[str, list[str]] | None = None,
    request: RunRequest | None = None,
    origin: str = "manual",
    **values: object,
) -> Run:
    counts = counts or {}
    nouns = nouns or {"source": ["matter", "matters"], "target": ["case", "cases"]}
    with store.writing() as connection:
        version = save_version(connection, "nightly", Path("nightly.yaml"), "name: Nightly")
        run_id = runs.create_run(
            connection,
            recipe="nightly",
            title="Matters become cases",
            version_id=version,
            request=request or RunRequest(),
            nouns=nouns,
            origin=origin,
        )
        changes = {"read": sum(counts.values()), "counts": counts, "status": status, **values}
        runs.change_run(connection, run_id, **changes)
    run = runs.get_run(store, run_id)
    assert run is not None
    return run


def add_entries(store: Store, run: Run, *rows: dict[str, object]) -> None:
    empty = dict.fromkeys(("target_id", "code", "reason", "how_to_fix", "step", "field"))
    with store.writing() as connection:
        connection.execute(
            insert(tables.ledger),
            [
                {**empty, "run_id": run.id, "title": f"Matter {row['record_key']}", **row}
                for row in rows
            ],
        )
