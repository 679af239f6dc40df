"""Runs as the runner leaves them, with records of every outcome, for pages to show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION
from engine.store.runs import RunRequest, change_run, create_run
from engine.store.tables import ledger, links, open_problems
from engine.store.versions import save_version

SAMPLES = Path(__file__).with_name("samples")


@dataclass
class Row:
    """One ledger row to seed; the fields are the table's columns."""

    record_key: str
    title: str
    outcome: str
    target_id: str | None = None
    code: str | None = None
    reason: str | None = None
    how_to_fix: str | None = None
    step: str | None = None
    field: str | None = None


@dataclass
class Seeder:
    """Writes runs as the runner leaves them, through the store's own functions and tables."""

    store: Store
    recipe: str = "contacts"
    title: str = "Contacts join the newsletter"
    nouns: dict[str, Sequence[str]] = field(
        default_factory=lambda: {"source": ("matter", "matters"), "target": ("case", "cases")}
    )

    def run(
        self,
        rows: Sequence[Row] = (),
        *,
        status: str | None = None,
        unchanged: Sequence[tuple[str, str]] = (),
        origin: str = "manual",
        request: RunRequest | None = None,
        parent_id: int | None = None,
        ago: timedelta = timedelta(minutes=3),
        **values: Any,
    ) -> int:
        """Make a finished run with these ledger rows; ``unchanged`` are key and title."""
        counts: dict[str, int] = {}
        for row in rows:
            counts[row.outcome] = counts.get(row.outcome, 0) + 1
        if unchanged:
            counts["unchanged"] = len(unchanged)
        attention = any(outcome in counts for outcome in NEEDS_ATTENTION)
        started = datetime.now(UTC) - ago
        path = SAMPLES / "contacts.yaml"
        with self.store.writing() as connection:
            version = save_version(connection, self.recipe, path, path.read_text())
            run_id = create_run(
                connection,
                recipe=self.recipe,
                title=self.title,
                version_id=version,
                request=request or RunRequest(),
                nouns=self.nouns,
                origin=origin,
                parent_id=parent_id,
            )
            settled = {
                "status": status or ("partial" if attention else "succeeded"),
                "read": len(rows) + len(unchanged),
                "counts": counts,
                "created_at": started,
                "started_at": started,
                "finished_at": started + timedelta(seconds=4),
            }
            change_run(connection, run_id, **{**settled, **values})
            self._settle(connection, run_id, rows, unchanged)
        return run_id

    def close_problem(self, key: str) -> None:
        table = open_problems.c
        with self.store.writing() as connection:
            connection.execute(
                delete(open_problems).where(table.recipe == self.recipe, table.record_key == key)
            )

    def row(self, record_key: str, title: str, outcome: str, **values: Any) -> Row:
        return Row(record_key, title, outcome, **values)

    def _settle(
        self,
        connection: Any,
        run_id: int,
        rows: Sequence[Row],
        unchanged: Sequence[tuple[str, str]],
    ) -> None:
        if rows:
            connection.execute(insert(ledger), [{"run_id": run_id, **vars(row)} for row in rows])
        still_open = [row for row in rows if row.outcome in NEEDS_ATTENTION]
        if still_open:
            sealed = self.store.vault.seal({})
            common = {"recipe": self.recipe, "first_run_id": run_id, "run_id": run_id}
            connection.execute(
                insert(open_problems),
                [
                    {
                        **common,
                        "record_key": row.record_key,
                        "outcome": row.outcome,
                        "source": sealed,
                    }
                    for row in still_open
                ],
            )
        came_over = [(row.record_key, row.title, row.target_id) for row in rows if row.target_id]
        came_over += [(key, title, f"T{key}") for key, title in unchanged]
        if came_over:
            connection.execute(
                insert(links),
                [
                    {
                        "recipe": self.recipe,
                        "step": "member",
                        "record_key": key,
                        "target_id": target,
                        "fingerprint": b"0" * 16,
                        "title": title,
                        "run_id": run_id,
                    }
                    for key, title, target in came_over
                ],
            )


def every_outcome() -> list[Row]:
    """Return rows with every outcome that has one."""
    no_user = "The responsible attorney j.doe@harborlaw.example is not a user in Case Status yet."
    rows = [
        Row(str(n), f"{n:05} Whitfield v. Harbor Trust Company", "created", f"C{n}")
        for n in range(100, 160)
    ]
    rows += [
        Row(str(n), f"{n:05} Estate of Søren Ångström", "updated", f"C{n}") for n in range(200, 207)
    ]
    rows += [
        Row(str(n), f"{n:05} Álvarez, name change", "rejected", None, "no_staff", no_user,
            "Invite j.doe@harborlaw.example in Case Status under Staff.", "lawyer", "email")
        for n in range(300, 341)
    ]  # fmt: skip
    rows += [
        Row("400", "=HYPERLINK(\"http://x.example\")", "rejected", None, "missing_value",
            "The client has no phone number.", "Add a mobile number to the client in Clio.",
            "case", "client.phone"),
        Row("401", "00401 Ng and Ng", "skipped", None, "skipped",
            "This matter has no client in Clio.", None, "skip", None),
        Row("402", "00402 <script>alert(1)</script>", "failed", None, "unavailable",
            "Case Status did not answer for 30 seconds.", "Try again later.", "case", None),
        Row("403", "00403 Okafor", "unsure", None, "no_answer",
            "The message was sent, but no answer came.", "Look whether it is there.", "note", None),
        Row("404", "00404 Petrov", "waiting", None, "asked",
            "Someone must say which client this is.", "Answer the question.", "ask", None),
    ]  # fmt: skip
    return rows
