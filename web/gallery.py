"""Beginning a recipe with one that came with Bridgework."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
from engine.recipe.gallery import examples, find_example
from engine.run.recipes.beginning import begin_with, free_name
from web.site import site

bp = Blueprint("gallery", __name__, url_prefix="/gallery")


@bp.get("/")
def index() -> str:
    """Offer the examples; ``?app=`` leaves those of one app."""
    connectors = site().host.connectors
    everything = examples()
    used = sorted({app for example in everything for app in example.apps})
    app = request.args.get("app", "")
    titles = {name: connectors[name].title if name in connectors else name for name in used}
    return render_template(
        "gallery/index.html",
        examples=[example for example in everything if not app or app in example.apps],
        titles=titles,
        chosen=app,
    )


@bp.post("/<name>")
def begin(name: str) -> Response:
    """Copy an example into the folder of recipes, and lead to its text."""
    try:
        example = find_example(name)
    except SetupError:
        abort(404)
    made = free_name(site().library, name)
    try:
        begin_with(site().store, site().library, made, example, by=current_user.email)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("gallery.index"))
    flash(f"“{made}” is yours now, switched off. Change what is different with you.", "done")
    return redirect(url_for("editor.edit", name=made))
