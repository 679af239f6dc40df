"""``run`` carries a recipe out here and now; ``retry`` tries records of a run again."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

import click

from engine.cli.group import ExitCode
from engine.cli.reports import OUTCOME_NAMES
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.run.progress import Progress
    from engine.run.workers.attendance import Shift
    from engine.store.database import Store
    from engine.store.ledger import Outcome
    from engine.store.runs import Run


@click.command(short_help="Run a recipe, or preview what it would do.")
@click.argument("recipe", metavar="RECIPE")
@click.option("--preview", is_flag=True, help="Show what would happen; nothing is sent or stored.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when it has ended.")
@click.option("--limit", type=click.IntRange(1), help="Read at most so many records.")
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
@click.option(
    "--release", is_flag=True, help="Let through what the recipe's limits held in its last run."
)
@with_workspace
@click.pass_context
def run(
    context: click.Context,
    workspace: Workspace,
    recipe: str,
    preview: bool,
    as_json: bool,
    limit: int | None,
    full: bool,
    release: bool,
) -> None:
    """Run RECIPE, a name in the recipes folder or a file, and wait until it has ended.

    With --json it prints {"run": number, "recipe": name, "status": "succeeded", "partial",
    "failed", "held" or "cancelled", "counts": {outcome: number}, "seconds": number}. A preview has
    "run": null and the status "preview".
    """
    loaded = workspace.library.load(recipe)
    if preview:
        from engine.cli.previewing import show_preview

        context.exit(show_preview(workspace, loaded, limit=limit, full=full, as_json=as_json))
    from engine.run.start import AlreadyRunning, release_silent, released, request_run
    from engine.run.workers.attendance import Attendance
    from engine.store.runs import RunRequest

    asked = released(workspace.store, loaded.name) if release else RunRequest()
    asked = replace(asked, limit=limit or asked.limit, full=full or asked.full)
    with Attendance(workspace.store) as attendance:
        ask = partial(
            request_run,
            workspace.store,
            workspace.host,
            loaded,
            request=asked,
            worker=attendance.shift.worker,
        )
        try:
            run_id = ask()
        except AlreadyRunning as error:  # by a program that a power cut may have ended
            if not release_silent(workspace.store, error.run):
                raise
            run_id = ask()
        done = carry_out(workspace, run_id, attendance.shift, as_json=as_json)
    context.exit(done)


@click.command(short_help="Try records of a run again.")
@click.argument("run", metavar="RUN")
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice(OUTCOME_NAMES),
    multiple=True,
    help="Only records with this outcome; may be repeated. [default: all that need attention]",
)
@click.option(
    "--key", "keys", multiple=True, help="Only the record with this key; may be repeated."
)
@click.option(
    "--arrived",
    is_flag=True,
    help="The unsure ones are there: note it, and don't send them again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when it has ended.")
@with_workspace
@click.pass_context
def retry(
    context: click.Context,
    workspace: Workspace,
    run: str,
    outcomes: tuple[str, ...],
    keys: tuple[str, ...],
    arrived: bool,
    as_json: bool,
) -> None:
    """Try records of RUN again, on the recipe as it is now.

    RUN is a run's number, "latest", or a recipe's name. An unsure record was sent, but nobody knows
    whether it arrived: look in the other app, then retry it, or say with --arrived that it is there.
    """
    if arrived and set(outcomes) - {"unsure"}:
        raise click.UsageError("--arrived is for records with the outcome unsure alone.")
    from engine.cli.output import say
    from engine.report import retried_on
    from engine.run.start import request_retry
    from engine.run.workers.attendance import Attendance

    failed = workspace.find_run(run)
    with Attendance(workspace.store) as attendance:
        run_id = request_retry(
            workspace.store,
            workspace.host,
            workspace.library,
            failed,
            outcomes=cast("tuple[Outcome, ...]", outcomes),
            keys=keys,
            arrived=arrived,
            worker=attendance.shift.worker,
        )
        say(retried_on(workspace.store, failed, run_id))
        done = carry_out(workspace, run_id, attendance.shift, as_json=as_json)
    context.exit(done)


def carry_out(workspace: Workspace, run_id: int, shift: "Shift", *, as_json: bool) -> ExitCode:
    """Execute a run, show what came of it, and return the exit code that says so."""
    from engine.cli.output import console, print_json, say
    from engine.run.ending import finish
    from engine.run.runner import execute

    store = workspace.store
    with _stopping_politely(store, run_id) as interrupted, shown_progress() as progress:
        try:
            done = execute(store, workspace.host, run_id, on_progress=progress, shift=shift)
            while done.status == "queued":  # the database was away for a moment
                time.sleep(1)
                done = execute(store, workspace.host, run_id, on_progress=progress, shift=shift)
        except KeyboardInterrupt:
            end = {"status": "cancelled", "message": "It was stopped by hand."}
            done = finish(store, run_id, end, datetime.now(UTC))
    if as_json:
        print_json(run_line(done))
        if done.status == "failed":
            say(f"{done.message} {done.hint}".strip())
    else:
        from engine.cli.report_text import print_summary

        print_summary(console(), store, done)
        say(f"\nEach record: `bridgework report {done.id}{workspace.option}`")
    return ExitCode.INTERRUPTED if interrupted.is_set() else exit_code(done)


def run_line(done: "Run") -> dict[str, Any]:
    """Return what ``--json`` prints of a run that has ended."""
    return {
        "run": done.id,
        "recipe": done.recipe,
        "status": done.status,
        "counts": dict(done.counts),
        "seconds": round(done.seconds, 3),
    }


def exit_code(done: "Run") -> ExitCode:
    match done.status:
        case "succeeded":
            return ExitCode.DONE
        case "failed":
            return ExitCode.FAILED
    return ExitCode.ATTENTION


@contextmanager
def shown_progress() -> Iterator[Callable[["Progress"], None] | None]:
    """Show on a terminal how far a run has come; in a pipe, nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    from engine.cli.output import console

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading …", total=None)

        def show(progress: "Progress") -> None:
            parts = [f"{number:,} {outcome}" for outcome, number in progress.counts.items()]
            bar.update(task, description=f"{progress.read:,} read: {', '.join(parts)}")

        yield show


@contextmanager
def _stopping_politely(store: "Store", run_id: int) -> Iterator[threading.Event]:
    """Let the first Ctrl-C, or a politely asked end, stop the run after its chunk: its report is whole.

    A second one ends the command at once; what is settled stays, and the next run reads the rest.
    """
    from engine.store.runs import request_cancel

    interrupted = threading.Event()
    # A thread, for the interrupted code may hold the database's write lock.
    asking = threading.Thread(target=request_cancel, args=(store, run_id), daemon=True)

    def stop(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()
        click.echo("\nStopping after what is under way; Ctrl-C again stops at once.", err=True)
        asking.start()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if interrupted.is_set():
            asking.join()
