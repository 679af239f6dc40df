"""A recipe in plain sentences and as a picture."""

from flask import Blueprint, render_template
from markupsafe import Markup

from engine.errors import BridgeworkError
from engine.recipe.explain.outline import explain
from engine.recipe.explain.picture import draw
from web.cards import name_or_404, recipe_card
from web.site import site

bp = Blueprint("explaining", __name__, url_prefix="/recipes")


@bp.get("/<name>/explained")
def show(name: str) -> str:
    card = recipe_card(site(), name_or_404(site(), name))
    try:
        outline = explain(site().library.load(name), site().host)
    except BridgeworkError:  # the card says what is wrong with it
        return render_template("recipes/explained.html", card=card, outline=None)
    picture = Markup(draw(outline))  # noqa: S704 - built of elements, so all text in it is escaped
    return render_template("recipes/explained.html", card=card, outline=outline, picture=picture)
