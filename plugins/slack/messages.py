"""Messages: as recipes see them, what they are posted with, and how one is found that was posted."""

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from engine.sdk import Accepted, Complete, Context, Field, InputError, Record
from plugins.slack.moments import moment_of, seconds_of
from plugins.slack.refusals import MissingScope

#: What Bridgework's messages are marked with, so that one can be found whose answer was lost.
MARK = "bridgework_message"

#: How far the clocks of Slack and this computer may be apart.
APART = timedelta(minutes=2)
#: The most Slack gives in a page of history (documented; it recommends 200).
PAGE_SIZE = 200

#: `<!channel>`, `<!here>`, `<!everyone>` and `<!subteam^…>` tell many people at once.
ALERT = re.compile(r"<(?=!)")

#: A link, a person or a channel: `<target>` or `<target|what is shown>`; other brackets are escaped.
MARKED = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")

#: With a charset, without which Slack warns.
JSON = {"Content-Type": "application/json; charset=utf-8"}

Text = Annotated[
    str | None,
    Field(
        "Text", "In Slack's own marks: `*bold*`, `<https://firm.example|a link>`, `<@U0ADA00001>`."
    ),
]
Markdown = Annotated[
    str | None,
    Field("Markdown", "Instead of the text: `**bold**`, `[a link](https://firm.example)`, tables."),
]
Blocks = Annotated[
    list[dict[str, Any]] | None,
    Field("Blocks", "Slack's building blocks; the text is then what notifications show."),
]
Thread = Annotated[
    str | None,
    Field("Reply to", "The id of a message, or its `ts`: this message is posted in its thread."),
]
Alerts = Annotated[
    bool,
    Field(
        "Alert everybody",
        "Let `<!channel>`, `<!here>` and groups in the text notify people. Otherwise they are shown "
        "as they are written, so that no record can ring everybody's phone.",
    ),
]
MessageId = Annotated[
    str, Field("Message", "Its id: the channel's, a slash, and the message's `ts`.")
]

SAMPLE = Complete(
    id="C0GENERAL1/1769871845.000200",
    channel="C0GENERAL1",
    ts="1769871845.000200",
    thread_ts=None,
    posted_at="2026-01-31T15:04:05.000200Z",
    user="U0ADA00001",
    app=None,
    text="The hearing in 00042 was moved to *Friday*, says <@U0ADA00001> &amp; <https://court.example|court>",
    plain_text="The hearing in 00042 was moved to *Friday*, says @U0ADA00001 & court (https://court.example)",
    files=[Complete(id="F0NOTICE01", name="notice.pdf", media_type="application/pdf", size=20480)],
)
POSTED = Complete(
    id="C0GENERAL1/1769871845.000200",
    channel="C0GENERAL1",
    ts="1769871845.000200",
    thread_ts=None,
    posted_at="2026-01-31T15:04:05.000200Z",
    text="The hearing in 00042 was moved to *Friday*.",
)


def message_record(channel: str, message: Record) -> Record:
    """Return a message as recipes see it."""
    ts = str(message["ts"])
    return {
        "id": f"{channel}/{ts}",
        "channel": channel,
        "ts": ts,
        "thread_ts": message.get("thread_ts"),
        "posted_at": moment_of(ts),
        "user": message.get("user"),
        "app": message.get("app_id") or message.get("bot_id"),
        "text": message.get("text") or "",
        "plain_text": plain(str(message.get("text") or "")),
        "files": [_file(one) for one in message.get("files") or [] if isinstance(one, dict)],
    }


def plain(text: str) -> str:
    """Return a text without what Slack writes in angle brackets, and with its `&amp;` as a `&`."""
    return html.unescape(MARKED.sub(_without_brackets, text))


def _without_brackets(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target[0] in "@#!":  # somebody, a channel, everybody
        sign = "#" if target[0] == "#" else "@"
        name = target[1:].partition("^")[2] if target.startswith("!subteam^") else target[1:]
        return sign + (label or name).lstrip("@#")
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return address if label in (None, address) else f"{label} ({address})"


def posted_record(channel: str, ts: str, message: Record) -> Record:
    """Return what a step says of the message it posted."""
    return {
        "id": f"{channel}/{ts}",
        "channel": channel,
        "ts": ts,
        "thread_ts": message.get("thread_ts"),
        "posted_at": moment_of(ts),
        "text": message.get("text") or "",
    }


def content_of(
    text: str | None,
    markdown: str | None,
    blocks: list[dict[str, Any]] | None,
    alert_everybody: bool,
) -> Record:
    """Return the part of a request that says what a message holds.

    :raises InputError: nothing, or two things at once.
    """
    if not (text or markdown or blocks):
        raise InputError(
            "The message is empty.",
            hint="Fill in `text`, `markdown` or `blocks`.",
            field="text",
            code="no_text",
        )
    if markdown and (text or blocks):
        raise InputError(
            "A message has either markdown, or text and blocks.",
            hint="Leave one of them out.",
            field="markdown",
            code="markdown_text_conflict",
        )
    content = {"text": text, "markdown_text": markdown, "blocks": blocks}
    given = {name: value for name, value in content.items() if value}
    return given if alert_everybody else _quiet(given)


def split(message: str) -> tuple[str, str]:
    """Return the channel and the ``ts`` that a message's id holds.

    :raises InputError: it holds none.
    """
    channel, slash, ts = message.strip().partition("/")
    if not (slash and channel and re.fullmatch(r"\d+\.\d+", ts)):
        raise InputError(
            f"'{message}' is no message's id.",
            hint="It is the channel's id, a slash and the message's `ts`, as in the answer of the "
            "step that posted it: `{{ post.id }}`.",
            field="message",
            code="message_not_found",
        )
    return channel, ts


def thread_of(thread: str | None) -> str | None:
    """Return the ``ts`` of a thread, given so or as a message's id."""
    return thread.strip().rpartition("/")[2] if thread and thread.strip() else None


def mark(ctx: Context) -> Record:
    """Return what a message is marked with: the key of this very request."""
    return {"event_type": MARK, "event_payload": {"key": ctx.idempotency_key}}


def find_posted(
    ctx: Context, channel: str, since: datetime, thread: str | None = None
) -> Accepted | None:
    """Look whether a message was posted whose answer was lost, by what it was marked with.

    :param channel: its id.
    :raises InputError: the app may not read the conversation, so nobody can tell.
    """
    params = {
        "channel": channel,
        "oldest": seconds_of(since - APART),
        "inclusive": "true",
        "include_all_metadata": "true",
        "limit": PAGE_SIZE,
    }
    method, parent = "conversations.history", thread_of(thread)
    if parent is not None:
        method, params["ts"] = "conversations.replies", parent
    try:
        for message in ctx.http.paginate(method, items="messages", params=params):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == MARK and payload.get("key") == ctx.idempotency_key:
                return Accepted(posted_record(channel, str(message["ts"]), message), created=True)
    except MissingScope as error:
        raise InputError(
            "It can't be told whether this message was posted: no answer came, and the app may not "
            "read the conversation.",
            hint=f"Look in Slack. {error.hint}",
            field="channel",
            code="cannot_tell",
        ) from error
    return None


def _file(file: Mapping[str, Any]) -> Record:
    return {
        "id": file.get("id"),
        "name": file.get("name"),
        "media_type": file.get("mimetype"),
        "size": file.get("size"),
    }


def _quiet(value: Any) -> Any:
    """Return texts with what would alert many people written out."""
    match value:
        case str():
            return ALERT.sub("&lt;", value)
        case list():
            return [_quiet(part) for part in value]
        case dict():
            return {name: _quiet(part) for name, part in value.items()}
    return value
