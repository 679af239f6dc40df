"""What ``run --preview`` shows: what would become of each record, and the rows that would be sent."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from engine.cli.group import ExitCode
from engine.cli.output import console, plain, print_json, print_table, say
from engine.cli.report_text import LISTED, STYLES
from engine.cli.workspace import Workspace
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.run.preview import Preview, PreviewEntry, preview
from engine.store.ledger import NEEDS_ATTENTION, OUTCOMES

#: Characters of a row shown in the table.
ROW_WIDTH = 160


def show_preview(
    workspace: Workspace, recipe: Recipe, *, limit: int | None, full: bool, as_json: bool
) -> ExitCode:
    """Try the recipe without sending, show what would happen, and return the exit code."""
    started = time.monotonic()
    found = preview(workspace.store, workspace.host, recipe, limit=limit, full=full)
    if as_json:
        print_json(
            {
                "run": None,
                "recipe": recipe.name,
                "status": "preview",
                "counts": dict(found.counts),
                "seconds": round(time.monotonic() - started, 3),
            }
        )
    else:
        _print(recipe, found)
    attention = any(found.counts.get(outcome) for outcome in NEEDS_ATTENTION)
    return ExitCode.ATTENTION if attention else ExitCode.DONE


def _print(recipe: Recipe, found: Preview) -> None:
    target = console()
    target.print(f"Preview of '{plain(recipe.title)}': nothing was sent.", style="bold")
    for name in OUTCOMES:
        if found.counts.get(name):
            target.print(f"  {found.counts[name]:>7,} would be {name}", style=STYLES[name])
    if found.entries:
        target.print()
        rows = [
            (redact(entry.title), entry.outcome, redact(entry.reason or _row(entry)))
            for entry in found.entries[:LISTED]
        ]
        print_table(target, ("Record", "Outcome", "Reason, or what would be sent"), rows)
    if len(found.entries) > LISTED:
        say(f"… and {len(found.entries) - LISTED:,} more.")


def _row(entry: PreviewEntry) -> str:
    """Return the last step's row as ``field: value`` pairs, cut to fit."""
    if not entry.rows:
        return ""
    text = "; ".join(_pairs(list(entry.rows.values())[-1]))
    return text if len(text) <= ROW_WIDTH else text[: ROW_WIDTH - 1] + "…"


def _pairs(row: Mapping[str, Any], inside: str = "") -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _pairs(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}: {value}"
