"""Incoming webhooks: a secret address that posts in one channel, and answers in plain text.

Statuses and texts are those of Slack's announcement of 2016-05-17; ``no_text`` and ``no_service``
are from third parties.
"""

import json
from dataclasses import dataclass
from typing import Any

from engine.sdk import Request, Response
from plugins.slack.practice.workspace import APP, Workspace


@dataclass
class Incoming:
    """:param channel: the id of the one it posts in. :param on: a person may switch it off."""

    path: str
    channel: str
    on: bool = True

    def post(self, workspace: Workspace, request: Request) -> Response:
        """Post what a request says."""
        if not self.on:
            return _text("no_service", 404)
        channel = workspace.channels.get(self.channel)
        if channel is None:
            return _text("channel_not_found", 404)
        if channel.get("is_archived"):
            return _text("channel_is_archived", 410)
        if channel.get("read_only"):
            return _text("action_prohibited", 403)
        message = _payload(request)
        if message is None:
            return _text("invalid_payload", 400)
        if not (message.get("text") or message.get("blocks") or message.get("attachments")):
            return _text("no_text", 400)
        said = {name: message[name] for name in ("text", "blocks") if message.get(name)}
        workspace.post(
            self.channel, {"text": "", **said, "subtype": "bot_message", "bot_id": APP["bot"]}
        )
        return _text("ok", 200)


def _payload(request: Request) -> dict[str, Any] | None:
    """Return the message, sent as JSON or as a form's ``payload``; None where it is neither."""
    body_text = request.get_data(as_text=True)  # before the form, which would use it up
    text = request.form.get("payload") or body_text
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _text(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/html")
