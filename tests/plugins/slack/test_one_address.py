"""A Slack app has one Request URL: the recipes of a connection share it."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from engine.run.recipes.switching import switch_off
from engine.sdk import SlackSignature
from engine.store.connections import get_connection, save_connection
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hooks import list_hooks
from engine.webhooks import HookRequest
from plugins.slack.practice import PracticeSlack
from plugins.slack.practice.workspace import TEAM
from tests.plugins.slack.told import Told, told
from tests.plugins.slack.workspace import GENERAL, INTAKE

EVENTS = ("message.channels", "app_mention", "reaction_added")


@pytest.fixture
def server() -> PracticeSlack:
    return PracticeSlack()


def told_of(store: Store, recipe: str) -> int:
    return len(list_deliveries(store, recipe=recipe))


def test_what_comes_to_one_recipes_address_is_told_to_all_of_the_connection(
    store: Store, server: PracticeSlack
) -> None:
    with (
        told(store, server, "app_mentioned", *EVENTS),
        told(store, server, "message_posted", *EVENTS, given=f"{{channel: {INTAKE}}}") as here,
    ):
        server.edit("messages", GENERAL, {"text": "<@U0BRIDGE01> please"})
        server.edit("messages", INTAKE, {"text": "New enquiry"})
        assert len(here.deliveries) == 2
        assert told_of(store, "told-app-mentioned") == 1
        assert told_of(store, "told-message-posted") == 1


def test_the_address_of_a_recipe_that_is_off_serves_those_that_are_on(
    store: Store, server: PracticeSlack
) -> None:
    with (
        told(store, server, "app_mentioned", *EVENTS) as first,
        told(store, server, "message_posted", *EVENTS, given=f"{{channel: {INTAKE}}}") as here,
    ):
        switch_off(store, here.host, "told-message-posted")
        server.edit("messages", GENERAL, {"text": "<@U0BRIDGE01> please"})
        assert len(here.deliveries) == 1
        assert told_of(store, "told-message-posted") == 0
        switch_off(store, first.host, "told-app-mentioned")
        server.edit("messages", GENERAL, {"text": "<@U0BRIDGE01> once more"})
        assert server.events.sender.wait_until_idle()
        assert told_of(store, "told-app-mentioned") == 1
        assert here.statuses[-1] == 410


def test_another_connection_hears_nothing_of_it(store: Store, server: PracticeSlack) -> None:
    with told(store, server, "message_posted", *EVENTS, given=f"{{channel: {INTAKE}}}") as here:
        with told(store, server, "app_mentioned", *EVENTS, connection="other") as other:
            _send(other, server)
        assert told_of(store, "told-message-posted") == 0
        assert {hook.connection for hook in list_hooks(store)} == {"slack", "other"}
        assert here.hook.refused == 0


def test_a_forged_request_is_told_to_nobody(store: Store, server: PracticeSlack) -> None:
    with (
        told(store, server, "app_mentioned", *EVENTS),
        told(store, server, "message_posted", *EVENTS, given=f"{{channel: {INTAKE}}}") as here,
    ):
        server.events.secret = "another app's"
        server.edit("messages", INTAKE, {"text": "<@U0BRIDGE01> forged"})
        assert here.deliveries == []


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"team_id": "T0OTHER001"}, 0),
        ({"team_id": "T0OTHER001", "authorizations": [{"team_id": "T0OTHER001"}]}, 0),
        ({"team_id": TEAM["id"]}, 1),
        ({"team_id": "T0OTHER001", "authorizations": [{"team_id": TEAM["id"]}]}, 1),
        ({"team_id": "T0OTHER001", "is_ext_shared_channel": True}, 1),
        ({}, 1),
    ],
    ids=["another", "another's only", "this", "told for this", "shared channel", "unsaid"],
)
def test_of_workspaces_with_the_same_app_only_the_connections_own_is_heard(
    store: Store, server: PracticeSlack, said: dict[str, Any], heard: int
) -> None:
    with told(store, server, "message_posted", *EVENTS, given=f"{{channel: {INTAKE}}}") as here:
        known = replace(get_connection(store, "slack"), account_id=f"{TEAM['id']}/U0BRIDGE01")
        save_connection(store, known)
        _send(here, server, **said)
        assert told_of(store, "told-message-posted") == heard
        assert here.hook.refused == 0


def _send(to: Told, server: PracticeSlack, **said: Any) -> None:
    """Send a signed message of the intake channel straight to an address."""
    event = {"type": "message", "channel": INTAKE, "user": "U0ADA00001", "text": "x"}
    event |= {"ts": "1769871845.000200", "event_ts": "1769871845.000200"}
    body = json.dumps({"type": "event_callback", "event": event, **said}).encode()
    at = str(int(time.time()))
    signed = SlackSignature().signature(body, server.access.signing_secret, at)
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": signed}
    assert to.answer(HookRequest("POST", headers, body=body)).status == 200
