"""Connections: their state, a test at any time, and the way to reconnect one that broke."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug import Response

from engine.auth import NoAuth, OAuth2
from engine.errors import BridgeworkError
from engine.host import Host
from engine.http.connect import (
    Authorization,
    add_connection,
    begin_oauth,
    check_connection,
    finish_oauth,
)
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.store.connections import Connection, get_connection, list_connections
from web.cards import loaded_recipes
from web.site import Site, site
from web.times import When, when

bp = Blueprint("connections", __name__, url_prefix="/connections")

STATE_WORDS = {"working": "Works", "broken": "Doesn't work", "untried": "Not tried yet"}
#: Where the consent someone was sent to fetch is kept until they are back.
PENDING = "authorization"


@dataclass(frozen=True)
class ConnectionCard:
    """One connection, ready for a template.

    :param state: ``working``, ``broken`` or ``untried``.
    :param consent: it is renewed on the app's own consent page.
    :param command: how to enter it anew where it is not.
    :param used_by: name and title of each recipe that works with it.
    """

    name: str
    app: str
    label: str
    state: str
    problem: str
    practice: bool
    experimental: str
    checked: When | None
    consent: bool
    command: str
    used_by: tuple[tuple[str, str], ...]

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


@bp.get("/")
def index() -> str:
    cards = connection_cards(site(), list_connections(site().store))
    missing = [
        connector
        for connector in site().host.connectors.values()
        if not isinstance(connector.auth, NoAuth)
        and connector.title not in {card.app for card in cards}
    ]
    return render_template("connections/index.html", cards=cards, missing=missing)


@bp.post("/<name>/test")
def test(name: str) -> Response:
    connection = _connection_or_404(name)
    try:
        label = check_connection(site().store, site().host, connection.name)
    except BridgeworkError as error:
        flash(f"“{name}” doesn't work: {redact(str(error))}", "problem")
    else:
        flash(f"“{name}” works: {label}.", "done")
    return redirect(url_for("connections.index") + f"#{name}")


@bp.get("/<name>/reconnect")
def reconnect(name: str) -> str | Response:
    """Explain what happens next and link to the app's consent page."""
    connection = get_connection(site().store, _connection_or_404(name).name)
    connector = site().host.connector(connection.connector)
    if not isinstance(connector.auth, OAuth2):
        return redirect(url_for("connections.index") + f"#{name}")
    back = url_for("connections.come_back", _external=True)
    authorization = begin_oauth(connector, connection, back)
    session[PENDING] = {"name": name, **asdict(authorization)}
    return render_template(
        "connections/reconnect.html",
        card=connection_cards(site(), [connection])[0],
        consent_url=authorization.url,
        back=back,
    )


@bp.get("/come-back")
def come_back() -> Response:
    """Take over the tokens when someone comes back from a consent page."""
    pending = session.pop(PENDING, None)
    if pending is None:
        flash("That consent was finished or given up already. Start again if need be.", "note")
        return redirect(url_for("connections.index"))
    name = pending.pop("name")
    connection = get_connection(site().store, _connection_or_404(name).name)
    connector = site().host.connector(connection.connector)
    try:
        renewed = finish_oauth(connector, connection, Authorization(**pending), request.url)
        renewed = add_connection(site().store, connector, renewed)
    except BridgeworkError as error:
        flash(f"“{name}” is not reconnected: {redact(str(error))}", "problem")
    else:
        flash(f"“{name}” is connected again: {renewed.label}.", "done")
    return redirect(url_for("connections.index") + f"#{name}")


def connection_cards(site: Site, connections: Iterable[Connection]) -> list[ConnectionCard]:
    recipes = loaded_recipes(site)
    return [_card(site.host, connection, recipes) for connection in connections]


def _card(host: Host, connection: Connection, recipes: list[Recipe]) -> ConnectionCard:
    connector = host.connectors.get(connection.connector)
    tried = "working" if connection.checked_at else "untried"
    return ConnectionCard(
        name=connection.name,
        app=connector.title if connector else connection.connector,
        label=redact(connection.label),
        state="broken" if connection.problem else tried,
        problem=redact(connection.problem),
        practice=connection.practice,
        experimental=connector.experimental if connector else "",
        checked=when(connection.checked_at) if connection.checked_at else None,
        consent=connector is not None and isinstance(connector.auth, OAuth2),
        command=f"bridgework connections add {connection.name} "
        f"--connector {connection.connector} --replace",
        used_by=tuple(
            (recipe.name, recipe.title)
            for recipe in recipes
            if connection.name in _connections_of(recipe)
        ),
    )


def _connections_of(recipe: Recipe) -> set[str]:
    """Return the connections a recipe names; one that is not named is called like its connector."""
    uses = [(recipe.trigger.connection, recipe.trigger.use)]
    uses += [(step.connection, step.use) for step in recipe.uses]
    return {
        connection.value if connection else use.value.partition(".")[0] for connection, use in uses
    }


def _connection_or_404(name: str) -> Connection:
    found = {item.name: item for item in list_connections(site().store)}
    return found.get(name) or abort(404)
