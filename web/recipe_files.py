"""A recipe's file as a whole: another name, or no file at all."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.run.recipes.editing import delete_recipe, rename_recipe
from engine.store.runs import list_runs
from web.cards import RecipeCard, any_name_or_404, recipe_card
from web.site import site

bp = Blueprint("recipe_files", __name__, url_prefix="/recipes")


@bp.route("/<name>/rename", methods=["GET", "POST"])
def rename(name: str) -> str | Response | tuple[str, int]:
    """Give a recipe another name; one that has run keeps its own."""
    card = _card(any_name_or_404(site(), name))
    ran = bool(list_runs(site().store, recipe=name, limit=1))
    new = request.form.get("name", name).strip()
    if request.method == "GET":
        return render_template("recipes/rename.html", card=card, new=new, ran=ran)
    try:
        rename_recipe(site().store, site().library, name, new)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return render_template("recipes/rename.html", card=card, new=new, ran=ran), 422
    flash(f"“{name}” is called “{new}” now.", "done")
    return redirect(url_for("editor.edit", name=new))


@bp.route("/<name>/delete", methods=["GET", "POST"])
def delete(name: str) -> str | Response:
    """Ask, then delete a recipe's file; what it did stays known."""
    card = _card(any_name_or_404(site(), name))
    if request.method == "GET":
        return render_template(
            "recipes/delete.html", card=card, callers=site().library.callers(name)
        )
    try:
        delete_recipe(site().store, site().host, site().library, name)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("editor.edit", name=name))
    flash(f"“{card.title}” is deleted. Its versions and reports stay.", "done")
    return redirect(url_for("versions.index", name=name))


def _card(name: str) -> RecipeCard:
    """Return what the page tells of a recipe; of one that others call, that is only its name."""
    if name in site().library.names():
        return recipe_card(site(), name)
    return RecipeCard(name=name, title=name)
