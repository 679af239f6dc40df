"""Pages for what goes wrong: each says what happened and what to do."""

import logging
from dataclasses import dataclass

from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import BridgeworkError, DatabaseAway
from engine.redaction import redact

log = logging.getLogger("bridgework.web")


@dataclass(frozen=True)
class Trouble:
    title: str
    message: str
    hint: str = ""


BY_STATUS = {
    400: Trouble("This request can't be read", "A part of it is missing or makes no sense."),
    403: Trouble("This page isn't open to you", "Your account may not see it or do this."),
    404: Trouble("There is no such page", "It may have been moved or removed, or was mistyped."),
    405: Trouble("This can't be done from here", "Use the button on the page instead."),
    413: Trouble("This is too large", "A form sent more than a page of Bridgework ever needs."),
    429: Trouble(
        "Too many tries",
        "The same was asked for from here many times in a row.",
        "Wait a minute, then try again.",
    ),
    500: Trouble(
        "Something went wrong in Bridgework",
        "The page could not be shown. Runs are not affected.",
        "Try again. If it stays so, the details are in Bridgework's log.",
    ),
}
EXPIRED = Trouble(
    "This page was out of date",
    "You logged in or out since it was opened, so its button no longer counts. Nothing was done.",
    "Go back, reload the page and press the button again.",
)


def explain(app: Flask) -> None:
    """Answer every error with a page that says what to do."""
    app.register_error_handler(CSRFError, lambda _error: _page(EXPIRED, 400))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(BridgeworkError, _known_error)
    app.register_error_handler(DatabaseAway, _database_away)


def _http_error(error: HTTPException) -> tuple[str | Response, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    trouble = BY_STATUS.get(status) or BY_STATUS[500 if status >= 500 else 400]
    return _page(trouble, status)


def _known_error(error: BridgeworkError) -> tuple[str | Response, int]:
    return _page(Trouble("This didn't work", redact(error.message), redact(error.hint)), 409)


def _database_away(error: DatabaseAway) -> tuple[str | Response, int]:
    """Answer without a template: every page of ours looks things up in the database."""
    log.error("A page could not be shown: %s", error)
    words = "Bridgework's database can't be used at the moment. Try again in a minute."
    if request.path.startswith("/api/"):
        return jsonify(error=words), 503
    return f"{words} If it stays so, the details are in Bridgework's log.", 503


def _page(trouble: Trouble, status: int) -> tuple[str | Response, int]:
    if request.path.startswith("/api/"):  # nobody reads a page there
        return jsonify(error=trouble.message, hint=trouble.hint), status
    return render_template("errors/error.html", trouble=trouble, status=status), status
