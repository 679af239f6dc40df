"""What keeps the pages safe: the cookie's key, cookie rules, and headers on every answer."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.routing import IntegerConverter

from engine.errors import SetupError
from engine.public_address import public_url
from web.passwords import choose_method

#: Scripts, styles and pictures come from here alone, and none of them stands in a page itself.
#: Bootstrap's style sheet holds its pictures as data URLs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
#: The largest number of a record, run or version that a database can be asked for.
LARGEST_NUMBER = 2**63 - 1
#: Also not the name of a key of the vault, which reads every ``*.key`` in the same folder.
COOKIE_KEY = "web.secret"


class Page(Response):
    """An answer whose text may hold anything that records hold: half a character shows as ``?``."""

    def set_data(self, value: bytes | str) -> None:
        super().set_data(value.encode("utf-8", "replace") if isinstance(value, str) else value)


class Cookie(SecureCookieSessionInterface):
    """Renews a log-in with pages alone.

    What a script asked for may be answered after a page that was asked for later; the cookie of its
    time would undo the page's: what it had to say once, or that somebody logged out.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        page = "text/html" in request.headers.get("Accept", "")
        return session.modified or (page and super().should_set_cookie(app, session))


class Number(IntegerConverter):
    """A number in an address, as large as a database takes it; beyond that there is no such page."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **{"max": LARGEST_NUMBER, **named})


def harden(app: Flask, home: Path) -> None:
    """Set the cookie's key and rules, and send the headers with every answer."""
    app.response_class = Page
    app.session_interface = Cookie()
    app.url_map.converters["int"] = Number
    app.config.update(
        SECRET_KEY=cookie_key(home / "keys"),
        SESSION_COOKIE_NAME="bridgework",
        SESSION_COOKIE_HTTPONLY=True,
        # Where the pages are reached by https, a log-in never travels in the open.
        SESSION_COOKIE_SECURE=(public_url() or "").startswith("https:"),
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=1_000_000,
        # A page may stay open over lunch: its forms are good for as long as the log-in is.
        WTF_CSRF_TIME_LIMIT=None,
    )
    choose_method(app)
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    nonce = g.get("style_nonce")
    if nonce:  # the code editor makes its own style sheets, and only they may carry this word
        allowed = CONTENT_SECURITY_POLICY.replace(
            "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
        )
        response.headers["Content-Security-Policy"] = allowed
    if response.mimetype in {"text/html", "text/csv", "application/json"}:
        response.headers["Cache-Control"] = "no-store"  # reports hold personal data
    return response


def cookie_key(folder: Path) -> str:
    """Return the key that signs the log-in cookie, making it the first time.

    :raises SetupError: it can't be read or written.
    """
    file = folder / COOKIE_KEY
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _kept_key(file)
        key = secrets.token_hex(32)
        with os.fdopen(descriptor, "w") as new:
            new.write(key)
    except OSError as error:
        raise SetupError(
            f"The log-in key '{file}' can't be read or made: {error.strerror}.",
            hint="Check that the home folder belongs to you and can be written to.",
        ) from error
    return key


def _kept_key(file: Path) -> str:
    key = file.read_text().strip()
    if len(key) < 32:
        raise SetupError(
            f"The log-in key '{file}' is damaged.",
            hint="Delete the file: a new one is made, and everyone logs in once more.",
        )
    return key
