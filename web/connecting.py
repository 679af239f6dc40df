"""Connecting an app in the browser: its form, its consent page, its keys replaced."""

from dataclasses import asdict, dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine import redaction
from engine.auth import OAuth2
from engine.cli.connecting import connect
from engine.cli.connections import NAME
from engine.cli.practice_process import running_practice
from engine.connector import Connector
from engine.errors import BridgeworkError
from engine.http.accounts import AnotherAccount
from engine.http.connect import (
    Authorization,
    add_connection,
    begin_oauth,
    finish_oauth,
    new_connection,
)
from engine.http.settings import LOG_IN, asks_consent, way_of
from engine.redaction import redact
from engine.store.connections import Connection, get_connection, list_connections
from engine.store.consents import PendingConsent, keep_consent, read_consent, take_consent
from web.connection_forms import ConnectionForm, connection_form
from web.connections import connection_cards, connection_or_404
from web.site import outside_url, site

bp = Blueprint("connecting", __name__, url_prefix="/connections")


@dataclass(frozen=True)
class App:
    """An app that can be connected, ready for a template.

    :param starts: what its recipes may start with.
    :param does: what their steps may do with it.
    :param experimental: why it is so; empty if it isn't.
    :param practice: it can be tried without an account.
    :param log_in: the way to log in that was chosen, where there are several.
    """

    name: str
    title: str
    starts: tuple[str, ...]
    does: tuple[str, ...]
    experimental: str
    consent: bool
    practice: bool
    connected: int
    log_in: str | None


@bp.get("/add")
def choose() -> str:
    """Offer the apps that can be connected."""
    connections = list_connections(site().store)
    apps = [
        _app(connector, connections)
        for connector in site().host.connectors.values()
        if connector.may_have_connection
    ]
    return render_template("connections/choose.html", apps=sorted(apps, key=lambda app: app.title))


@bp.route("/add/<app>", methods=["GET", "POST"])
def add(app: str) -> str | Response:
    connector = _way_in(_connector_or_404(app))
    taken = frozenset(connection.name for connection in list_connections(site().store))
    if connector.log_ins and not connector.log_in:
        return _ways_page(connector, _wanted_name(connector, taken))
    form = connection_form(connector, name=_wanted_name(connector, taken), taken=taken)
    if not form.validate_on_submit():
        return _form_page(connector, form)
    connection = new_connection(connector, form.name.data, form.given)
    return _connect(connector, connection, form)


@bp.post("/add/<app>/practice")
def add_practice(app: str) -> Response:
    """Connect to the app's practice server, which is started if need be."""
    connector = _way_in(_connector_or_404(app))
    way = {LOG_IN: connector.log_in} if connector.log_in else {}
    taken = frozenset(connection.name for connection in list_connections(site().store))
    name = _wanted_name(connector, taken)
    try:
        server = running_practice(site().store.home, connector)
        made = connect(site().store, connector, name, way, practice=server)
    except BridgeworkError as error:
        flash(f"“{name}” is not connected: {redact(str(error))}", "problem")
        return redirect(
            url_for("connecting.add", app=app, name=name, log_in=connector.log_in or None)
        )
    flash(f"“{name}” is connected to a practice server: {redact(made.label)}.", "done")
    return _to_card(name)


@bp.route("/<name>/change", methods=["GET", "POST"])
def change(name: str) -> str | Response:
    """Replace the key of a connection, or another of its settings, without making it anew."""
    kept = get_connection(site().store, connection_or_404(name).name)
    connector = site().host.connector(kept.connector)
    connector = _way_in(connector, way_of(connector, kept.settings))
    form = connection_form(connector, settings=kept.settings, stored=set(kept.secrets))
    if not form.validate_on_submit():
        return _form_page(connector, form, kept)
    settings = form.settings_after(kept.all_settings)
    if form.sends_kept_secrets_elsewhere(kept.all_settings, settings):
        return _form_page(connector, form, kept)
    # Elsewhere than at its practice server, it is a connection like any other.
    practice = kept.practice and settings.get("base_url") == kept.settings.get("base_url")
    connection = new_connection(connector, name, settings, practice=practice)
    return _connect(connector, connection, form, kept)


@bp.get("/<name>/reconnect")
def reconnect(name: str) -> str | Response:
    """Explain what happens next and link to the app's consent page."""
    connection = get_connection(site().store, connection_or_404(name).name)
    connector = site().host.connector(connection.connector)
    if not asks_consent(connector, connection.settings):
        return redirect(url_for("connecting.change", name=name))
    return _ask_consent(connector, PendingConsent(connection=connection, returning=True))


@bp.get("/consent/<pending>")
def consent(pending: str) -> str | Response:
    """Link to the consent page someone is to open."""
    found = read_consent(site().store, current_user.user.id, pending)
    if found is None:
        return _is_over()
    return render_template(
        "connections/consent.html",
        app=site().host.connector(found.connection.connector).title,
        returning=found.returning,
        card=connection_cards(site(), [found.connection])[0],
        consent_url=found.authorization["url"],
        back=found.authorization["redirect_uri"],
    )


@bp.get("/come-back")
def come_back() -> Response:
    """Take over the tokens when someone comes back from a consent page."""
    pending = take_consent(site().store, current_user.user.id, request.args.get("state", ""))
    if pending is None:
        return _is_over()
    connector = site().host.connector(pending.connection.connector)
    name = pending.connection.name
    authorization = Authorization(**pending.authorization)
    try:
        made = finish_oauth(connector, pending.connection, authorization, request.url)
        made = add_connection(
            site().store, connector, made, replace_account=pending.replace_account
        )
    except AnotherAccount as error:
        flash(f"“{name}” is not connected: {redact(error.message)}", "problem")
        flash("Log in to the right account there, or allow another one under “Change”.", "note")
        return _ask_consent(connector, pending)
    except BridgeworkError as error:
        flash(f"“{name}” is not connected: {redact(str(error))}", "problem")
        return _ask_consent(connector, pending)
    again = " again" if pending.returning else ""
    flash(f"“{name}” is connected{again}: {redact(made.label)}.", "done")
    return _to_card(name)


def _connect(
    connector: Connector,
    connection: Connection,
    form: ConnectionForm,
    kept: Connection | None = None,
) -> str | Response:
    """Test a connection and store it, or send whoever asked to the consent page first."""
    connector = connector.for_connection(connection.settings)
    redaction.register(dict(connection.secrets))
    wanted = PendingConsent(
        connection=connection,
        returning=kept is not None,
        replace_account=kept is not None and form.replace_account.data,
    )
    try:
        if isinstance(connector.auth, OAuth2):
            return _ask_consent(connector, wanted)
        made = add_connection(
            site().store, connector, connection, replace_account=wanted.replace_account
        )
    except BridgeworkError as error:
        return _form_page(connector, form, kept, trouble=redact(form.tell(error)))
    account = "" if made.label == connector.title else f": {redact(made.label)}"
    flash(f"“{made.name}” is connected to {connector.title}{account}.", "done")
    return _to_card(made.name)


def _ask_consent(connector: Connector, wanted: PendingConsent) -> Response:
    authorization = begin_oauth(connector, wanted.connection, back_address())
    pending = replace(wanted, authorization=asdict(authorization))
    name = keep_consent(site().store, current_user.user.id, pending)
    return redirect(url_for("connecting.consent", pending=name))


def back_address() -> str:
    """Return the address that apps send people back to; vendors want it registered."""
    return outside_url("connecting.come_back")


def _form_page(
    connector: Connector,
    form: ConnectionForm,
    kept: Connection | None = None,
    *,
    trouble: str = "",
) -> str:
    return render_template(
        "connections/form.html",
        app=_app(connector, []),
        form=form,
        card=connection_cards(site(), [kept])[0] if kept else None,
        way=connector.log_ins.get(connector.log_in),
        other_ways={
            name: one for name, one in connector.log_ins.items() if name != connector.log_in
        },
        trouble=trouble,
        back=back_address(),
    )


def _app(connector: Connector, connections: list[Connection]) -> App:
    return App(
        name=connector.name,
        title=connector.title,
        starts=tuple(trigger.title for trigger in connector.triggers.values()),
        does=tuple(action.title for action in connector.actions.values()),
        experimental=connector.experimental,
        consent=isinstance(connector.auth, OAuth2),
        practice=connector.practice_function is not None,
        connected=sum(connection.connector == connector.name for connection in connections),
        log_in=connector.log_in or None,
    )


def _way_in(connector: Connector, otherwise: Connector | None = None) -> Connector:
    """Return the connector with the way to log in that the address names.

    :param otherwise: where it names none.
    """
    way = request.args.get(LOG_IN, "")
    return connector.ways.get(way, otherwise or connector)


def _ways_page(connector: Connector, name: str) -> str:
    """Let a person choose how to log in."""
    return render_template(
        "connections/ways.html", app=_app(connector, []), ways=connector.log_ins, name=name
    )


def _connector_or_404(name: str) -> Connector:
    connector = site().host.connectors.get(name)
    if connector is None or not connector.may_have_connection:
        abort(404)
    return connector


def _wanted_name(connector: Connector, taken: frozenset[str]) -> str:
    """Return the name a recipe looks for, if one sent someone here; else the first that is free."""
    wanted = request.args.get("name", "")
    if NAME.fullmatch(wanted) and wanted not in taken:
        return wanted
    number = 2
    name = wanted = connector.name
    while name in taken:
        name = f"{wanted}-{number}"
        number += 1
    return name


def _is_over() -> Response:
    flash("That consent was finished or given up already. Start again if need be.", "note")
    return redirect(url_for("connections.index"))


def _to_card(name: str) -> Response:
    return redirect(url_for("connections.index") + f"#{name}")
