"""A report on the terminal: the sentence, the sum, the causes with their fix, then the records."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.cli.output import plain, print_table
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
        target.print(f"  {plain(sentence)}", soft_wrap=True)
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
    option: str = "",
) -> None:
    """Print a run's records with one of the ``outcomes``, and how to see what is left out.

    :param option: what the suggested command needs to find the home.
    """
    total = count_entries(store, run.id, outcomes=outcomes)
    if not total:
        return
    chosen = "Records that need attention" if outcomes is NEEDS_ATTENTION else "Records"
    target.print()
    target.print(f"{chosen} ({total:,})", style="bold")
    listed = entries(store, run.id, outcomes=outcomes, limit=limit)
    print_table(
        target,
        (run.source_noun.one.capitalize(), "Key", "Outcome", "Reason"),
        (
            (redact(entry.title), entry.key, entry.outcome, redact(entry.reason or ""))
            for entry in listed
        ),
    )
    if len(listed) < total:
        command = f"bridgework report {run.id} --all{option}"
        target.print(f"… and {total - len(listed):,} more: `{command}`", style="dim")


def _print_causes(target: "Console", store: Store, run: Run) -> None:
    found = causes_of(store, run)
    if not found:
        return
    target.print()
    target.print("Why", style="bold")
    for cause in found[:LISTED]:
        sentence = plain(cause_sentence(run, cause))
        target.print(f"  {sentence}", style=STYLES[cause.outcome], soft_wrap=True)
        if cause.how_to_fix:
            target.print(f"      {plain(redact(cause.how_to_fix))}", soft_wrap=True)
        # What the reason names already needn't be named again.
        named = [redact(title) for title in cause.examples if title not in cause.reason]
        if named:
            start = "" if cause.count == len(named) else "For example: "
            target.print(f"      {start}{plain(', '.join(named))}", style="dim", soft_wrap=True)
    if len(found) > LISTED:
        target.print(f"  … and {len(found) - LISTED:,} more causes.", style="dim")
