"""``/metrics``: figures for Prometheus, where a token says who may read them."""

import hmac
import os

from flask import Blueprint, abort, current_app, request
from werkzeug import Response

from engine.errors import SetupError
from engine.redaction import register
from web.site import site

bp = Blueprint("metrics", __name__)

TOKEN_VARIABLE = "BRIDGEWORK_METRICS_TOKEN"  # noqa: S105 - a variable's name
#: Characters that a token has at least: nobody guesses it.
SHORTEST_TOKEN = 16


def metrics_token() -> str:
    """Return what a scrape must bring; empty where there are no metrics.

    :raises SetupError: it could be guessed.
    """
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token and len(token) < SHORTEST_TOKEN:
        raise SetupError(
            f"{TOKEN_VARIABLE} is shorter than {SHORTEST_TOKEN} characters, and could be guessed.",
            hint="Make one with `openssl rand -hex 24`.",
        )
    register(token)
    return token


@bp.get("/metrics")
def show() -> Response:
    """Answer a scrape that brings the token; without a token set there is no such page."""
    # Here, because they take 0.05 s to import and few installations ask for them.
    from prometheus_client import CONTENT_TYPE_LATEST

    from engine.metrics.exposition import exposition

    token = metrics_token()
    if not token:
        abort(404)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        given.strip().encode(), token.encode()
    ):
        refused = current_app.response_class("This needs the token of the metrics.\n", 401)
        refused.headers["WWW-Authenticate"] = "Bearer"
        refused.mimetype = "text/plain"
        return refused
    answer = current_app.response_class(exposition(site().store), content_type=CONTENT_TYPE_LATEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer
