"""What webhooks delivered, with the buttons to send it through again; and a recipe's webhook itself."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.public_address import public_url
from engine.redaction import redact
from engine.run.webhooks.incoming import declaration
from engine.run.webhooks.replay import send_through_again
from engine.store.deliveries import Entry, count_deliveries, ignore_delivery, list_deliveries
from engine.store.hooks import Hook, list_hooks
from web.cards import loaded_recipes
from web.pages import plural
from web.site import Site, site
from web.times import When, when

bp = Blueprint("deliveries", __name__, url_prefix="/hooks/deliveries")

A_PAGE = 50
ON_RECIPE_PAGE = 5
#: Characters of a delivery's id that are shown.
LONGEST_ID = 40

#: State of a webhook: its colour and icon, and words.
HOOK_WORDS = {
    "pending": ("untried", "Not ready yet"),
    "enabled": ("working", "Works"),
    "broken": ("broken", "Doesn't work"),
    "removed": ("untried", "Switched off"),
}


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery in a table.

    :param look: the outcome or state that gives its colour and icon.
    :param what: the record's key and what happened to it.
    :param id: the vendor's own, by which it is told apart.
    """

    number: int
    recipe: str
    title: str
    what: str
    id: str
    look: str
    words: str
    problem: str
    received: When
    run_url: str
    may_be_ignored: bool


@dataclass(frozen=True)
class HookBox:
    """A recipe's webhook, ready for a template.

    :param address: to be copied into the vendor's pages, or to see whether it is the right one.
    :param provisional: nobody has said at what address others reach this Bridgework.
    :param instructions: how a person enters it at the vendor; empty where it is subscribed.
    :param refused: in words; empty where every request was genuine.
    """

    app: str
    connection: str
    state: str
    words: str
    address: str
    provisional: bool
    problem: str
    again: When | None
    instructions: str
    ends: When | None
    refused: str
    refused_because: str
    waiting: int
    rows: tuple[DeliveryRow, ...]


@bp.get("/")
def index() -> str:
    """List deliveries, newest first: all, or those of ``?recipe=``, or only ``?failed=1``."""
    recipe = request.args.get("recipe") or None
    failed = request.args.get("failed") == "1"
    before = request.args.get("before", type=int)
    found = list_deliveries(
        site().store, recipe=recipe, failed=failed, before=before, limit=A_PAGE + 1
    )
    shown = found[:A_PAGE]
    titles = {found.name: found.title for found in loaded_recipes(site())}
    return render_template(
        "deliveries/index.html",
        rows=[_row(entry, titles) for entry in shown],
        counts=count_deliveries(site().store, recipe=recipe),
        recipe=recipe,
        title=titles.get(recipe or "", recipe),
        failed=failed,
        older=shown[-1].id if len(found) > A_PAGE else None,
        newest=before is None,
    )


@bp.post("/again")
def again() -> Response:
    """Send one delivery through again, or all that failed."""
    number = request.form.get("id", type=int)
    recipe = request.form.get("recipe") or None
    ids = () if number is None else (number,)
    done = send_through_again(site().store, site().host, ids=ids, recipe=recipe)
    if done.waiting:
        words = plural(done.waiting, "delivery goes", "deliveries go")
        flash(f"{words} through again with the recipe's next run, in a moment.", "done")
    if done.unreadable:
        words = plural(done.unreadable, "delivery", "deliveries")
        flash(f"{words} still can't be read by the connector.", "problem")
    if not done.waiting and not done.unreadable:
        flash("There was nothing to send through again.", "note")
    return _back(recipe)


@bp.post("/<int:number>/ignore")
def ignore(number: int) -> Response:
    """Leave one delivery out."""
    if ignore_delivery(site().store, number):
        flash("The delivery is left out.", "done")
    else:
        flash("A run has taken it already.", "note")
    return _back(request.form.get("recipe") or None)


def hook_box(site: Site, recipe: str) -> HookBox | None:
    """Return a recipe's webhook; None where it never had one, or no longer wants one."""
    found = list_hooks(site.store, recipe=recipe)
    open_ones = [hook for hook in found if hook.state != "removed"] or found
    return _box(site, open_ones[-1]) if open_ones else None


def _box(site: Site, hook: Hook) -> HookBox:
    problem, base = redact(hook.problem), public_url()
    try:
        connector, declared = declaration(site.host, hook.trigger)
        app = connector.title
        instructions = (
            ""
            if declared.subscribe_function
            else declared.instructions
            or (f"Enter this address in {app}, where it asks for a webhook's address.")
        )
    except BridgeworkError as error:
        app, instructions, problem = hook.trigger.partition(".")[0], "", str(error)
    state, words = HOOK_WORDS[hook.state]
    rows = list_deliveries(site.store, recipe=hook.recipe, limit=ON_RECIPE_PAGE)
    return HookBox(
        app=app,
        connection=hook.connection,
        state=state,
        words=words,
        address=f"{base or request.host_url.rstrip('/')}/hooks/{hook.token}",
        provisional=not base,
        problem=problem,
        again=when(hook.retry_at) if hook.retry_at and hook.problem else None,
        instructions=instructions if hook.state != "removed" else "",
        ends=when(hook.expires_at) if hook.expires_at and hook.state != "removed" else None,
        refused=plural(hook.refused, "request was refused", "requests were refused")
        if hook.refused
        else "",
        refused_because=redact(hook.refused_because),
        waiting=count_deliveries(site.store, recipe=hook.recipe).get("waiting", 0),
        rows=tuple(_row(entry, {}) for entry in rows),
    )


def _row(entry: Entry, titles: dict[str, str]) -> DeliveryRow:
    look, words = {
        "waiting": ("queued", "Waits for a run"),
        "ignored": ("skipped", "Left out"),
        "unreadable": ("failed", "Can't be read"),
    }.get(entry.state, (entry.outcome or "unchanged", (entry.outcome or "done").capitalize()))
    return DeliveryRow(
        number=entry.id,
        recipe=entry.recipe,
        title=titles.get(entry.recipe, entry.recipe),
        what=" ".join(filter(None, (redact(entry.key), redact(entry.event)))) or "a record",
        id=redact(shorten(entry.delivery_id, LONGEST_ID)),
        look=look,
        words=words,
        problem=redact(entry.problem),
        received=when(entry.received_at),
        run_url=url_for("runs.show", run_id=entry.run_id) if entry.run_id else "",
        may_be_ignored=entry.state in ("waiting", "unreadable"),
    )


def shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _back(recipe: str | None) -> Response:
    if request.form.get("from") == "recipe" and recipe:
        if recipe not in site().library.names():
            abort(404)
        return redirect(url_for("recipes.show", name=recipe) + "#webhook")
    failed = request.form.get("failed") or None
    return redirect(url_for("deliveries.index", recipe=recipe, failed=failed))
