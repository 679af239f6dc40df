"""Slack's own client for Python works with the practice workspace; only the address is set."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.token_rotation import TokenRotator
from slack_sdk.signature import SignatureVerifier
from werkzeug.wrappers import Request, Response

from engine.loopback import on_loopback
from plugins.slack.practice import PracticeSlack
from tests.plugins.slack.workspace import ADA, GENERAL, GEORGE, INTAKE


@pytest.fixture
def server() -> PracticeSlack:
    return PracticeSlack()


@pytest.fixture
def url(server: PracticeSlack) -> Iterator[str]:
    with on_loopback(server) as url:
        yield url


@pytest.fixture
def client(server: PracticeSlack, url: str) -> WebClient:
    return WebClient(token=server.access.bot_token, base_url=f"{url}/api/")


def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_messages_are_posted_changed_reacted_to_and_taken_back(client: WebClient) -> None:
    assert client.auth_test()["team"] == "Byron & Boole"
    posted = client.chat_postMessage(
        channel="#general",
        text="Hello",
        metadata={"event_type": "greeting", "event_payload": {"to": "all"}},
    )
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    assert client.chat_update(**place, text="Hello all")["text"] == "Hello all"
    client.reactions_add(channel=place["channel"], timestamp=place["ts"], name="wave")
    shown = client.reactions_get(channel=place["channel"], timestamp=place["ts"])["message"]
    assert [one["name"] for one in shown["reactions"]] == ["wave"]
    reply = client.chat_postMessage(channel=GENERAL, thread_ts=place["ts"], text="And you?")
    thread = client.conversations_replies(
        channel=GENERAL, ts=place["ts"], include_all_metadata=True
    )
    assert [one["ts"] for one in thread["messages"]] == [place["ts"], reply["ts"]]
    assert thread["messages"][0]["metadata"]["event_payload"] == {"to": "all"}
    client.chat_delete(channel=GENERAL, ts=reply["ts"])
    latest = client.conversations_history(channel=GENERAL, limit=1)["messages"]
    assert [one["text"] for one in latest] == ["Hello all"]


def test_its_iterators_walk_pages_that_are_short_and_empty(client: WebClient) -> None:
    pages = [
        page["channels"] for page in client.conversations_list(exclude_archived=True, limit=200)
    ]
    assert [] in pages[:-1]
    names = [channel["name"] for page in pages for channel in page]
    assert {"general", "büro-münchen", "import-reports"} <= set(names)
    people = [user["id"] for page in client.users_list(limit=200) for user in page["members"]]
    assert len(people) == len(set(people)) == 34
    assert client.conversations_members(channel=INTAKE)["members"][0] == ADA


def test_people_and_channels_are_found_made_and_invited(client: WebClient) -> None:
    george = client.users_lookupByEmail(email="george.boole@firm.example")["user"]
    assert client.users_info(user=george["id"])["user"]["real_name"] == "George Boole"
    made = client.conversations_create(name="matter-7")["channel"]
    client.conversations_invite(channel=made["id"], users=[george["id"]])
    assert (
        client.conversations_info(channel=made["id"], include_num_members=True)["channel"][
            "num_members"
        ]
        == 2
    )
    direct = client.conversations_open(users=[GEORGE])["channel"]["id"]
    client.chat_postMessage(channel=direct, text="Welcome")
    assert client.conversations_history(channel=direct)["messages"][0]["text"] == "Welcome"


def test_files_are_uploaded_in_three_requests(client: WebClient, server: PracticeSlack) -> None:
    answer = client.files_upload_v2(
        channel=INTAKE, content="a,b\n1,2\n", filename="table.csv", initial_comment="Look"
    )
    assert server.workspace.files[answer["file"]["id"]]["size"] == 8
    assert client.conversations_history(channel=INTAKE, limit=1)["messages"][0]["text"] == "Look"


def test_refusals_are_its_errors(client: WebClient, server: PracticeSlack) -> None:
    assert refused(lambda: client.chat_postMessage(channel="#nowhere", text="x")) == (
        "channel_not_found"
    )
    assert refused(lambda: client.chat_postMessage(channel="#random", text="x")) == "not_in_channel"
    assert refused(lambda: client.chat_postMessage(channel=GENERAL, text="x" * 40_001)) == (
        "msg_too_long"
    )
    assert refused(lambda: client.api_call("chat.fly")) == "unknown_method"
    with pytest.raises(SlackApiError) as caught:
        client.conversations_list(types="private_channel")
    assert caught.value.response["needed"] == "groups:read"
    assert "channels:read" in caught.value.response["provided"].split(",")
    server.access.revoke_all()
    assert refused(client.auth_test) == "invalid_auth"


def test_too_many_messages_in_one_channel_are_refused_for_seconds(client: WebClient) -> None:
    for n in range(10):
        client.chat_postMessage(channel=GENERAL, text=f"Message {n}")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="One more")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 10


def test_its_rotator_renews_a_token_once_only(server: PracticeSlack, url: str) -> None:
    access = server.access
    rotator = TokenRotator(
        client_id=access.client_id,
        client_secret=access.client_secret,
        client=WebClient(base_url=f"{url}/api/"),
    )
    old = Bot(
        team_id="T0FIRM0001",
        bot_token=access.ready_made["access_token"],
        bot_id="B0BRIDGE01",
        bot_user_id="U0BRIDGE01",
        bot_refresh_token=access.ready_made["refresh_token"],
        bot_token_expires_at=int(time.time()) + 60,
        installed_at=time.time(),
    )
    new = rotator.perform_bot_token_rotation(bot=old)
    assert new is not None
    assert new.bot_token != old.bot_token
    assert WebClient(token=new.bot_token, base_url=f"{url}/api/").auth_test()["ok"]
    with pytest.raises(SlackTokenRotationError, match="invalid_refresh_token"):
        rotator.perform_bot_token_rotation(bot=old)


def test_a_lasting_token_becomes_one_that_rotates(server: PracticeSlack, url: str) -> None:
    access, client = server.access, WebClient(base_url=f"{url}/api/")
    answer = client.oauth_v2_exchange(
        token=access.bot_token, client_id=access.client_id, client_secret=access.client_secret
    )
    assert answer["expires_in"] == 43_200
    found = Installation(
        user_id=ADA,
        bot_token=answer["access_token"],
        bot_refresh_token=answer["refresh_token"],
        bot_token_expires_in=answer["expires_in"],
    )
    assert found.bot_token_expires_at is not None


def test_its_webhook_client_posts_and_reads_plain_refusals(server: PracticeSlack, url: str) -> None:
    webhook = WebhookClient(f"{url}{server.incoming.path}")
    assert webhook.send(text="Import done").body == "ok"
    assert (webhook.send(text="").status_code, webhook.send(text="").body) == (400, "no_text")
    server.workspace.channels["C0REPORTS1"]["is_archived"] = True
    gone = webhook.send(text="x")
    assert (gone.status_code, gone.body) == (410, "channel_is_archived")
    server.incoming.on = False
    assert webhook.send(text="x").body == "no_service"


def test_its_verifier_takes_our_signed_events_and_no_others(server: PracticeSlack) -> None:
    verifier = SignatureVerifier(server.access.signing_secret)
    seen: list[bool] = []

    @Request.application
    def answer(request: Request) -> Response:
        body = request.get_data()
        seen.append(verifier.is_valid_request(body, dict(request.headers)))
        seen.append(verifier.is_valid_request(body + b" ", dict(request.headers)))
        challenge = request.get_json().get("challenge", "")
        return Response(challenge)

    with on_loopback(answer) as url:
        server.events.subscribe(url, ["message.channels"])
        assert server.events.sender.wait_until_idle()
        server.edit("messages", GENERAL, {"text": "Hello"})
        assert server.events.sender.wait_until_idle()
    assert server.events.verified
    assert seen == [True, False, True, False]
