"""The API for other systems: subscribe to what recipes do, as Zapier's REST hooks do it.

``POST /api/hooks`` when somebody there switches on what listens, ``DELETE /api/hooks/<id>`` when they
switch it off, ``GET /api/hooks/sample`` while they set it up. Answers are JSON, errors too.
"""

import difflib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Flask, g, jsonify, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from engine.errors import BridgeworkError, InputError
from engine.http.outward import check_target
from engine.run.telling.events import samples
from engine.store import outbound
from engine.store.api_tokens import ApiToken, find_token
from engine.store.outbound import EVENTS, Event, Subscriber
from web.site import site

bp = Blueprint("api", __name__, url_prefix="/api")

#: Requests from one address; each subscription is one, so this is plenty.
LIMIT = "120 per minute"

#: A subscription is asked for anew after so long: that takes up one that was given up meanwhile.
RENEWED_AFTER = timedelta(days=30)

EVENT_NAMES: dict[Event, str] = {
    "run.finished": "Run finished",
    "record.created": "Record created",
    "record.updated": "Record updated",
    "record.rejected": "Record rejected",
}

Answer = Response | tuple[Response, int]


def with_token(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let only requests with an API token through."""

    @wraps(view)
    def checked(**parts: str) -> Answer:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        token = None
        if scheme.lower() == "bearer" and given:
            token = find_token(site().store, given.strip(), datetime.now(UTC))
        if token is None:
            answer = jsonify(
                error="This needs an API token.",
                hint="Send it as 'Authorization: Bearer …'. An admin makes one in Bridgework "
                "under Other systems.",
            )
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer, 401
        g.api_token = token
        return view(**parts)

    return checked


@bp.get("/me")
@with_token
def me() -> Answer:
    """Say whose token it is: what tests of a connection ask."""
    return jsonify(name=_token().name)


@bp.get("/hooks")
@with_token
def index() -> Answer:
    """List this token's subscriptions."""
    mine = [s for s in outbound.list_subscribers(site().store) if s.token_id == _token().id]
    return jsonify([_shown(subscriber) for subscriber in mine])


@bp.post("/hooks")
@with_token
def subscribe() -> Answer:
    """Take ``{"target_url", "event", "recipe"}``; without a recipe it is all of them.

    The answer holds the id to unsubscribe with, the secret that requests are signed with, and when
    Zapier is to subscribe anew (nothing ends then; what was given up is taken up again).
    """
    target = _given("target_url") or _given("targetUrl")  # as Zapier calls it
    if not target:
        raise InputError(
            "There is no target_url.",
            hint="Send the address that events are to be sent to.",
            field="target_url",
        )
    event, recipe = _event(_given("event")), known_recipe(_given("recipe"))
    subscriber, is_new = outbound.subscribe(
        site().store,
        token_id=_token().id,
        target=target,
        host=check_target(target),
        event=event,
        recipe=recipe,
        now=datetime.now(UTC),
    )
    ends = datetime.now(UTC) + RENEWED_AFTER
    told = {"secret": subscriber.secret, "expiration_date": ends.isoformat(timespec="seconds")}
    return jsonify(**_shown(subscriber), **told), 201 if is_new else 200


@bp.delete("/hooks/<id>")
@with_token
def unsubscribe(id: str) -> Answer:
    """End a subscription that was made with this token."""
    found = outbound.get_subscriber(site().store, id)
    if found is None or found.token_id != _token().id:
        return jsonify(error="There is no such subscription.", hint="It ended already."), 404
    outbound.unsubscribe(site().store, id)
    return Response(status=204)


@bp.get("/events")
@with_token
def events() -> Answer:
    """List the events, as pickers want them."""
    return jsonify([{"id": event, "name": EVENT_NAMES[event]} for event in EVENTS])


@bp.get("/hooks/sample")
@with_token
def sample() -> Answer:
    """List examples of an event, as they are sent."""
    event = _event(request.args.get("event", ""))
    return jsonify(samples(site().store, event, known_recipe(request.args.get("recipe", ""))))


@bp.errorhandler(BridgeworkError)
def _refused(error: BridgeworkError) -> Answer:
    field = error.field if isinstance(error, InputError) else None
    status = 422 if isinstance(error, InputError) else 409
    return jsonify(error=error.message, hint=error.hint, field=field), status


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> Answer:
    return jsonify(error=error.description, hint=""), error.code or 500


def limit_requests(app: Flask) -> None:
    """Keep each caller to :data:`LIMIT`."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri="memory://",
        key_prefix="api",
        headers_enabled=True,  # Retry-After, which Zapier obeys
    )
    limit = limiter.shared_limit(LIMIT, scope="api")
    views: dict[str, Any] = app.view_functions
    views |= {name: limit(view) for name, view in views.items() if name.startswith(f"{bp.name}.")}


def _token() -> ApiToken:
    return cast(ApiToken, g.api_token)


def _given(name: str) -> str:
    """Return a value of the body, be it JSON or a form."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested deeper than anybody means it
        body = None
    values: Any = body if isinstance(body, dict) else request.form
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _event(text: str) -> Event:
    for event in EVENTS:
        if event == text:
            return event
    raise InputError(
        f"There is no event '{text}'." if text else "There is no event.",
        hint=f"There are: {', '.join(EVENTS)}.",
        field="event",
    )


def known_recipe(text: str) -> str:
    """Return a recipe's name as it was given; empty: none was.

    :raises InputError: there is no such recipe.
    """
    names = site().library.names()
    if text and text not in names:
        near = difflib.get_close_matches(text, names, n=1)
        raise InputError(
            f"There is no recipe '{text}'.",
            hint=f"Did you mean '{near[0]}'?" if near else "Leave it out to hear of all of them.",
            field="recipe",
        )
    return text


def _shown(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "id": subscriber.id,
        "event": subscriber.event,
        "recipe": subscriber.recipe or None,
        "host": subscriber.host,
        "state": subscriber.state,
        "problem": subscriber.problem or None,
    }
