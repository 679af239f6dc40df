"""A report on the terminal: the sentence, the sum, the causes with their fix, then the records."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.cli.output import plain, print_folded, print_table
from engine.local_time import local_now
from engine.redaction import redact
from engine.report import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    balance,
    cause_sentence,
    causes_of,
    moment,
    previous_run_at,
    sentences,
    took,
    version_number,
)
from engine.store.database import Store
from engine.store.ledger import (
    NEEDS_ATTENTION,
    OUTCOMES,
    Cause,
    Outcome,
    count_entries,
    entries,
)
from engine.store.runs import Run

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    "created": "green",
    "updated": "cyan",
    "unchanged": "dim",
    "skipped": "yellow",
    "rejected": "red",
    "failed": "red",
    "unsure": "magenta",
    "waiting": "magenta",
}

#: Records and causes listed before the rest is only counted.
LISTED = 20


def print_summary(target: "Console", store: Store, run: Run, *, why: bool = True) -> None:
    """Print what came of a run: sentences, sum and counts.

    :param why: print the causes, too.
    """
    now = local_now()
    target.print(plain(run.title), style="bold", soft_wrap=True)
    about = f"Run {run.id} · version {version_number(store, run)} · {STATUS_WORDS[run.status]}"
    if run.started_at is not None:
        about += f" · started {moment(run.started_at, now)}, took {took(run.seconds)}"
    target.print(about, style="dim", soft_wrap=True)
    target.print()
    for sentence in sentences(run, since=previous_run_at(store, run), now=now):
        print_folded(target, sentence)
    if run.read or run.counts:
        target.print(f"  {balance(run)}", style="bold", soft_wrap=True)
        target.print()
        for name in OUTCOMES:
            if run.counts.get(name):
                line = f"  {run.counts[name]:>7,} {name:<10}"
                target.print(line, OUTCOME_WORDS[name], style=STYLES[name], soft_wrap=True)
    if why:
        _print_causes(target, store, run)


def print_records(
    target: "Console",
    store: Store,
    run: Run,
    *,
    outcomes: Sequence[Outcome] = NEEDS_ATTENTION,
    limit: int | None = LISTED,
    option: str | None = "",
) -> None:
    """Print a run's records with one of the ``outcomes``, and how to see what is left out.

    :param option: what the suggested command needs to find the home; None: it will be gone.
    """
    total = count_entries(store, run.id, outcomes=outcomes)
    if not total:
        return
    chosen = "Records that need attention" if outcomes is NEEDS_ATTENTION else "Records"
    target.print()
    target.print(f"{chosen} ({total:,})", style="bold")
    listed = entries(store, run.id, outcomes=outcomes, limit=limit)
    headings = [run.source_noun.one.capitalize(), "Key", "Outcome", "Reason"]
    rows = [
        [redact(entry.title), entry.key, entry.outcome, redact(entry.reason or "")]
        for entry in listed
    ]
    if all(title == key for title, key, *_ in rows):  # as e-mail addresses are: once is enough
        for row in (headings, *rows):
            del row[1]
    print_table(target, headings, rows)
    if len(listed) < total:
        left = f"… and {total - len(listed):,} more"
        command = "." if option is None else f": `bridgework report {run.id} --all{option}`"
        target.print(left + command, style="dim", soft_wrap=True)


def _print_causes(target: "Console", store: Store, run: Run) -> None:
    found = causes_of(store, run)
    listed = found[:LISTED]
    for heading, causes in (
        ("Why", [cause for cause in listed if cause.outcome != "skipped"]),
        ("Left out", [cause for cause in listed if cause.outcome == "skipped"]),
    ):
        if causes:
            target.print()
            target.print(heading, style="bold")
        for cause in causes:
            _print_cause(target, run, cause)
    if len(found) > LISTED:
        target.print(f"  … and {len(found) - LISTED:,} more causes.", style="dim")


def _print_cause(target: "Console", run: Run, cause: Cause) -> None:
    print_folded(target, cause_sentence(run, cause), hang=2, style=STYLES[cause.outcome])
    if cause.how_to_fix:
        print_folded(target, redact(cause.how_to_fix), indent=6)
    # What the reason names already needn't be named again.
    reason = cause.reason.casefold()
    named = [redact(title) for title in cause.examples if title.casefold() not in reason]
    if named:
        start = "" if cause.count == len(named) else "For example: "
        print_folded(target, f"{start}{', '.join(named)}", indent=6, style="dim")
