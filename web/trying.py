"""One operation, tried on a real account: its records, its requests, and where they differ from what is declared."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug import Response
from werkzeug.datastructures import FileStorage

from engine.authoring.exchanges import Exchange
from engine.authoring.trying import Tried, changes_something, try_operation
from engine.authoring.values import read_values
from engine.context import Folders
from engine.errors import BridgeworkError, SetupError
from engine.fields import Option
from engine.files import File
from engine.operations import Action, Trigger
from engine.recipe.schedule.durations import parse_duration
from engine.recipe.schema.fields import field_lines
from engine.redaction import redact, redact_within
from engine.run.connections.choices import MOST_OPTIONS, has_options, options_of
from engine.run.moments import moment
from engine.store.connections import Connection, list_connections
from web.site import site
from web.try_forms import TryForm, try_form

bp = Blueprint("trying", __name__, url_prefix="/connectors")

#: Records of a trigger that are read; requests, and characters of a body, that are shown.
RECORDS, MOST_EXCHANGES, MOST_CHARACTERS = 3, 10, 8_000
#: Bytes of an uploaded file that are in memory at once.
PIECE = 1 << 18


@dataclass(frozen=True)
class Shown:
    """A request and its answer, ready for a template."""

    head: str
    status: int
    size: int
    sent: str
    headers: tuple[tuple[str, str], ...]
    answer: str


@dataclass(frozen=True)
class Outcome:
    """What came of a try, ready for a template.

    :param count: how many records, in the operation's own words.
    :param error: why it ended early, and what to do.
    :param left: requests that are not shown.
    """

    count: str
    records: tuple[str, ...]
    refused: tuple[str, ...]
    differences: tuple[str, ...]
    exchanges: tuple[Shown, ...]
    left: int
    error: str


@bp.route("/<name>/<operation>/try", methods=["GET", "POST"])
def show(name: str, operation: str) -> str | tuple[str, int] | Response:
    """Ask what an operation is to be tried with, and show what comes of it."""
    connector = site().host.connectors.get(name)
    found = None if connector is None else connector.operation(operation)
    if connector is None or found is None:
        abort(404)
    accounts = [one for one in list_connections(site().store) if one.connector == name]
    connections = [one.name for one in accounts]
    options, unasked = _options(found, accounts)
    form = try_form(
        found,
        connections,
        needed=connector.needs_connection,
        app=connector.title,
        options=options,
    )
    page: dict[str, Any] = {
        "operation": found,
        "title": connector.title,
        "name": name,
        "form": form,
        "lacks": connector.needs_connection and not connections,
        "changes": changes_something(found),
        "noun": found.noun,
        "unasked": unasked,
        "outcome": None,
        "trouble": "",
    }
    if not form.validate_on_submit():
        return render_template("directory/try.html", **page)
    try:
        page["outcome"] = _outcome(_tried(found, form))
    except BridgeworkError as error:
        page["trouble"] = redact(str(error))
        return render_template("directory/try.html", **page), 422
    return render_template("directory/try.html", **page)


def _options(
    operation: Trigger | Action, accounts: Sequence[Connection]
) -> tuple[dict[str, list[Option]], str]:
    """Ask the app for what its fields have to choose from, with the account that is chosen.

    :returns: the choices by field, and why others couldn't be asked for.
    """
    found: dict[str, list[Option]] = {}
    chosen = [one for one in accounts if one.name == request.values.get("connection", "")]
    account = next(iter([*chosen, *accounts]), None)
    if account is None or account.problem:
        return found, "" if account is None else redact(account.problem)
    for line in field_lines(operation.inputs):
        field = f"{operation.full_name}.{line.name}"
        if not has_options(site().host, field):
            continue
        try:
            options = options_of(site().store, site().host, field, account.name)
        except BridgeworkError as error:
            return found, redact(str(error))  # the next question would wait as long
        if len(options) < MOST_OPTIONS:
            found[line.name] = options
    return found, ""


def _keep(file: FileStorage) -> File:
    pieces = iter(lambda: file.stream.read(PIECE), b"")
    return site().store.files.save(file.filename or "", pieces, file.mimetype)


def _tried(operation: Trigger | Action, form: TryForm) -> Tried:
    """Do the operation with what was filled in.

    :raises SetupError: what was filled in can't be, or there is no such connection.
    """
    values = read_values(operation, form.written(_keep))
    since = _since(form.since.data or "") if "since" in form else None
    connection = form.connection.data if "connection" in form else ""
    kept = site().store.home / "files"
    return try_operation(
        site().store,
        site().host,
        operation,
        connection or operation.connector,
        values,
        limit=RECORDS,
        since=since,
        folders=Folders(search=(site().library.folder, kept), output=kept),
    )


def _since(text: str) -> datetime | None:
    if not text.strip():
        return None
    found = moment(text.strip())
    if found is not None:
        return found
    try:
        return datetime.now(UTC) - parse_duration(text.strip())
    except (ValueError, OverflowError):
        raise SetupError(
            f"{text!r} is no time.", hint="Write a day as 2026-01-31, or a length as “2 days”."
        ) from None


def _outcome(tried: Tried) -> Outcome:
    return Outcome(
        tried.operation.noun.count(len(tried.records)),
        tuple(_pretty(redact_within(record)) for record in tried.records),
        tuple(redact(refused) for refused in tried.refused),
        tuple(redact(difference.sentence) for difference in tried.differences),
        tuple(_shown(one) for one in tried.exchanges[:MOST_EXCHANGES]),
        max(0, len(tried.exchanges) - MOST_EXCHANGES),
        "" if tried.error is None else redact(str(tried.error)),
    )


def _shown(one: Exchange) -> Shown:
    return Shown(
        f"{one.method} {one.url}",
        one.status,
        one.size,
        "" if one.sent is None else _pretty(one.sent),
        one.headers,
        "" if one.answer is None else _pretty(one.answer),
    )


def _pretty(value: Any) -> str:
    """Return a value as a person reads it, and no more of it than a page shows."""
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, indent=2, default=str)
    )
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "\n…"
