"""Making a recipe from a blueprint: which there are, and the form with a picker for every input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.fields import Option
from engine.recipe.blueprints import (
    blueprint_cards,
    blueprint_names,
    entries_of,
    folder_of,
    load_blueprint,
    text_from,
)
from engine.recipe.checking.check import check_text
from engine.recipe.inputs import Input
from engine.redaction import redact
from engine.run.connections.choices import options_of
from engine.run.recipes.editing import new_recipe
from engine.store.connections import list_connections
from web.blueprint_forms import PREFIX, BlueprintForm, blueprint_form
from web.site import site

bp = Blueprint("blueprints", __name__, url_prefix="/blueprints")


@dataclass(frozen=True)
class Lacking:
    """An app that must be connected before a recipe can be made."""

    app: str
    title: str


@bp.get("/")
def index() -> str:
    """Offer the blueprints."""
    library = site().library
    return render_template(
        "blueprints/index.html", cards=blueprint_cards(library), folder=folder_of(library)
    )


@bp.route("/<name>", methods=["GET", "POST"])
def make(name: str) -> str | Response:
    """Ask for the inputs; make the recipe once they fit."""
    if name not in blueprint_names(site().library):
        abort(404)
    try:
        blueprint = load_blueprint(site().library, name)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("blueprints.index"))
    entries = entries_of(blueprint)
    connections = _connections()
    options, notes = _options(entries, connections)
    form = blueprint_form(
        entries,
        name=_free_name(name),
        title=blueprint.title,
        connections=connections,
        options=options,
    )
    if form.validate_on_submit():
        made = _made(name, form, entries)
        if made is not None:
            return made
    return render_template(
        "blueprints/form.html",
        blueprint=blueprint,
        form=form,
        notes=notes,
        lacking=_lacking(entries, connections),
    )


def _made(blueprint: str, form: BlueprintForm, entries: tuple[Input, ...]) -> Response | None:
    """Write the recipe and lead to its page; None, with what is wrong at the field, otherwise."""
    name = form.name.data
    text = text_from(blueprint, form.given, title=form.title.data)
    path = site().library.folder / f"{name}.yaml"
    known = [connection.name for connection in list_connections(site().store)]
    found = check_text(text, path, site().host, known)
    if found:
        first = found[0]
        fields = [
            form[PREFIX + e.name.value] for e in entries if f"'{e.name.value}'" in first.message
        ]
        (fields[0] if fields else form.title).errors = [f"{first.message} {first.hint}".strip()]
        return None
    try:
        new_recipe(site().store, site().library, name, text, by=current_user.email)
    except BridgeworkError as error:
        form.name.errors = [str(error)]
        return None
    flash(f"“{form.title.data}” is made. Look at what it would do before you switch it on.", "done")
    return redirect(url_for("recipes.show", name=name))


def _connections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for connection in list_connections(site().store):
        found.setdefault(connection.connector, []).append(connection.name)
    return found


def _options(
    entries: tuple[Input, ...], connections: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[Option]], list[str]]:
    """Ask the apps for what there is to choose from, with the accounts that are chosen.

    :returns: the choices by input, and why others couldn't be asked for.
    """
    found: dict[str, list[Option]] = {}
    notes: list[str] = []
    for entry in entries:
        app = entry.pick.partition(".")[0]
        account = _account(app, entries, connections) if entry.pick else ""
        if not account:
            continue
        try:
            found[entry.name.value] = options_of(site().store, site().host, entry.pick, account)
        except BridgeworkError as error:
            notes.append(redact(str(error)))
    return found, notes


def _account(app: str, entries: tuple[Input, ...], connections: Mapping[str, Sequence[str]]) -> str:
    """Return the connection to ask an app with: the one that is chosen, else the first."""
    there = connections.get(app, ())
    for entry in entries:
        if entry.kind == "connection" and entry.of == app:
            chosen = request.values.get(PREFIX + entry.name.value, "")
            if chosen in there:
                return chosen
    return there[0] if there else ""


def _lacking(entries: tuple[Input, ...], connections: Mapping[str, Sequence[str]]) -> list[Lacking]:
    return [
        Lacking(entry.of, site().host.connectors[entry.of].title)
        for entry in entries
        if entry.kind == "connection"
        and entry.of in site().host.connectors
        and not connections.get(entry.of)
    ]


def _free_name(blueprint: str) -> str:
    taken = {*site().library.names(), *site().library.called()}
    number = 2
    name = blueprint
    while name in taken:
        name, number = f"{blueprint}-{number}", number + 1
    return name
