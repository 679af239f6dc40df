"""``runs`` lists what ran; ``report`` says what became of each record of a run."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.runs import Run

OUTCOME_NAMES = (
    "created", "updated", "unchanged", "skipped", "rejected", "failed", "unsure", "waiting",
)  # fmt: skip  # as engine.store.ledger.OUTCOMES, which is slow to import; a test compares them


@click.command()
@click.option("--recipe", metavar="NAME", help="Only runs of this recipe.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def runs(workspace: Workspace, recipe: str | None, limit: int, as_json: bool) -> None:
    """List runs, the newest first."""
    from engine.cli.output import console, print_json, print_table, say
    from engine.report import STATUS_WORDS, balance, headline, moment
    from engine.store.runs import list_runs
    from engine.store.versions import version_numbers

    found = list_runs(workspace.store, recipe=recipe, limit=limit)
    if as_json:
        from engine.report.export import run_document

        print_json([run_document(workspace.store, run) for run in found], indent=2)
        return
    if not found:
        say("Nothing has run yet. Start a recipe with `bridgework run RECIPE`.")
        return
    numbers = version_numbers(workspace.store, {run.version_id for run in found})
    print_table(
        console(),
        ("Run", "Recipe", "Version", "Started", "Status", "What happened", "Records"),
        (
            (
                str(run.id),
                run.recipe,
                str(numbers[run.version_id]),
                moment(run.started_at or run.created_at),
                STATUS_WORDS[run.status],
                headline(run),
                balance(run),
            )
            for run in found
        ),
    )


@click.command(short_help="Show what became of each record of a run.")
@click.argument("run", metavar="RUN")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
    help="json, csv and html hold every record; csv is safe to open in a spreadsheet.",
)
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice(OUTCOME_NAMES),
    multiple=True,
    help="In the table, list records with this outcome; may be repeated. "
    "[default: those that need attention]",
)
@click.option("--all", "everything", is_flag=True, help="In the table, list every record.")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the records that did not come over to FILE (.csv or .xlsx), with the reasons "
    "beside them: correct it and import it again.",
)
@with_workspace
def report(
    workspace: Workspace,
    run: str,
    form: str,
    outcomes: tuple[str, ...],
    everything: bool,
    rejected: Path | None,
) -> None:
    """Show what became of each record of RUN: its number, "latest", or a recipe's name."""
    from typing import cast

    from engine import report as reports
    from engine.cli.output import console
    from engine.cli.report_text import print_records, print_summary
    from engine.store.ledger import OUTCOMES, Outcome

    store = workspace.store
    found = workspace.find_run(run)
    if rejected is not None:
        _write_rejected(workspace, found, rejected)
        return
    writers = {"json": reports.as_json, "csv": reports.as_csv, "html": reports.as_html}
    if form in writers:
        for piece in writers[form](store, found):
            click.echo(piece.encode("utf-8", "replace"), nl=False)  # whatever the terminal speaks
        return
    target = console()
    print_summary(target, store, found)
    if everything:
        print_records(target, store, found, outcomes=OUTCOMES, limit=None)
    elif outcomes:
        print_records(
            target, store, found, outcomes=cast(tuple[Outcome, ...], outcomes), limit=None
        )
    else:
        print_records(target, store, found, option=workspace.option)


def _write_rejected(workspace: Workspace, run: "Run", path: Path) -> None:
    from engine.cli.output import say
    from engine.errors import BridgeworkError
    from engine.report.rejected import write_rejected

    try:
        recipe = workspace.library.load(run.recipe)
    except BridgeworkError:  # removed, or wrong now: then columns have plain names
        recipe = None
    count = write_rejected(workspace.store, workspace.host, run, recipe, path)
    say(
        f"{count:,} record{'s' * (count != 1)} that did not come over "
        f"{'are' if count != 1 else 'is'} in '{path}'. Correct them there and import the file again."
        if count
        else f"Everything of run {run.id} came over; '{path}' has only its header."
    )
