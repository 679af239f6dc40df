"""Connections: their state, a test at any time, and their removal. Adding is in web/connecting.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.http.settings import asks_consent
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.run.connections.health import check
from engine.run.connections.live_fields import has_live_fields, refresh_connection
from engine.run.connections.removing import forget_connection
from engine.store.connections import Connection, list_connections
from engine.store.live import fields_of
from engine.store.switches import switches
from web.cards import loaded_recipes
from web.site import Site, site
from web.times import When, when

bp = Blueprint("connections", __name__, url_prefix="/connections")

STATE_WORDS = {
    "working": "Works",
    "broken": "Doesn't work",
    "unreachable": "Out of reach",
    "untried": "Not tried yet",
}


@dataclass(frozen=True)
class ConnectionCard:
    """One connection, ready for a template.

    :param state: ``working``, ``broken``, ``unreachable`` (that may pass by itself) or ``untried``.
    :param consent: it is renewed on the app's own consent page.
    :param installed: its connector is there, so that it can be tested and changed.
    :param live: it has fields that only the account knows.
    :param fields_read: when these were read last.
    :param used_by: name and title of each recipe that works with it.
    :param held_up: those of them that are on but can't run, as it doesn't work.
    """

    name: str
    app: str
    label: str
    state: str
    problem: str
    practice: bool
    experimental: str
    broken_since: When | None
    checked: When | None
    consent: bool
    installed: bool
    live: bool
    fields_read: When | None
    used_by: tuple[tuple[str, str], ...]
    held_up: tuple[tuple[str, str], ...]

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


@bp.get("/")
def index() -> str:
    cards = connection_cards(site(), list_connections(site().store))
    return render_template("connections/index.html", cards=cards)


@bp.post("/<name>/test")
def test(name: str) -> Response:
    connection = connection_or_404(name)
    try:
        label = check(site().store, site().host, site().library, connection.name)
    except BridgeworkError as error:
        flash(f"“{name}” doesn't work: {redact(str(error))}", "problem")
    else:
        flash(f"“{name}” works: {redact(label)}.", "done")
    return redirect(url_for("connections.index") + f"#{name}")


@bp.post("/<name>/refresh")
def refresh(name: str) -> Response:
    """Ask the account for the fields that only it knows."""
    connection = connection_or_404(name)
    try:
        found = refresh_connection(site().store, site().host, site().library, connection.name)
    except BridgeworkError as error:
        flash(f"The fields of “{name}” could not be read: {redact(str(error))}", "problem")
        return redirect(url_for("connections.index") + f"#{name}")
    for reading in found:
        flash(redact(reading.words), "problem" if reading.problem else "done")
    if not found:
        flash(f"No recipe works with fields that only “{name}” knows.", "note")
    return redirect(url_for("connections.index") + f"#{name}")


@bp.route("/<name>/remove", methods=["GET"])
def ask_to_remove(name: str) -> str:
    """Say what depends on a connection before it is removed."""
    (card,) = connection_cards(site(), [connection_or_404(name)])
    on = switches(site().store)
    return render_template(
        "connections/remove.html", card=card, on=[item for item in card.used_by if on.get(item[0])]
    )


@bp.post("/<name>/remove")
def remove(name: str) -> Response:
    """Forget a connection and its secrets, and switch off the recipes that can't run without it."""
    off = forget_connection(site().store, site().host, site().library, connection_or_404(name).name)
    flash(f"“{name}” is removed, and its keys are forgotten.", "done")
    if off:
        flash(f"Switched off, as they can't run without it: {', '.join(off)}.", "note")
    return redirect(url_for("connections.index"))


def connection_cards(site: Site, connections: Iterable[Connection]) -> list[ConnectionCard]:
    recipes, on = loaded_recipes(site), switches(site.store)
    return [_card(site, connection, recipes, on) for connection in connections]


def _card(
    site: Site, connection: Connection, recipes: list[Recipe], on: Mapping[str, bool]
) -> ConnectionCard:
    users = tuple(
        (recipe.name, recipe.title) for recipe in recipes if connection.name in recipe.connections
    )
    connector = site.host.connectors.get(connection.connector)
    live = has_live_fields(site.host, connection.connector)
    read = (
        [at for one in fields_of(site.store, connection.name) if (at := one.read_at)]
        if live
        else []
    )
    return ConnectionCard(
        name=connection.name,
        app=connector.title if connector else connection.connector,
        label="" if connector and connection.label == connector.title else redact(connection.label),
        state=connection.state,
        problem=redact(connection.problem),
        practice=connection.practice,
        experimental=connector.experimental if connector else "",
        broken_since=when(connection.broken_since) if connection.broken_since else None,
        checked=when(connection.checked_at) if connection.checked_at else None,
        consent=connector is not None and asks_consent(connector, connection.settings),
        installed=connector is not None,
        live=live,
        fields_read=when(max(read)) if read else None,
        used_by=users,
        held_up=tuple(one for one in users if connection.problem and on.get(one[0])),
    )


def connection_or_404(name: str) -> Connection:
    found = {item.name: item for item in list_connections(site().store)}
    return found.get(name) or abort(404)
