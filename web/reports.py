"""The import report: every record of a run, what became of it, why, and a way to try again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug import Response
from werkzeug.utils import secure_filename

from engine.errors import BridgeworkError
from engine.report import (
    Gathered,
    as_csv,
    balance,
    gather,
    previous_run_at,
    retried_on,
    sentences,
)
from engine.report.rejected import has_rejected, write_rejected
from engine.run.start import request_retry
from engine.store import ledger, problems
from engine.store.ledger import NEEDS_ATTENTION, OUTCOMES, Outcome
from engine.store.runs import Run
from web import pages
from web.runs import run_or_404
from web.site import site
from web.times import viewer_now
from web.versions import run_version

bp = Blueprint("reports", __name__, url_prefix="/runs/<int:run_id>")

ATTENTION = "attention"
#: A printed page is for reading; whoever wants more takes the CSV.
PRINTED_AT_MOST = 1000


@dataclass(frozen=True)
class Filter:
    """Which records of the report are asked for.

    :param name: an outcome, ``attention`` or empty for all.
    :param keys: the records of the cause, where it speaks for others.
    """

    name: str
    search: str
    cause_id: int | None
    keys: Sequence[str] = ()

    @property
    def outcomes(self) -> Sequence[Outcome]:
        if self.name == ATTENTION:
            return NEEDS_ATTENTION
        return [outcome for outcome in OUTCOMES if outcome == self.name]

    @property
    def empty(self) -> bool:
        return not (self.name or self.search or self.cause_id)

    def arguments(self) -> dict[str, str | int]:
        """Return what stands in an address for it."""
        named = {"outcome": self.name, "q": self.search, "cause": self.cause_id}
        return {name: value for name, value in named.items() if value}


@bp.get("/report")
def show(run_id: int) -> str:
    """Show the report; ``?outcome= &q= &cause= &page=`` narrow it, ``?print=1`` is for paper."""
    run = run_or_404(run_id)
    found = gather(ledger.causes(site().store, run.id))
    chosen = _filter()
    chosen = replace(chosen, keys=pages.keys_of_cause(site().store, found, chosen.cause_id))
    printing = "print" in request.args
    total = _count(run, chosen)
    size = PRINTED_AT_MOST if printing else pages.PAGE_SIZE
    pager = pages.page_number(request.args.get("page"), total, size)
    said = sentences(run, since=previous_run_at(site().store, run), now=viewer_now())
    causes = _causes(run, found)
    return render_template(
        "reports/print.html" if printing else "reports/show.html",
        run=run,
        line=pages.run_line(run),
        headline=said[0],
        sentences=said[1:],
        balance=balance(run),
        balanced=run.active or run.balances,
        counts=pages.outcome_counts(run),
        attention=pages.attention_count(run),
        open=sum(cause.open for cause in causes if cause.outcome in pages.TO_RETRY),
        causes=causes,
        chosen=chosen,
        chosen_cause=next((c for c in causes if c.id == chosen.cause_id), None),
        rows=_rows(run, chosen, pager),
        pager=pager,
        on=run_version(run),
        rejected=not printing and has_rejected(site().store, run),
    )


@bp.get("/report.csv")
def download(run_id: int) -> Response:
    """Send all records, or those of ``?outcome=``, as CSV, a few at a time."""
    run = run_or_404(run_id)
    lines = as_csv(site().store, run, outcomes=_filter().outcomes)
    answer = current_app.response_class(_for_spreadsheets(lines), mimetype="text/csv")
    # A recipe's name is that of its file: it may hold quotes, and letters that headers don't take.
    name = f"{run.recipe}-report-{run.id}.csv"
    names = {"filename": secure_filename(name), "filename*": f"UTF-8''{quote(name, safe='')}"}
    answer.headers.set("Content-Disposition", "attachment", **names)
    return answer


@bp.get("/rejected/<form>")
def rejected(run_id: int, form: str) -> Response:
    """Send what did not come over, to be corrected and imported again."""
    run = run_or_404(run_id)
    if form not in {"csv", "xlsx"}:
        abort(404)
    try:
        recipe = site().library.load(run.recipe)
    except BridgeworkError:  # removed, or wrong now: then columns have plain names
        recipe = None
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"not-imported.{form}"
        write_rejected(site().store, site().host, run, recipe, path)
        content = path.open("rb")  # read while it is sent; the folder may be gone by then
    name = secure_filename(f"{run.recipe}-not-imported-{run.id}.{form}")
    answer = send_file(content, as_attachment=True, download_name=name)
    answer.cache_control.no_store = True
    return answer


@bp.post("/retry")
def retry(run_id: int) -> Response:
    """Try one record (``key``), one cause (``cause``) or everything again that failed.

    With ``arrived`` the unsure ones among them are there, says a person, and are not sent again.
    """
    run = run_or_404(run_id)
    cause_id = request.form.get("cause", type=int)
    found = gather(ledger.causes(site().store, run.id)) if cause_id else []
    keys = request.form.getlist("key") or pages.keys_of_cause(site().store, found, cause_id)
    everything: Sequence[Outcome] = () if keys or cause_id else pages.TO_RETRY
    try:
        new = request_retry(
            site().store,
            site().host,
            site().library,
            run,
            outcomes=everything,
            keys=keys,
            cause_id=None if keys else cause_id,
            arrived="arrived" in request.form,
        )
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("reports.show", run_id=run_id))
    site().enqueue(new)
    flash(retried_on(site().store, run, new), "note")
    return redirect(url_for("runs.show", run_id=new))


def _filter() -> Filter:
    name = request.args.get("outcome", "")
    return Filter(
        name=name if name in OUTCOMES or name == ATTENTION else "",
        search=request.args.get("q", "").strip()[:200],
        cause_id=request.args.get("cause", type=int),
    )


def _count(run: Run, chosen: Filter) -> int:
    if chosen.keys:
        return len(_entries(run, chosen)) if chosen.search else len(chosen.keys)
    return ledger.count_entries(
        site().store,
        run.id,
        outcomes=chosen.outcomes,
        cause_id=chosen.cause_id,
        search=chosen.search,
    )


def _entries(run: Run, chosen: Filter, pager: pages.Pager | None = None) -> list[ledger.Entry]:
    return ledger.entries(
        site().store,
        run.id,
        outcomes=NEEDS_ATTENTION if chosen.keys else chosen.outcomes,
        cause_id=None if chosen.keys else chosen.cause_id,
        search=chosen.search,
        keys=chosen.keys,
        after=pager.after if pager else 0,
        limit=pager.size if pager else None,
    )


def _rows(run: Run, chosen: Filter, pager: pages.Pager) -> list[pages.EntryRow]:
    entries = _entries(run, chosen, pager)
    wanted = [entry.key for entry in entries if entry.outcome in NEEDS_ATTENTION]
    still_open = problems.still_open(site().store, run.recipe, wanted) if wanted else frozenset()
    return [
        pages.entry_row(
            entry,
            recipe=run.recipe,
            still_open=entry.outcome in NEEDS_ATTENTION and entry.key in still_open,
        )
        for entry in entries
    ]


def _causes(run: Run, found: Sequence[Gathered]) -> list[pages.CauseBox]:
    still_open = problems.open_per_cause(site().store, run.id)
    return [
        pages.cause_box(
            run,
            one.cause,
            still_open=sum(still_open.get(id, 0) for id in one.ids),
            show_url=url_for("reports.show", run_id=run.id, cause=one.cause.id) + "#records",
        )
        for one in found
    ]


def _for_spreadsheets(lines: Iterator[str]) -> Iterator[str]:
    yield "\ufeff"  # without it Excel takes UTF-8 for the old code page and spoils names
    yield from lines
