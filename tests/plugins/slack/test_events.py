"""Slack's events end to end: asked at the address, signed, stored once, read by the right trigger."""

import json
import time

import pytest

from engine.store.database import Store
from engine.webhooks import HookReply, HookRequest
from plugins.slack import connector, webhooks
from plugins.slack.practice import PracticeSlack
from plugins.slack.practice.sample_data import OWN
from tests.plugins.slack.told import told
from tests.plugins.slack.workspace import ADA, GENERAL, GEORGE, GRACE, INTAKE

MESSAGES = ("message.channels", "message.groups")
ONLY_INTAKE = f"{{channel: {INTAKE}}}"


@pytest.fixture
def server() -> PracticeSlack:
    """Return a workspace whose clock is right, as signatures hold the time."""
    return PracticeSlack()


def test_a_message_in_the_channel_is_told_and_those_elsewhere_are_not(
    store: Store, server: PracticeSlack
) -> None:
    with told(store, server, "message_posted", *MESSAGES, given=ONLY_INTAKE) as recipe:
        wanted = server.edit("messages", INTAKE, {"text": "New enquiry", "user": GRACE})
        reply = server.edit("messages", INTAKE, {"text": "Mine", "thread_ts": wanted["ts"]})
        server.edit("messages", GENERAL, {"text": "Lunch?"})
        server.edit("messages", "C0PARTNER8", {"text": "Between us"})
        server.edit("messages", INTAKE, {"subtype": "channel_topic", "text": "set the topic"})
        keys = [one.delivery_id.split(":")[-1] for one in recipe.deliveries]
        assert keys == [wanted["ts"], reply["ts"]]
        assert recipe.statuses == [200] * 6


def test_messages_of_apps_are_told_only_if_asked_for_and_the_apps_own_never(
    store: Store, server: PracticeSlack
) -> None:
    robot = {"subtype": "bot_message", "bot_id": "B0CALENDAR", "user": "U0BOT00008", "text": "9:00"}
    own = {"user": "U0BRIDGE01", "bot_id": "B0BRIDGE01", "app_id": "A0BRIDGE01", "text": "Posted"}
    for apps, expected in (("false", 0), ("true", 1)):
        given = f"{{channel: {INTAKE}, from_apps: {apps}}}"
        with told(store, server, "message_posted", *MESSAGES, given=given) as recipe:
            server.edit("messages", INTAKE, robot)
            server.edit("messages", INTAKE, own)
            assert len(recipe.deliveries) == expected


def test_a_reaction_is_told_with_the_message_to_be_read(
    store: Store, server: PracticeSlack
) -> None:
    given = f"{{channel: {GENERAL}, emoji: white_check_mark}}"
    message = "/".join(OWN)
    with told(store, server, "reaction_added", "reaction_added", given=given) as recipe:
        server.edit("reactions", message, {"emoji": "eyes", "user": GRACE})
        server.edit("reactions", message, {"emoji": "white_check_mark", "user": GRACE})
        (one,) = recipe.deliveries
        assert one.key == f"{message}/{GRACE}/white_check_mark"


def test_mentions_people_who_join_and_new_people_and_channels_are_told(
    store: Store, server: PracticeSlack
) -> None:
    with told(store, server, "app_mentioned", "app_mention") as recipe:
        server.edit("messages", GENERAL, {"text": "<@U0BRIDGE01> please"})
        server.edit("messages", GENERAL, {"text": "<@U0ADA00001> please"})
        assert [one.event for one in recipe.deliveries] == ["app mention"]
    with told(store, server, "member_joined_channel", "member_joined_channel") as recipe:
        server.edit("members", INTAKE, {"user": GEORGE, "inviter": ADA})
        assert recipe.deliveries[-1].event == "member joined channel"
    with told(store, server, "user_changed", "team_join", "user_change") as recipe:
        server.edit("users", "U0NEW00001", {"name": "Mary Boole", "email": "mary@firm.example"})
        server.edit("users", GRACE, {"profile": {"title": "Attorney"}})
        assert [one.event for one in recipe.deliveries[-2:]] == ["team join", "user change"]
    with told(store, server, "channel_created", "channel_created") as recipe:
        made = server.edit("channels", "trial-7", {})
        assert recipe.deliveries[-1].key == made["id"]


def test_nothing_unsigned_old_or_signed_otherwise_is_taken(
    store: Store, server: PracticeSlack
) -> None:
    with told(store, server, "message_posted", *MESSAGES, given=ONLY_INTAKE) as recipe:
        server.events.secret = "another app's"
        server.edit("messages", INTAKE, {"text": "Forged"})
        assert server.events.sender.wait_until_idle()
        server.events.secret = server.access.signing_secret
        server.events.clock = lambda: time.time() - 400
        server.edit("messages", INTAKE, {"text": "Old"})
        assert recipe.deliveries == []
        assert set(recipe.statuses[1:]) == {401}
        assert recipe.hook.refused == len(recipe.statuses) - 1


def test_slacks_question_is_answered_whether_or_not_a_secret_is_known() -> None:
    asked = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY"}
    for secret in ("", "known"):
        reply = webhooks.handshake(HookRequest("POST", body=json.dumps(asked).encode()), secret)
        assert reply == HookReply(body=asked["challenge"])


@pytest.mark.parametrize("trigger", sorted(connector.webhooks))
def test_other_kinds_of_requests_and_events_deliver_nothing(trigger: str) -> None:
    hook = connector.webhooks[trigger]
    assert hook.deliveries_function is not None
    for told_of in (
        {"type": "app_rate_limited", "minute_rate_limited": 1518467820},
        {"type": "event_callback", "event": {"type": "pin_added", "event_ts": "1.2"}},
    ):
        request = HookRequest("POST", body=json.dumps(told_of).encode())
        given = {"channel": INTAKE} if trigger == "message_posted" else {}
        assert list(hook.deliveries_function(request, **given)) == []
