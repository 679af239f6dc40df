"""Slack's events: what is told at once, however often Slack says it.

An answer has to come within three seconds, so a request is only stored, and read by a run. Slack
sends again what was not taken (`X-Slack-Retry-Num`), and has sent one event under two event ids
(node-slack-sdk#2141); so deliveries go by what the event is about: channel, `event_ts`, and who.
"""

from collections.abc import Iterator
from typing import Any

from engine.sdk import (
    Connector,
    Delivery,
    HookReply,
    HookRequest,
    InputError,
    Record,
    SlackSignature,
)
from plugins.slack import triggers
from plugins.slack.messages import message_record
from plugins.slack.people import person_record

#: A challenge is some dozens of characters; what is longer is no question of Slack's.
LONGEST_CHALLENGE = 300

INSTRUCTIONS = (
    "At api.slack.com/apps, choose the app, then Event Subscriptions, and switch events on. Enter "
    "this address as the Request URL, unless that of another recipe of this connection stands there "
    "already: they share one. Slack asks it at once and says Verified. Under Subscribe to bot events "
    "add {events}, save, and install the app in the workspace again. The app's Signing Secret (Basic "
    "Information) belongs into the connection."
)


def declare(connector: Connector) -> None:
    """Give the triggers their webhooks."""
    told = (
        (triggers.message_posted, message_posted, "message.channels (private: message.groups)"),
        (triggers.app_mentioned, app_mentioned, "app_mention"),
        (triggers.reaction_added, reaction_added, "reaction_added"),
        (triggers.member_joined_channel, member_joined_channel, "member_joined_channel"),
        (triggers.user_changed, user_changed, "team_join and user_change"),
        (triggers.channel_created, channel_created, "channel_created"),
    )
    for trigger, deliveries, events in told:
        hook = connector.webhook(
            trigger,
            signature=SlackSignature(),
            secret_setting="signing_secret",  # noqa: S106 - the setting's name
            instructions=INSTRUCTIONS.format(events=events),
            shared=True,
        )
        hook.handshake(handshake)
        hook.concerns(concerns)
        hook.deliveries(deliveries)


def handshake(request: HookRequest, secret: str) -> HookReply | None:
    """Answer Slack's question whether the address is ours: its challenge (`url_verification`)."""
    try:
        asked = request.json()
    except InputError:
        return None
    if not isinstance(asked, dict) or asked.get("type") != "url_verification":
        return None
    challenge = asked.get("challenge")
    if not isinstance(challenge, str) or not 0 < len(challenge) <= LONGEST_CHALLENGE:
        raise InputError("Slack's question holds no challenge.", code="no_challenge")
    return HookReply(body=challenge)


def concerns(request: HookRequest, account: str) -> bool:
    """Say whether a request is about the connection's workspace.

    An app that is installed in several workspaces has one address and one signing secret for all. Of
    a channel that workspaces share, one of them stands in the request for the others (documented).
    """
    team, told = account.partition("/")[0], request.json()
    if not team.startswith("T"):  # an app installed for a whole organization hears all of it
        return True
    if not isinstance(told, dict) or told.get("is_ext_shared_channel"):
        return True
    rights = told.get("authorizations")
    named = [told, *(rights if isinstance(rights, list) else [])]
    teams = {one.get("team_id") for one in named if isinstance(one, dict)} - {None, ""}
    return not teams or team in teams


def message_posted(
    request: HookRequest, channel: str, from_apps: bool = False
) -> Iterator[Delivery]:
    """Return the message that a request tells of."""
    for event, own in _events(request, "message"):
        if event.get("channel") == channel and triggers.is_wanted(event, own, from_apps):
            yield _delivery(event, record=message_record(channel, event))


def app_mentioned(
    request: HookRequest, channel: str | None = None, from_apps: bool = False
) -> Iterator[Delivery]:
    """Return the message that mentions the app."""
    for event, own in _events(request, "app_mention"):
        if channel in (None, event.get("channel")) and triggers.is_wanted(event, own, from_apps):
            yield _delivery(event, record=message_record(_text(event, "channel"), event))


def reaction_added(
    request: HookRequest, channel: str | None = None, emoji: str | None = None
) -> Iterator[Delivery]:
    """Return the reaction that a request tells of; its message is read afresh."""
    for event, _ in _events(request, "reaction_added"):
        item = event.get("item") or {}
        if item.get("type") != "message" or emoji not in (None, event.get("reaction")):
            continue
        if channel in (None, item.get("channel")):
            parts = (_text(item, "channel"), _text(item, "ts"))
            key = "/".join((*parts, _text(event, "user"), _text(event, "reaction")))
            yield Delivery(f"reaction_added:{key}:{event.get('event_ts')}", key, event="reaction")


def member_joined_channel(request: HookRequest, channel: str | None = None) -> Iterator[Delivery]:
    """Return who joined."""
    for event, _ in _events(request, "member_joined_channel"):
        if channel in (None, _text(event, "channel")) and _text(event, "user"):
            yield _delivery(event, record=triggers.joined_record(event))


def user_changed(request: HookRequest, apps: bool = False) -> Iterator[Delivery]:
    """Return the person whom a request tells of."""
    for event, _ in _events(request, "team_join", "user_change"):
        user = event.get("user")
        if not isinstance(user, dict) or not user.get("id"):
            raise _unforeseen("user")
        if apps or not user.get("is_bot"):
            yield _delivery(event, record=person_record(user), about=str(user["id"]))


def channel_created(request: HookRequest) -> Iterator[Delivery]:
    """Return the channel that a request tells of; it is read afresh, as the event tells little."""
    for event, _ in _events(request, "channel_created"):
        channel = event.get("channel")
        if not isinstance(channel, dict) or not channel.get("id"):
            raise _unforeseen("channel")
        yield Delivery(
            f"channel_created:{channel['id']}", str(channel["id"]), event="channel created"
        )


def _events(request: HookRequest, *kinds: str) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Yield the event of a request if it is of one of these kinds, and what the app is known by.

    :raises InputError: it is no request of Slack's.
    """
    told = request.json()
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        raise _unforeseen("type")
    if told["type"] != "event_callback":  # such as app_rate_limited
        return
    event = told.get("event")
    if not isinstance(event, dict):
        raise _unforeseen("event")
    if event.get("type") not in kinds:
        return
    rights = told.get("authorizations")
    users = [one.get("user_id") for one in rights or [] if isinstance(one, dict)]
    yield event, frozenset(str(one) for one in (told.get("api_app_id"), *users) if one)


def _delivery(event: dict[str, Any], *, record: Record, about: str = "") -> Delivery:
    """Return a delivery that goes by what it is about, and not by Slack's number for it."""
    kind = _text(event, "type")
    at = event.get("event_ts") or event.get("ts") or event.get("cache_ts")
    if at is None:
        raise _unforeseen("event_ts")
    where = about or f"{event.get('channel')}:{event.get('user') or event.get('bot_id')}"
    return Delivery(f"{kind}:{where}:{at}", record=record, event=kind.replace("_", " "))


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise _unforeseen(name)
    return value


def _unforeseen(lacks: str) -> InputError:
    return InputError(
        f"Slack's event has no {lacks!r}.", hint="Its API may have changed.", code="no_record"
    )
