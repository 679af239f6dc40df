"""Connecting an account from the command line: its settings, its consent page, its test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from engine import redaction
from engine.auth import JwtBearer, OAuth2
from engine.cli.asking import choose
from engine.cli.consent import consent_in_browser, consent_to_practice
from engine.cli.practice_process import PracticeProcess
from engine.connector import Connector
from engine.errors import SetupError
from engine.fields import Schema
from engine.http.connect import add_connection, new_connection
from engine.http.settings import (
    LOG_IN,
    TOKENS,
    asks_consent,
    of_other_ways,
    required_settings,
    secret_settings,
    setting_schemas,
    way_of,
)
from engine.recipe.suggest import did_you_mean
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.store.connections import Connection, get_connection, list_connections
from engine.store.database import Store


def connect(
    store: Store,
    connector: Connector,
    name: str,
    given: Mapping[str, Any],
    *,
    base_url: str | None = None,
    practice: PracticeProcess | None = None,
    replace_account: bool = False,
    ask: bool = False,
) -> Connection:
    """Make, test and store a connection; one of the same name and app is connected again.

    :param given: settings, as :func:`read_settings` returns them.
    :param practice: the practice server to connect to instead of the app.
    :param replace_account: another account may take the connection's place.
    :param ask: a person is there to be asked for what is missing.
    :raises SetupError: a setting is missing, the name belongs to another app's connection, or the
        account is connected already or another than before.
    :raises ConnectorError: the connection doesn't work; nothing is stored.
    """
    kept = _kept_settings(store, connector, name, practice=practice is not None, ask=ask)
    settings = {**kept, **given}
    if practice is not None:
        wanted = str(settings.get(LOG_IN) or next(iter(connector.log_ins), ""))
        known = practice.log_ins.get(wanted, practice.credentials)
        offered = {k: v for k, v in known.items() if k not in TOKENS}
        settings = {**offered, **given, "base_url": practice.url}
        if connector.log_ins:
            settings[LOG_IN] = wanted
    elif base_url:
        settings["base_url"] = base_url
    connector = _way_in(connector, settings, given, ask=ask)
    settings = _completed(connector, settings, ask=ask)
    connection = new_connection(connector, name, settings, practice=practice is not None)
    redaction.register([dict(connection.secrets), dict(connection.tokens or {})])
    if isinstance(connector.auth, OAuth2) and connection.tokens is None:
        consent = consent_in_browser if practice is None else consent_to_practice
        connection = consent(connector, connection)
    return add_connection(store, connector, connection, replace_account=replace_account)


def read_settings(connector: Connector, written: Sequence[str]) -> dict[str, Any]:
    """Read ``FIELD=VALUE`` arguments; a secret may be ``@FILE``, for all see arguments in ``ps``.

    :raises click.UsageError: one has no ``=``, an unknown field, or a value that can't be.
    """
    known, secret = setting_schemas(connector), {*secret_settings(connector), *TOKENS}
    given: dict[str, Any] = {}
    for item in written:
        name, equals, value = item.partition("=")
        if not equals:
            raise click.UsageError(f"--set needs a field and a value, e.g. `--set {name}=…`.")
        if name not in known:
            hint = did_you_mean(name, known) or "It has none."
            raise click.UsageError(f"{connector.title} has no setting {name!r}. {hint}")
        given[name] = _value(name, _from_file(value) if name in secret else value, known[name])
    return given


def _way_in(
    connector: Connector, settings: Mapping[str, Any], given: Mapping[str, Any], *, ask: bool
) -> Connector:
    """Return the connector with its way to log in, asked for where there are several.

    :raises SetupError: there is no such way, or it takes nothing of what was given.
    """
    if not connector.log_ins:
        return connector
    if not settings.get(LOG_IN) and ask:
        ways = list(connector.log_ins.items())
        lines = [f"{way.title}. {way.help}".rstrip(". ") for _, way in ways]
        name = ways[choose(f"How do you log in to {connector.title}?", lines)][0]
        settings = {**settings, LOG_IN: name}
    way = connector.for_connection(settings)
    if foreign := sorted(of_other_ways(way) & set(given)):
        fitting = [
            name for name, one in connector.ways.items() if set(given) <= set(setting_schemas(one))
        ]
        its = [name for name, one in connector.ways.items() if foreign[0] in setting_schemas(one)]
        more = "" if fitting else ", and leave out what only another way asks for"
        raise SetupError(
            f"The setting {foreign[0]!r} is for another way to log in to {connector.title} than "
            f"{way.log_in!r}.",
            hint=f"Add `--set {LOG_IN}={' or '.join(fitting or its)}`{more}.",
        )
    return way


def _from_file(value: str) -> str:
    """Read a secret from its file where one is named, as ``@FILE``.

    :raises click.UsageError: the file can't be read.
    """
    if not value.startswith("@"):
        return value
    try:
        text = Path(value[1:]).expanduser().read_text("utf-8")
        return text if "\n" in text.rstrip("\n") else text.rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise click.UsageError(f"The file '{value[1:]}' can't be read: {reason}.") from None


def _is_private_key(connector: Connector, name: str) -> bool:
    return isinstance(connector.auth, JwtBearer) and name == connector.auth.setting


def _value(name: str, text: str, schema: Schema) -> Any:
    try:
        value = coercer(schema)(text)
    except CoerceError as error:
        raise click.UsageError(f"The setting {name!r}: {error.message} {error.hint}") from None
    choices = schema.get("enum")
    if choices and value not in choices:
        hint = did_you_mean(text, [str(choice) for choice in choices], "Choose from")
        raise click.UsageError(f"The setting {name!r} can't be {text!r}. {hint}")
    return value


def _kept_settings(
    store: Store, connector: Connector, name: str, *, practice: bool, ask: bool
) -> Mapping[str, Any]:
    """Return the settings of the connection that is connected again; none when it is a new one.

    A key that is no longer accepted is asked for anew where someone is there. What the app can do
    without is kept all the same: nobody would be asked for it.
    """
    for connection in list_connections(store):
        if connection.name != name:
            continue
        if connection.connector != connector.name:
            raise SetupError(
                f"The connection {name!r} belongs to another app, {connection.connector!r}.",
                hint=f"Choose another name, or `bridgework connections remove {name}` first.",
            )
        if connection.practice == practice:
            kept = get_connection(store, name)
            anew: set[str] = set()
            if ask and connection.needs_person and not asks_consent(connector, kept.settings):
                way = way_of(connector, kept.settings)
                anew = {*required_settings(way)} & secret_settings(way)
            return {name: v for name, v in kept.all_settings.items() if name not in anew}
    return {}


def _completed(connector: Connector, settings: Mapping[str, Any], *, ask: bool) -> dict[str, Any]:
    """Return the settings with what was missing, asked for where someone is there.

    :raises SetupError: something is missing and no one can be asked.
    """
    missing = [name for name in required_settings(connector) if not settings.get(name)]
    if not missing:
        return dict(settings)
    if not ask:
        options = " ".join(f"--set {name}=…" for name in missing)
        listed = " and ".join(f"'{name}'" for name in missing)
        raise SetupError(
            f"A connection to {connector.title} needs {listed}.",
            hint=f"Give {options}.{_other_ways(connector)}",
        )
    hidden, known = secret_settings(connector), setting_schemas(connector)
    answers = {}
    for name in missing:
        answer = _ask(connector, name, known[name], secret=name in hidden)
        # Typed, a password may begin with @; a private key has too many lines to be typed.
        answers[name] = _from_file(answer) if _is_private_key(connector, name) else answer
    return {**settings, **answers}


def _other_ways(connector: Connector) -> str:
    """Return how else somebody may log in, in a sentence; empty where there is no other way."""
    others = [name for name in connector.ways if name != connector.log_in]
    return f" Or log in otherwise: `--set {LOG_IN}={' or '.join(others)}`." if others else ""


def _ask(connector: Connector, name: str, schema: Schema, *, secret: bool) -> Any:
    if schema.get("description"):
        click.echo(schema["description"], err=True)
    if _is_private_key(connector, name):
        click.echo("Give the name of its file with @ before it, e.g. @server.key.", err=True)
        secret = False
    choices = click.Choice([str(c) for c in schema["enum"]]) if "enum" in schema else None
    return click.prompt(schema.get("title", name), type=choices, hide_input=secret, err=True)
