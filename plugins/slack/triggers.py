"""What starts a recipe from Slack: messages, reactions, people and channels."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from engine.sdk import Complete, Context, Field, Record, tolerating
from plugins.slack import messages, people
from plugins.slack.channels import ChannelId, channel_record, read_channels
from plugins.slack.messages import message_record, split
from plugins.slack.moments import moment_of, seconds_of
from plugins.slack.people import PAGE_SIZE, person_record

#: What messages are besides what somebody wrote: people who join, topics, pins. These are kept.
SAID = (None, "", "file_share", "thread_broadcast", "me_message", "bot_message")

#: So far back messages are looked through for reactions.
DAYS = 7

REACTION = Complete(
    id="C0GENERAL1/1769871845.000200/U0BO000002/white_check_mark",
    emoji="white_check_mark",
    user="U0BO000002",
    message=messages.SAMPLE,
)
JOINED = Complete(
    id="C0GENERAL1/U0BO000002/1769871845.000500",
    channel="C0GENERAL1",
    user="U0BO000002",
    invited_by="U0ADA00001",
    joined_at="2026-01-31T15:04:05.000500Z",
)

Apps = Annotated[
    bool, Field("Also from apps", "Messages of other apps, too; those of this app never count.")
]
Emoji = Annotated[
    str | None,
    Field("Emoji", "Only this one, by its name such as `white_check_mark`; left out, any."),
]
Days = Annotated[
    int, Field("Days", "By the clock: how old the messages may be that are looked through.")
]


def message_posted(
    ctx: Context, since: datetime | None, channel: ChannelId, from_apps: Apps = False
) -> Iterator[Record]:
    """Start with each message in a channel that the app is in.

    Read by the clock, replies in threads are not among them, unless they were sent to the channel
    as well; told at once they are.
    """
    own = ctx.kept.once("own", lambda: _own(ctx))
    params = {"channel": channel, "limit": messages.PAGE_SIZE}
    if since is not None:
        params |= {"oldest": seconds_of(since), "inclusive": "true"}
    for message in ctx.http.paginate("conversations.history", items="messages", params=params):
        if is_wanted(message, own, from_apps):
            yield message_record(channel, message)


def fetch_message(ctx: Context, key: str) -> Record | None:
    """Read one message afresh, replies in threads too; None when it is gone."""
    channel, ts = split(key)
    params = {"channel": channel, "timestamp": ts}
    with tolerating("message_not_found"):
        answer = ctx.http.get("reactions.get", params=params).json()
        return message_record(channel, answer["message"])
    return None


def app_mentioned(
    ctx: Context, channel: ChannelId | None = None, from_apps: Apps = False
) -> Iterator[Record]:
    """Start with each message that mentions the app, such as `@the-app please`.

    It is told at once (`schedule: instant`); there is nothing to read by the clock.
    """
    yield from ()


def reaction_added(
    ctx: Context, channel: ChannelId | None = None, emoji: Emoji = None, days: Days = DAYS
) -> Iterator[Record]:
    """Start with each emoji that somebody adds to a message.

    Read by the clock, the messages of the last days in one channel are looked through, replies in
    threads aside; told at once, it is any message of any channel that the app is in.
    """
    if channel is None:
        return
    params = {
        "channel": channel,
        "oldest": seconds_of(ctx.now - timedelta(days=days)),
        "limit": messages.PAGE_SIZE,
    }
    for message in ctx.http.paginate("conversations.history", items="messages", params=params):
        for reaction in message.get("reactions") or []:
            if emoji in (None, reaction["name"]):
                for user in reaction.get("users") or []:
                    yield reaction_record(channel, message, reaction["name"], user)


def fetch_reaction(ctx: Context, key: str) -> Record | None:
    """Read the message of a reaction afresh; None when the message or the reaction is gone."""
    channel, ts, user, emoji = key.split("/", 3)
    params = {"channel": channel, "timestamp": ts, "full": "true"}
    with tolerating("message_not_found"):
        message = ctx.http.get("reactions.get", params=params).json()["message"]
        for reaction in message.get("reactions") or []:
            if reaction["name"] == emoji and user in (reaction.get("users") or []):
                return reaction_record(channel, message, emoji, user)
    return None


def member_joined_channel(ctx: Context, channel: ChannelId | None = None) -> Iterator[Record]:
    """Start with each person who joins a channel that the app is in.

    It is told at once (`schedule: instant`); there is nothing to read by the clock.
    """
    yield from ()


def user_changed(
    ctx: Context,
    since: datetime | None,
    apps: Annotated[bool, Field("Apps too", "Not only people.")] = False,
) -> Iterator[Record]:
    """Start with each person who was added to the workspace, or whose profile changed.

    Slack doesn't tell these apart. With `first_run: nothing` only who is added or changed from now
    on is told of. Who was removed comes with `active: false`.
    """
    # Every page of every poll: Slack can't be asked for changes alone.
    for user in ctx.http.paginate("users.list", items="members", params={"limit": PAGE_SIZE}):
        if user.get("is_bot") and not apps:
            continue
        if since is None or float(user.get("updated") or 0) >= int(since.timestamp()):
            yield person_record(user)


def fetch_user(ctx: Context, key: str) -> Record | None:
    """Read one person afresh; None when there is none."""
    return people.find_by_id(ctx, key)


def channel_created(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Start with each channel that is made: public ones, and private ones the app is in."""
    for channel in read_channels(ctx):
        if since is None or float(channel.get("created") or 0) >= int(since.timestamp()):
            yield channel_record(channel)


def fetch_channel(ctx: Context, key: str) -> Record | None:
    """Read one channel afresh; None when it is gone."""
    params = {"channel": key, "include_num_members": "true"}
    with tolerating("channel_not_found"):
        answer = ctx.http.get("conversations.info", params=params).json()
        return channel_record(answer["channel"])
    return None


def is_wanted(message: Record, own: frozenset[str], from_apps: bool) -> bool:
    """Say whether a message is something that somebody said, and not this app itself.

    :param own: what the app is known by.
    """
    if message.get("subtype") not in SAID:
        return False
    named = {message.get(name) for name in ("user", "bot_id", "app_id")}
    if named & own:
        return False
    return from_apps or not (message.get("bot_id") or message.get("app_id"))


def reaction_record(channel: str, message: Record, emoji: str, user: str) -> Record:
    """Return a reaction as recipes see it, with the message it is to."""
    record = message_record(channel, message)
    return {"id": f"{record['id']}/{user}/{emoji}", "emoji": emoji, "user": user, "message": record}


def joined_record(event: dict[str, Any]) -> Record:
    """Return who joined a channel, as recipes see it."""
    channel, user, at = event["channel"], event["user"], event.get("event_ts")
    return {
        "id": f"{channel}/{user}/{at}",
        "channel": channel,
        "user": user,
        "invited_by": event.get("inviter"),
        "joined_at": moment_of(at),
    }


def _own(ctx: Context) -> frozenset[str]:
    """Return what the app's own messages are known by."""
    answer = ctx.http.post("auth.test", idempotent=True).json()
    return frozenset(str(answer[name]) for name in ("user_id", "bot_id") if answer.get(name))
