"""What can be done in Slack: post, change, react, and who and what is found there."""

import re
from datetime import datetime
from typing import Annotated, Any

from engine.sdk import Accepted, Complete, Context, Field, InputError, Record, tolerating
from plugins.slack import channels, people
from plugins.slack.channels import Channel, channel_id, channel_record
from plugins.slack.messages import (
    APART,
    JSON,
    Alerts,
    Blocks,
    Markdown,
    MessageId,
    Text,
    Thread,
    content_of,
    find_posted,
    mark,
    posted_record,
    split,
    thread_of,
)
from plugins.slack.people import Email, Person, person_id

LONGEST_NAME = 80

REACTION = Complete(id="C0GENERAL1/1769871845.000200/eyes", emoji="eyes")
INVITED = Complete(id="C0GENERAL1/U0ADA00001", channel="C0GENERAL1", user="U0ADA00001")


def post_message(
    ctx: Context,
    channel: Channel,
    text: Text = None,
    markdown: Markdown = None,
    blocks: Blocks = None,
    thread: Thread = None,
    also_to_channel: Annotated[
        bool, Field("Also to the channel", "Show a reply in the channel besides.")
    ] = False,
    previews: Annotated[bool, Field("Link previews", "Show what links lead to.")] = True,
    alert_everybody: Alerts = False,
) -> Accepted:
    """Post a message in a channel, or a reply in a thread.

    A channel given by its name costs no look-up. The app must be in the channel, or have the scope
    `chat:write.public`. If the answer is lost, the message is looked for before it is sent again.
    """
    content = content_of(text, markdown, blocks, alert_everybody)
    return _posted(ctx, channels.posted_to(channel), content, thread, also_to_channel, previews)


def upsert_message(
    ctx: Context,
    channel: Channel,
    text: Text = None,
    markdown: Markdown = None,
    blocks: Blocks = None,
    thread: Thread = None,
    alert_everybody: Alerts = False,
) -> Accepted:
    """Keep one message for each record: post it, and change it when the record has changed.

    If somebody deleted the message meanwhile, it is posted anew.
    """
    content = content_of(text, markdown, blocks, alert_everybody)
    if ctx.target_id is not None:
        with tolerating("message_not_found", "channel_not_found"):
            return _changed(ctx, *split(ctx.target_id), content)
    return _posted(ctx, channels.posted_to(channel), content, thread, False, True)


def find_message(
    ctx: Context, channel: str, since: datetime, thread: str | None = None
) -> Accepted | None:
    """Look whether a message arrived; nowhere, if there is no such channel."""
    try:
        where = channel_id(ctx, channel)
    except InputError:
        return None
    return find_posted(ctx, where, since, thread)


def send_direct_message(
    ctx: Context,
    person: Person,
    text: Text = None,
    markdown: Markdown = None,
    blocks: Blocks = None,
    previews: Annotated[bool, Field("Link previews", "Show what links lead to.")] = True,
) -> Accepted:
    """Write to one person, given by e-mail address or id."""
    content = content_of(text, markdown, blocks, alert_everybody=False)
    return _posted(ctx, _direct(ctx, person), content, None, False, previews)


def find_direct_message(ctx: Context, person: str, since: datetime) -> Accepted | None:
    """Look whether a direct message arrived; nowhere, if there is no such person."""
    try:
        where = _direct(ctx, person)
    except InputError:
        return None
    return find_posted(ctx, where, since)


def update_message(
    ctx: Context,
    message: MessageId,
    text: Text = None,
    markdown: Markdown = None,
    blocks: Blocks = None,
    alert_everybody: Alerts = False,
) -> Accepted:
    """Change a message that the app posted itself."""
    content = content_of(text, markdown, blocks, alert_everybody)
    return _changed(ctx, *split(message), content)


def add_reaction(
    ctx: Context,
    message: MessageId,
    emoji: Annotated[str, Field("Emoji", "Its name, such as `white_check_mark`.")],
) -> Accepted:
    """Add an emoji to a message; one that is there already is no problem."""
    channel, ts = split(message)
    name = emoji.strip().strip(":")
    changed = False
    with tolerating("already_reacted"):
        body = {"channel": channel, "timestamp": ts, "name": name}
        ctx.http.post("reactions.add", json=body, headers=JSON)
        changed = True
    return Accepted({"id": f"{channel}/{ts}/{name}", "emoji": name}, created=False, changed=changed)


def create_channel(
    ctx: Context,
    name: Annotated[
        str,
        Field(
            "Name",
            "Capitals, spaces and signs that Slack doesn't take become small letters and dashes.",
        ),
    ],
    private: Annotated[bool, Field("Private", "Only for who is invited.")] = False,
) -> Accepted:
    """Make a channel; the app is in it at once."""
    wanted = channel_name(name)
    body = {"name": wanted, "is_private": private}
    answer = ctx.http.post("conversations.create", json=body, headers=JSON).json()
    ctx.kept.forget("channels", "channels by name")
    return Accepted(channel_record(answer["channel"]), created=True)


def find_made(ctx: Context, name: str, since: datetime) -> Accepted | None:
    """Look whether a channel was made by the app since then."""
    wanted, earliest = channel_name(name), (since - APART).timestamp()
    for channel in channels.read_channels(ctx):
        if channel["name"] == wanted and int(channel.get("created") or 0) >= earliest:
            return Accepted(channel_record(channel), created=True)
    return None


def invite_to_channel(ctx: Context, channel: Channel, person: Person) -> Accepted:
    """Invite somebody into a channel that the app is in; who is there already is no problem."""
    where, who = channel_id(ctx, channel), person_id(ctx, person)
    changed = False
    with tolerating("already_in_channel"):
        ctx.http.post("conversations.invite", json={"channel": where, "users": who}, headers=JSON)
        changed = True
    record = {"id": f"{where}/{who}", "channel": where, "user": who}
    return Accepted(record, created=False, changed=changed)


# -- searches --------------------------------------------------------------------------------------


def find_user(ctx: Context, email: Email) -> Record | None:
    """Find who has an e-mail address."""
    return people.find_by_email(ctx, email)


def get_user(
    ctx: Context, user: Annotated[str, Field("Person", "Their id in Slack.")]
) -> Record | None:
    """Find the name and address of somebody whose id is known, such as who wrote a message."""
    return people.find_by_id(ctx, user)


def find_channel(ctx: Context, name: Annotated[str, Field("Name")]) -> Record | None:
    """Find a channel by its name; all are read once a run."""
    found = channels.find(ctx, name)
    return None if found is None else channel_record(found)


# -- how -------------------------------------------------------------------------------------------


def channel_name(text: str) -> str:
    """Return a text as the name of a channel: small letters, digits, - and _, 80 at most."""
    dashed = re.sub(r"[^\w-]+", "-", text.strip().removeprefix("#").lower())
    return re.sub(r"-{2,}", "-", dashed).strip("-")[:LONGEST_NAME]


def _direct(ctx: Context, person: str) -> str:
    """Return the conversation with one person, which is opened if it wasn't."""
    who = person_id(ctx, person)
    return ctx.kept.once(
        f"direct {who}",
        lambda: str(
            ctx.http.post(
                "conversations.open", json={"users": who}, headers=JSON, idempotent=True
            ).json()["channel"]["id"]
        ),
    )


def _changed(ctx: Context, channel: str, ts: str, content: Record) -> Accepted:
    body = {"channel": channel, "ts": ts, **content}
    # Twice the same text is the same text.
    answer = ctx.http.post("chat.update", json=body, headers=JSON, idempotent=True).json()
    changed = {"text": answer.get("text"), **(answer.get("message") or {})}
    return Accepted(posted_record(channel, ts, changed), created=False)


def _posted(
    ctx: Context,
    channel: str,
    content: Record,
    thread: str | None,
    also_to_channel: bool,
    previews: bool,
) -> Accepted:
    body: dict[str, Any] = {"channel": channel, **content, "metadata": mark(ctx)}
    if parent := thread_of(thread):
        body |= {"thread_ts": parent, "reply_broadcast": also_to_channel}
    if not previews:
        body |= {"unfurl_links": False, "unfurl_media": False}
    try:
        answer = ctx.http.post("chat.postMessage", json=body, headers=JSON).json()
    except InputError as error:
        if error.code == channels.NO_CHANNEL:  # Slack doesn't say which one
            raise channels.no_channel(channel) from error
        raise
    record = posted_record(answer["channel"], answer["ts"], answer.get("message") or {})
    return Accepted(record, created=True)
