"""The address that webhooks are sent to: open to anyone, so it trusts nothing but tokens and signatures."""

import logging

from flask import Blueprint, current_app, request
from werkzeug import Response
from werkzeug.exceptions import RequestEntityTooLarge

from engine.run.webhooks.incoming import receive
from engine.webhooks import HookReply, HookRequest
from web.site import site

log = logging.getLogger("bridgework.webhook")

bp = Blueprint("hooks", __name__, url_prefix="/hooks")

#: Bytes of a body; the setting ``HOOK_MAX_BYTES`` overrides it.
LARGEST = 1024 * 1024

TOO_LARGE = HookReply(413, "This is more than a webhook may hold.\n")
#: The vendor tries again; nothing is stored.
FAILED = HookReply(500, "This could not be stored.\n")


@bp.route("/<token>", methods=["GET", "POST"])
def take(token: str) -> Response:
    """Take one request; what it says is in the database before it is answered with a 2xx.

    Where the recipe answers, its caller waits for that; see :mod:`engine.run.webhooks.callers`.
    Neither its body nor its address ever reaches the log.
    """
    request.max_content_length = int(current_app.config.get("HOOK_MAX_BYTES", LARGEST))
    try:
        asked = HookRequest(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.args.items()),
            body=request.get_data(cache=False),
        )
        answer = receive(site().store, site().host, token, asked, site().callers.answer)
    except RequestEntityTooLarge:
        answer = TOO_LARGE
    except Exception:
        log.exception("a webhook could not be stored")
        answer = FAILED
    response = Response(answer.body, answer.status, mimetype="text/plain")
    response.headers.update(answer.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
