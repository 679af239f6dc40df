"""What ``run --preview`` shows: what would become of each record, and the rows that would be sent."""

import time

from engine.cli.group import ExitCode
from engine.cli.output import console, plain, print_json, print_table, say
from engine.cli.report_text import LISTED, STYLES
from engine.cli.workspace import Workspace
from engine.recipe.model import Recipe
from engine.redaction import redact, redact_within
from engine.report.values import spoken
from engine.run.differences import flat
from engine.run.preview import Preview, PreviewEntry, PreviewRow, document, preview
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
                "changes": [redact(sentence) for sentence in found.changes],
                "held": redact(found.held),
                "seconds": round(time.monotonic() - started, 3),
                "records": [redact_within(document(entry)) for entry in found.entries],
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
    for sentence in (*found.changes, *filter(None, [found.held])):
        say(sentence)
    if not found.entries:
        say("The source has nothing new for it.")
    # What nothing happens to comes last: a preview is read for the others.
    ordered = sorted(found.entries, key=lambda entry: entry.outcome == "unchanged")
    if ordered:
        target.print()
        rows = [
            (redact(entry.title), entry.outcome, redact(_said(entry))) for entry in ordered[:LISTED]
        ]
        print_table(target, ("Record", "Outcome", "Why, or what would be sent"), rows)
    if len(ordered) > LISTED:
        say(f"… and {len(ordered) - LISTED:,} more; --json prints all.")
    if found.more:
        say("It stopped at the limit: the source may have more.")


def _said(entry: PreviewEntry) -> str:
    """Return why a record ends, or what would be sent of it."""
    if entry.said:
        return entry.said
    told = [row for row in entry.rows if row.outcome != "unchanged"]
    texts = [_row(row) for row in told[-2:]]
    if len(told) > 2:
        texts.append(f"and {len(told) - 2:,} more")
    return " / ".join(text for text in texts if text)


def _row(row: PreviewRow) -> str:
    """Return what a row changes as ``field: before → after``, or all of it, cut to fit."""
    if row.changes is not None:
        text = "; ".join(f"{c.field}: {spoken(c.before)} → {spoken(c.after)}" for c in row.changes)
    else:
        text = "; ".join(f"{name}: {spoken(value)}" for name, value in flat(row.values))
    return text if len(text) <= ROW_WIDTH else text[: ROW_WIDTH - 1] + "…"
