"""Runs: the list, one run's live page with its log and recipe version, and the stop button."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug import Response

from engine.redaction import redact
from engine.report import STATUS_WORDS, headline
from engine.store import runs as store_runs
from engine.store.ledger import OUTCOMES
from engine.store.runs import Run
from engine.store.versions import get_version
from web.pages import outcome_counts, run_line
from web.site import site
from web.times import viewer_now, when
from web.versions import run_version

bp = Blueprint("runs", __name__, url_prefix="/runs")

RUNS_A_PAGE = 25


@bp.get("/")
def index() -> str:
    """List all runs, or those of ``?recipe=``, newest first."""
    recipe = request.args.get("recipe") or None
    before = request.args.get("before", type=int)
    found = store_runs.list_runs(site().store, recipe=recipe, before=before, limit=RUNS_A_PAGE + 1)
    shown = found[:RUNS_A_PAGE]
    older = shown[-1].id if len(found) > RUNS_A_PAGE else None
    return render_template(
        "runs/index.html",
        runs=[run_line(run) for run in shown],
        recipe=recipe,
        recipe_title=shown[0].title if recipe and shown else recipe,
        older=older,
        newest=before is None,
    )


@bp.get("/<int:run_id>")
def show(run_id: int) -> str:
    """Show how a run goes, or went: progress, log, the recipe as it was."""
    run = run_or_404(run_id)
    version = get_version(site().store, run.version_id)
    return render_template(
        "runs/show.html",
        run=run,
        line=run_line(run),
        progress=_progress(run, after=0),
        counts=outcome_counts(run),
        recipe_lines=version.text.splitlines(),
        recipe_file=version.path.name,
        on=run_version(run),
    )


@bp.get("/<int:run_id>/progress")
def progress(run_id: int) -> Response:
    """Tell the live page how far the run is, with the log lines after ``?after=``."""
    after = request.args.get("after", default=0, type=int)
    return jsonify(_progress(run_or_404(run_id), after=after))


@bp.post("/<int:run_id>/cancel")
def cancel(run_id: int) -> Response:
    run = run_or_404(run_id)
    if run.active:
        store_runs.request_cancel(site().store, run_id)
        flash("The run stops as soon as it can. What has come over stays.", "done")
    else:
        flash("The run had finished already.", "note")
    return redirect(url_for("runs.show", run_id=run_id))


def run_or_404(run_id: int) -> Run:
    return store_runs.get_run(site().store, run_id) or abort(404)


def _progress(run: Run, *, after: int) -> dict[str, Any]:
    settled = sum(run.counts.values())
    retried = run.request.retry
    return {
        "active": run.active,
        "status": run.status,
        "status_words": "Stopping"
        if run.active and run.cancel_requested
        else STATUS_WORDS[run.status],
        "sentence": headline(run, now=viewer_now()),
        "read": run.read,
        "settled": settled,
        # How much there is to read is known only where keys were given.
        "total": len(retried) if retried is not None else None,
        "counts": {outcome: run.counts.get(outcome, 0) for outcome in OUTCOMES},
        "report": url_for("reports.show", run_id=run.id),
        "log": [
            {
                "id": number,
                "level": line.level,
                "message": redact(line.message),
                "clock": f"{line.at.astimezone(viewer_now().tzinfo):%H:%M:%S}",
                "exact": when(line.at).exact,
                "at": line.at.isoformat(timespec="seconds"),
            }
            for number, line in store_runs.log_lines(site().store, run.id, after=after)
        ],
    }
