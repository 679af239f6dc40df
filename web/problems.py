"""Open problems of one recipe: what still needs attention, whichever run met it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
from engine.report import gather, retried_on
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
    one_cause = _of_cause(name, cause_id)
    total = len(one_cause.get("keys", ())) or problems.count_open(site().store, name, **one_cause)
    pager = pages.page_number(request.args.get("page"), total)
    found = problems.open_entries(
        site().store, name, **one_cause, after=pager.after, limit=pager.size
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
    found = problems.open_entries(site().store, name, **_of_cause(name, cause_id))
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
    found = problems.open_causes(site.store, name)
    run_of = {one.cause.id: one.run_id for one in found}
    runs = get_runs(site.store, set(run_of.values()))
    boxes = []
    for one in gather(item.cause for item in found):
        run = runs.get(max(run_of[id] for id in one.ids))
        if run is not None:
            url = url_for("problems.show", name=name, cause=one.cause.id) + "#records"
            boxes.append(pages.cause_box(run, one.cause, still_open=one.cause.count, show_url=url))
    return boxes


def _of_cause(name: str, cause_id: int | None) -> dict[str, Any]:
    """Return what narrows the open records down to those of a cause."""
    if cause_id is None:
        return {}
    found = gather(item.cause for item in problems.open_causes(site().store, name))
    keys = pages.keys_of_cause(site().store, found, cause_id)
    return {"keys": keys} if keys else {"cause_id": cause_id}


def _row(recipe: str, item: problems.OpenEntry) -> pages.EntryRow:
    run_url = url_for("reports.show", run_id=item.run_id)
    return pages.entry_row(item.entry, recipe=recipe, still_open=True, run_url=run_url)
