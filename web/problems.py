"""Open problems of one recipe: what still needs attention, whichever run met it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
from engine.report import retried_on
from engine.run.recipes.editing import present_version
from engine.run.start import request_run
from engine.store import problems
from engine.store.runs import RunRequest, get_run, get_runs
from web import pages
from web.cards import name_or_404, recipe_card
from web.site import Site, site

bp = Blueprint("problems", __name__, url_prefix="/recipes/<name>/problems")


@bp.get("/")
def show(name: str) -> str:
    """List the records, or those with the cause ``?cause=``, newest first."""
    card = recipe_card(site(), name_or_404(site(), name))
    cause_id = request.args.get("cause", type=int)
    causes = open_cause_boxes(site(), name)
    total = problems.count_open(site().store, name, cause_id=cause_id)
    pager = pages.page_number(request.args.get("page"), total)
    found = problems.open_entries(
        site().store, name, cause_id=cause_id, after=pager.after, limit=pager.size
    )
    return render_template(
        "recipes/problems.html",
        card=card,
        causes=causes,
        cause_id=cause_id,
        chosen_cause=next((box for box in causes if box.id == cause_id), None),
        rows=[_row(name, item) for item in found],
        pager=pager,
        version=present_version(site().store, site().library, name),
    )


@bp.post("/retry")
def retry(name: str) -> Response:
    """Try one record (``key``), one cause (``cause``) or everything open again.

    With ``arrived`` the unsure ones among them are there, says a person, and are not sent again.
    """
    name_or_404(site(), name)
    cause_id = request.form.get("cause", type=int)
    found = problems.open_entries(site().store, name, cause_id=cause_id)
    wanted = set(request.form.getlist("key"))
    arrived = "arrived" in request.form
    keys = [
        item.entry.key
        for item in found
        if (item.entry.key in wanted if wanted else item.entry.outcome in pages.TO_RETRY)
        and (not arrived or item.entry.outcome == "unsure")
    ]
    try:
        if not keys:
            raise SetupError("There is nothing to try again.", hint="It is settled already.")
        new = request_run(
            site().store,
            site().host,
            site().library.load(name),
            request=RunRequest(retry=tuple(keys), arrived=arrived),
            origin="retry",
            parent_id=found[0].run_id,
        )
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("problems.show", name=name))
    site().enqueue(new)
    before = get_run(site().store, found[0].run_id)
    if before is not None:
        flash(retried_on(site().store, before, new), "note")
    return redirect(url_for("runs.show", run_id=new))


def open_cause_boxes(site: Site, name: str) -> list[pages.CauseBox]:
    """Return what is wrong with the recipe's records, the most frequent first."""
    causes, boxes = problems.open_causes(site.store, name), []
    runs = get_runs(site.store, {found.run_id for found in causes})
    for found in causes:
        run = runs.get(found.run_id)
        if run is not None:
            url = url_for("problems.show", name=name, cause=found.cause.id) + "#records"
            boxes.append(
                pages.cause_box(run, found.cause, still_open=found.cause.count, show_url=url)
            )
    return boxes


def _row(recipe: str, item: problems.OpenEntry) -> pages.EntryRow:
    run_url = url_for("reports.show", run_id=item.run_id)
    return pages.entry_row(item.entry, recipe=recipe, still_open=True, run_url=run_url)
