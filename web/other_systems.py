"""Other systems that are told what recipes do: their API tokens and what they subscribed to."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.public_address import public_link
from engine.store import api_tokens, outbound
from engine.store.outbound import Subscriber
from web.site import site
from web.times import When, when

bp = Blueprint("other_systems", __name__, url_prefix="/other-systems")

EVENT_WORDS = {
    "run.finished": "a run finished",
    "record.created": "a record was created",
    "record.updated": "a record was updated",
    "record.rejected": "a record was rejected",
}


@dataclass(frozen=True)
class TokenRow:
    """An API token, ready for a template.

    :param subscriptions: how many were made with it.
    """

    id: int
    name: str
    made_by: str
    made: When
    used: When | None
    subscriptions: int


@dataclass(frozen=True)
class SubscriberCard:
    """A subscription, ready for a template.

    :param state: ``working``, ``untried`` (it fails and is tried again) or ``broken``.
    """

    id: str
    event: str
    recipe: str
    host: str
    token: str
    state: str
    state_words: str
    problem: str
    waiting: int
    made: When
    sent: When | None
    retry: When | None


@bp.get("/")
def index() -> str:
    return _page()


@bp.post("/tokens")
def make_token() -> str | Response:
    """Make a token and show it, this once: a redirect would have to keep it somewhere."""
    name = request.form.get("name", "").strip()
    if not name or len(name) > api_tokens.LONGEST_NAME:
        flash(f"Give the token a name of 1 to {api_tokens.LONGEST_NAME} characters.", "problem")
        return redirect(url_for("other_systems.index") + "#tokens")
    token = api_tokens.make_token(site().store, name, current_user.email, datetime.now(UTC))
    return _page(new_token=token, new_name=name)


@bp.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    if not api_tokens.revoke_token(site().store, token_id):
        abort(404)
    flash("The token is revoked, and what was subscribed with it has ended.", "done")
    return redirect(url_for("other_systems.index") + "#tokens")


@bp.post("/subscriptions/<id>/try-again")
def try_again(id: str) -> Response:
    if not outbound.try_again(site().store, id):
        abort(404)
    flash("It is sent to again, from the next event on.", "done")
    return redirect(url_for("other_systems.index"))


@bp.post("/subscriptions/<id>/remove")
def remove(id: str) -> Response:
    if not outbound.unsubscribe(site().store, id):
        abort(404)
    flash("The subscription is removed.", "done")
    return redirect(url_for("other_systems.index"))


def _page(new_token: str = "", new_name: str = "") -> str:
    subscribers = outbound.list_subscribers(site().store)
    tokens = [
        TokenRow(
            id=token.id,
            name=token.name,
            made_by=token.made_by,
            made=when(token.created_at),
            used=when(token.used_at) if token.used_at else None,
            subscriptions=sum(one.token_id == token.id for one in subscribers),
        )
        for token in api_tokens.list_tokens(site().store)
    ]
    return render_template(
        "other_systems/index.html",
        cards=[_card(one) for one in subscribers],
        tokens=tokens,
        new_token=new_token,
        new_name=new_name,
        longest_name=api_tokens.LONGEST_NAME,
        known_recipes=set(site().library.names()),
        address=public_link(url_for("api.subscribe")) or url_for("api.subscribe", _external=True),
    )


def _card(subscriber: Subscriber) -> SubscriberCard:
    state, words = "working", "Works"
    if subscriber.state == "broken":
        state, words = "broken", "Given up"
    elif subscriber.failures:
        state, words = "untried", "Fails"
    return SubscriberCard(
        id=subscriber.id,
        event=EVENT_WORDS[subscriber.event],
        recipe=subscriber.recipe,
        host=subscriber.host,
        token=subscriber.token,
        state=state,
        state_words=words,
        problem=subscriber.problem,
        waiting=subscriber.waiting,
        made=when(subscriber.created_at),
        sent=when(subscriber.sent_at) if subscriber.sent_at else None,
        retry=when(subscriber.retry_at) if subscriber.retry_at and state == "untried" else None,
    )
