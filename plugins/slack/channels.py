"""The Channel field: picked from a list, written as an id or as the channel's name."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import StringConstraints

from engine.sdk import Complete, Context, Field, InputError, Option, Record
from plugins.slack.moments import moment_of
from plugins.slack.refusals import MissingScope

#: Ids are capitals and digits, names are never capitals; U and W are people, D their messages.
ID = re.compile(r"[CGDUW][A-Z0-9]{5,}")

#: Slack takes "under 1000" and recommends 200; a large workspace is read in a fifth of the time,
#: and these requests are the slow ones (20 a minute).
PAGE_SIZE = 999

SAMPLE = Complete(
    id="C0GENERAL1",
    name="general",
    topic="Company-wide announcements",
    purpose="For everybody",
    private=False,
    archived=False,
    member=True,
    members=12,
    creator="U0ADA00001",
    created_at="2025-01-31T15:04:05Z",
)


def channels(ctx: Context) -> Iterator[Option]:
    """Offer the channels that the app can see in pickers."""
    for channel in every_channel(ctx):
        yield Option(channel["id"], f"#{channel['name']}")


Channel = Annotated[
    str,
    Field(
        "Channel",
        "Its name, such as `#general`, or its id, which stays when a channel is renamed.",
        options=channels,
    ),
]
ChannelId = Annotated[
    str,
    StringConstraints(pattern=r"^[CGD][A-Z0-9]{5,}$"),
    Field(
        "Channel",
        "Its id: pick it, or copy it in Slack at the end of the channel's details.",
        options=channels,
    ),
]


def every_channel(ctx: Context) -> list[Record]:
    """Return the channels that the app can see; asked for once a run.

    Private ones are among them where the app may know those it is in (``groups:read``).
    """
    return ctx.kept.once("channels", lambda: read_channels(ctx))


#: Slack's code for a channel that isn't there, or that the app can't see.
NO_CHANNEL = "channel_not_found"


def channel_id(ctx: Context, channel: str) -> str:
    """Return the id of a channel given by id or name.

    :raises InputError: no channel has that name.
    """
    wanted = channel.strip().removeprefix("#")
    if ID.fullmatch(wanted):
        return wanted
    found = find(ctx, wanted)
    if found is None:
        raise no_channel(wanted, " and it needs the scope `groups:read`")
    return str(found["id"])


def no_channel(wanted: str, more: str = "") -> InputError:
    """Return what is wrong where there is no such channel, or the app can't see it."""
    return InputError(
        f"Slack has no channel called '{wanted}' that the app can see.",
        hint="Check the name. Into a private channel the app must be invited (write "
        f"`/invite @the-app` there){',' if more else ''}{more}.",
        field="channel",
        code=NO_CHANNEL,
    )


def find(ctx: Context, name: str) -> Record | None:
    """Return the channel with a name; None where there is none."""
    wanted = name.strip().removeprefix("#").lower()
    by_name = ctx.kept.once(
        "channels by name", lambda: {channel["name"]: channel for channel in every_channel(ctx)}
    )
    found: Record | None = by_name.get(wanted)
    return found


def posted_to(channel: str) -> str:
    """Return how posting takes a channel: its id, or its name, which Slack looks up itself."""
    wanted = channel.strip().removeprefix("#")
    return wanted if ID.fullmatch(wanted) else f"#{wanted}"


def channel_record(channel: Record) -> Record:
    """Return a channel as recipes see it."""
    return {
        "id": channel["id"],
        "name": channel.get("name", ""),
        "topic": _text(channel, "topic"),
        "purpose": _text(channel, "purpose"),
        "private": bool(channel.get("is_private")),
        "archived": bool(channel.get("is_archived")),
        "member": bool(channel.get("is_member")),
        "members": channel.get("num_members"),
        "creator": channel.get("creator"),
        "created_at": moment_of(channel.get("created")),
    }


def read_channels(ctx: Context) -> list[Record]:
    """Return the channels as they are at this moment."""

    def listed(types: str) -> list[Record]:
        params = {"types": types, "limit": PAGE_SIZE, "exclude_archived": "true"}
        return list(ctx.http.paginate("conversations.list", items="channels", params=params))

    try:
        return listed("public_channel,private_channel")
    except MissingScope:  # it may know only public ones
        return listed("public_channel")


def _text(channel: Record, name: str) -> str:
    part = channel.get(name)
    return str(part.get("value") or "") if isinstance(part, dict) else ""
