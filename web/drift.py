"""What changed: fields that apps no longer give, connectors that declare otherwise, and what that breaks."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.drift import looking, upgrades
from engine.drift.looking import Drift, Hit
from engine.drift.upgrades import Upgrade
from web.pages import plural
from web.site import site
from web.times import When, when

bp = Blueprint("drift", __name__, url_prefix="/drift")


@dataclass(frozen=True)
class ChangeCard:
    """Something that is another than before, ready for a template.

    :param id: what the form that accepts it names it by.
    :param sentences: what changed, and what it does to recipes.
    :param hits: the places of recipes it concerns, each with the change it is about.
    """

    id: str
    title: str
    where: str
    sentences: tuple[str, ...]
    hits: tuple[Hit, ...]
    advice: str
    breaks: bool
    found: When | None = None
    run: int | None = None


@bp.get("/")
def index() -> str:
    """List what changed; ``?of=`` narrows it to a recipe, a connector or a connection."""
    of = request.args.get("of", "")
    cards = [*map(_upgrade_card, _upgrades(of)), *map(_change_card, _changes(of))]
    return render_template("drift/index.html", cards=cards, of=of)


@bp.post("/accept")
def accept() -> Response:
    """Take a change for the new normal."""
    id = request.form.get("id", "")
    changes = [one for one in _changes() if _id(one) == id]
    upgraded = [one for one in _upgrades() if one.connector == id]
    looking.accept(site().store, changes)
    upgrades.accept_upgrades(site().store, upgraded)
    if changes or upgraded:
        flash("It is normal from now on.", "done")
    else:
        flash("That is over already: it is as it was, or was accepted.", "note")
    return redirect(url_for("drift.index"))


def broken_by_changes(recipe: str = "") -> list[ChangeCard]:
    """Return what breaks recipes, or one of them; almost always nothing, which costs two look-ups."""
    cards = [
        *(_upgrade_card(one) for one in _upgrades(recipe)),
        *(_change_card(one) for one in _changes(recipe) if one.breaks),
    ]
    return [card for card in cards if card.breaks]


def _changes(of: str = "") -> list[Drift]:
    return looking.look(site().store, site().host, site().library, of)


def _upgrades(of: str = "") -> list[Upgrade]:
    found = upgrades.look_at_connectors(site().store, site().host, site().library, site().declared)
    return [one for one in found if one.is_about(of)]


def _change_card(one: Drift) -> ChangeCard:
    change = one.change
    held = sum(hit.effect == "held" for hit in one.hits)
    told = [one.sentence]
    if one.hits:
        recipes = len({hit.recipe for hit in one.hits})
        told.append(
            f"{plural(len(one.hits), 'place', 'places')} in "
            f"{plural(recipes, 'recipe', 'recipes')} {'reads' if len(one.hits) == 1 else 'read'} it"
            + (f"; {held} of them can't do without it." if held else ".")
        )
    parameters = f" with {change.source.parameters}" if change.source.parameters else ""
    return ChangeCard(
        id=_id(one),
        title=f"{one.app}: {change.path}",
        where=f"{one.operation}{parameters} · connection {change.source.connection}",
        sentences=tuple(told),
        hits=one.hits,
        advice=looking.advice(one),
        breaks=one.breaks,
        found=when(change.found_at),
        run=change.run_id,
    )


def _upgrade_card(one: Upgrade) -> ChangeCard:
    breaking = [impact for impact in one.impacts if impact.breaks]
    return ChangeCard(
        id=one.connector,
        title=one.sentence.rstrip("."),
        where=f"Connector {one.connector}",
        sentences=tuple(impact.change.sentence for impact in breaking or one.impacts),
        hits=tuple(hit for impact in breaking for hit in impact.hits),
        advice="The recipes below are held before they run: correct them, or accept the change.",
        breaks=one.breaks,
    )


def _id(one: Drift) -> str:
    return "|".join((*one.change.source, one.change.path))
