"""What goes wrong with Slack in practice, one test each; the names quote the fact sheet's list."""

import threading
import time

import httpx2
import pytest

from engine.context import Context
from engine.http.client import HttpClient
from engine.http.connect import new_connection
from engine.http.sessions import open_session
from engine.store.connections import get_connection, save_connection
from engine.store.database import Store
from plugins.slack import connector
from plugins.slack.connection import SCOPES
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import Clock
from tests.plugins.slack.told import told
from tests.plugins.slack.workspace import GENERAL, INTAKE, asked, do, line_to, look_up, posted, read

MESSAGES = ("message.channels",)
ONLY_INTAKE = f"{{channel: {INTAKE}}}"


def test_a_slow_handler_gets_retries_and_double_posts(store: Store) -> None:
    """bolt-python#731, agno#10073: what is sent again counts once, and is answered in time."""
    server = PracticeSlack()
    with told(store, server, "message_posted", *MESSAGES, given=ONLY_INTAKE) as recipe:
        taken = server.edit("messages", INTAKE, {"text": "Once"})
        before = time.monotonic()
        assert len(recipe.deliveries) == 1
        assert time.monotonic() - before < 3
        for _ in range(2):  # Slack took our answer for lost
            server.events.tell(
                {**taken, "channel": INTAKE, "event_ts": taken["ts"], "channel_type": "channel"}
            )
        assert len(recipe.deliveries) == 1


def test_dropping_all_requests_with_a_retry_header_loses_messages(store: Store) -> None:
    """A first try that failed is made up for by one that carries `X-Slack-Retry-Num`."""
    server = PracticeSlack()
    with told(store, server, "message_posted", *MESSAGES, given=ONLY_INTAKE) as recipe:
        recipe.away = 1
        server.edit("messages", INTAKE, {"text": "Not lost"})
        assert len(recipe.deliveries) == 1
        assert recipe.retries[-2:] == [None, "1"]


def test_duplicates_with_different_event_ids(store: Store) -> None:
    """node-slack-sdk#2141: deliveries go by channel and event_ts, whatever Slack numbers them."""
    server = PracticeSlack()
    with told(store, server, "message_posted", *MESSAGES, given=ONLY_INTAKE) as recipe:
        server.events.twice = True
        server.edit("messages", INTAKE, {"text": "Twice"})
        assert len(recipe.deliveries) == 1
        assert len({one["event_id"] for one in server.events.sent}) == 2
        assert recipe.statuses == [200, 200, 200]


def test_a_rotation_race_leaves_a_dead_token(
    server: PracticeSlack, clock: Clock, store: Store
) -> None:
    """node-slack-sdk#2504, bolt-python#663: four workers refused at once refresh once."""
    given = {**server.credentials_for("oauth"), "base_url": "http://practice.test"}
    save_connection(store, new_connection(connector, "slack", given))
    server.access.expire_all()
    meet, said = threading.Barrier(4), []

    def work() -> None:
        stored = get_connection(store, "slack")
        transport = httpx2.WSGITransport(app=server)
        with open_session(
            connector, stored, store=store, transport=transport, clock=clock
        ) as session:
            meet.wait(10)
            said.append(HttpClient(session, idempotent=True).post("auth.test").json()["ok"])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert said == [True] * 4
    assert server.access.refreshes == 1
    clock.now += 43_000
    with open_session(
        connector,
        get_connection(store, "slack"),
        store=store,
        transport=httpx2.WSGITransport(app=server),
        clock=lambda: clock.now + 190,
    ) as session:  # the stored refresh token is the one that still works
        assert HttpClient(session, idempotent=True).post("auth.test").json()["ok"]


def test_nobody_refreshes_when_only_sending(server: PracticeSlack, clock: Clock) -> None:
    """latitude#3334, java-slack-sdk#1423: a message is posted twelve hours after the log-in."""
    with line_to(server, clock, "oauth") as ctx:
        do(ctx, "post_message", key="1", channel=GENERAL, text="In the morning")
        clock.now += 13 * 3600
        do(ctx, "post_message", key="2", channel=GENERAL, text="In the evening")
    assert [one["text"] for one in posted(server)[-2:]] == ["In the morning", "In the evening"]
    assert server.access.refreshes == 1


def test_short_and_empty_pages_end_no_list(ctx: Context, server: PracticeSlack) -> None:
    """python-slack-sdk#1043: 22 archived channels in a row make whole pages empty."""
    found = look_up(ctx, "find_channel", name="import-reports")
    assert found is not None
    assert found["id"] == "C0REPORTS1"
    sizes = [one["query"].get("cursor") for one in asked(server, "conversations.list")]
    assert len(sizes) > 3
    people = read(ctx, "user_changed")
    assert len(people) == 32  # of 34, without the two apps


def test_a_look_up_by_name_takes_seven_minutes(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    """python-slack-sdk#1494: a thousand posts by name look nothing up, and ids are kept for a run."""
    for n in range(3):
        do(ctx, "post_message", key=str(n), channel="#general", text=f"Line {n}")
    assert asked(server, "conversations.list") == []
    for who in ("ada", "george.boole", "grace"):
        do(ctx, "invite_to_channel", channel="#büro-münchen", person=f"{who}@firm.example")
    pages = asked(server, "conversations.list")
    # Private channels are refused once for want of a scope, then all is read once.
    assert len([page for page in pages if "cursor" not in page["query"]]) == 2
    assert {page["query"]["limit"][0] for page in pages} == {"999"}
    assert clock.waited == []


@pytest.mark.parametrize("more", [(), ("groups:read",)], ids=["public", "with groups:read"])
def test_only_public_channels_by_default(clock: Clock, more: tuple[str, ...]) -> None:
    """Private ones are there where the app has the scope, and was invited."""
    server = PracticeSlack(clock=clock, scopes=(*SCOPES, *more))
    with line_to(server, clock, "token") as ctx:
        found = {channel["name"] for channel in read(ctx, "channel_created")}
        seen = look_up(ctx, "find_channel", name="partners")
    assert ("partners" in found) is bool(more)
    assert (seen is not None) is bool(more)
    assert "hr" not in found
