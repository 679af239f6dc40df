"""``/health``: whether this ``serve`` can answer people, for a load balancer or whatever watches it."""

from flask import Blueprint, current_app
from werkzeug import Response

from engine.errors import DatabaseAway
from engine.store.users import has_users
from web.site import site

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> Response:
    """Answer 200 while the database can be read, else 503; it tells nothing else, so it is open."""
    try:
        has_users(site().store)  # reads a table: a bare SELECT 1 would not open SQLite's file
    except DatabaseAway:  # not logged: it is asked every few seconds, and the duties log it
        return _said("The database can't be used at the moment.\n", 503)
    return _said("ok\n", 200)


def _said(words: str, status: int) -> Response:
    answer = current_app.response_class(words, status=status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
