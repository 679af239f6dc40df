"""Recipes: the list with its switches, one recipe's page, and the buttons that start a run."""

from urllib.parse import quote

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.run.recipes.editing import present_version
from engine.run.recipes.switching import switch_off, switch_on
from engine.run.start import released, request_run
from engine.store.runs import RunRequest, list_runs
from web import pages
from web.cards import name_or_404, recipe_card, recipe_cards
from web.deliveries import hook_box
from web.drift import broken_by_changes
from web.problems import open_cause_boxes
from web.site import site

bp = Blueprint("recipes", __name__, url_prefix="/recipes")

RUNS_SHOWN = 10
#: Recipes from which on a list is searched rather than looked through.
MANY = 8


@bp.get("/")
def index() -> str:
    """List the recipes that are in use, then the others; ``?q=`` finds some of them."""
    every = recipe_cards(site())
    search = request.args.get("q", "").strip()[:200]
    cards = [card for card in every if card.tells_of(search)]
    return render_template(
        "recipes/index.html",
        groups=(
            ("In use", "used", [card for card in cards if card.in_use]),
            ("Not in use", "unused", [card for card in cards if not card.in_use]),
        ),
        search=search,
        many=len(every) > MANY,
        called=site().library.called(),
        folder=site().library.folder,
    )


@bp.get("/<name>")
def show(name: str) -> str:
    """Show one recipe: what it does, what is wrong, its runs, and its text."""
    path = site().library.path(name_or_404(site(), name))
    present_version(site().store, site().library, name)
    card = recipe_card(site(), name)
    return render_template(
        "recipes/show.html",
        card=card,
        file=path.name,
        lines=path.read_text("utf-8", errors="replace").splitlines(),
        marked={finding.line for finding in card.findings},
        causes=open_cause_boxes(site(), name),
        hook=hook_box(site(), name),
        changed=broken_by_changes(name),
        runs=[
            pages.run_line(run) for run in list_runs(site().store, recipe=name, limit=RUNS_SHOWN)
        ],
    )


@bp.post("/<name>/switch")
def switch(name: str) -> Response:
    """Switch the recipe on or off; one with mistakes can't be switched on."""
    card = recipe_card(site(), name_or_404(site(), name))
    on = request.form.get("on") == "1"
    if on and card.broken:
        why = card.mistakes if card.unconnected else "It has mistakes: correct them first."
        flash(f"“{card.title}” can't be switched on. {why}", "problem")
        return redirect(url_for("recipes.show", name=name))
    try:
        if on:
            problem = switch_on(site().store, site().host, site().library.load(name))
        else:
            problem = switch_off(site().store, site().host, name)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return _back(name)
    flash(f"“{card.title}” is {'on' if on else 'off'}.", "done")
    if problem:
        flash(f"Its webhook isn't {'ready' if on else 'ended'} yet: {problem}", "problem")
    return _back(name)


@bp.post("/<name>/run")
def run(name: str) -> Response:
    """Start a run now; with ``full`` everything is read again, not only what changed."""
    name_or_404(site(), name)
    asked = RunRequest(full=request.form.get("full") == "1")
    return _start(name, asked)


@bp.post("/<name>/release")
def release(name: str) -> Response:
    """Start a run that lets through what the recipe's limits held."""
    name_or_404(site(), name)
    return _start(name, released(site().store, name))


def _start(name: str, asked: RunRequest) -> Response:
    try:
        recipe = site().library.load(name)
        new = request_run(site().store, site().host, recipe, request=asked)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("recipes.show", name=name))
    site().enqueue(new)
    return redirect(url_for("runs.show", run_id=new))


@bp.app_template_global()
def recipe_page(name: str, page: str) -> str:
    """Return the address of one of a recipe's further pages; empty where there is no such page."""
    address = f"/recipes/{quote(name, safe='')}/{page}"
    return address if current_app.url_map.bind("").test(address) else ""


def _back(name: str) -> Response:
    """Return to the page whose button was pressed."""
    if request.form.get("from") == "recipe":
        return redirect(url_for("recipes.show", name=name))
    return redirect(url_for("recipes.index") + f"#{name}")
