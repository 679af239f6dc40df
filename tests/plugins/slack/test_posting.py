"""Messages out: posted, changed, reacted to, sent to people, and looked for after a lost answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.context import Context
from engine.errors import AuthError, InputError, RetryableError, SetupError
from engine.sdk import Fault
from plugins.slack.connection import SCOPES
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import NOON, Clock
from tests.plugins.slack.workspace import (
    ADA,
    GENERAL,
    GEORGE,
    INTAKE,
    asked,
    do,
    find,
    line_to,
    look_up,
    posted,
)


def test_a_message_is_posted_by_a_channels_name_without_any_look_up(
    ctx: Context, server: PracticeSlack
) -> None:
    done = do(ctx, "post_message", channel="#general", text="Hello *there*")
    assert done.created
    assert done.target_id == f"{GENERAL}/{done.record['ts']}"
    assert posted(server)[-1]["text"] == "Hello *there*"
    assert [one["path"] for one in server.requests] == ["/api/chat.postMessage"]


def test_a_reply_goes_into_the_thread_of_a_message(ctx: Context, server: PracticeSlack) -> None:
    first = do(ctx, "post_message", channel="general", text="Who has 00042?").record
    by_id = do(ctx, "post_message", channel=GENERAL, text="I", thread=first["id"]).record
    by_ts = do(
        ctx, "post_message", channel=GENERAL, text="Me", thread=first["ts"], also_to_channel=True
    ).record
    assert {by_id["thread_ts"], by_ts["thread_ts"]} == {first["ts"]}
    assert posted(server)[-1]["subtype"] == "thread_broadcast"


def test_nobodys_phone_rings_because_of_a_record_unless_the_recipe_says_so(
    ctx: Context, server: PracticeSlack
) -> None:
    text = "<!channel> <!here> <!subteam^S1> from <@U0ADA00001>, <https://firm.example|here>"
    do(ctx, "post_message", channel=GENERAL, text=text)
    quiet = (
        "&lt;!channel> &lt;!here> &lt;!subteam^S1> from <@U0ADA00001>, <https://firm.example|here>"
    )
    assert posted(server)[-1]["text"] == quiet
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "<!everyone>"}}]
    do(ctx, "post_message", channel=GENERAL, blocks=blocks)
    assert posted(server)[-1]["blocks"][0]["text"]["text"] == "&lt;!everyone>"
    do(ctx, "post_message", channel=GENERAL, text=text, alert_everybody=True)
    assert posted(server)[-1]["text"] == text


def test_a_channel_that_is_not_there_is_named(ctx: Context) -> None:
    with pytest.raises(InputError, match="no channel called '#mattters'") as caught:
        do(ctx, "post_message", channel="mattters", text="Hello")
    assert (caught.value.code, caught.value.field) == ("channel_not_found", "channel")
    assert "/invite @the-app" in caught.value.hint


def test_a_message_holds_something_and_not_two_things(ctx: Context) -> None:
    with pytest.raises(InputError, match="is empty") as empty:
        do(ctx, "post_message", channel=GENERAL, text="")
    assert (empty.value.code, empty.value.field) == ("no_text", "text")
    with pytest.raises(InputError, match="either markdown, or text and blocks"):
        do(ctx, "post_message", channel=GENERAL, text="a", markdown="b")


def test_a_message_of_the_apps_own_is_changed_and_reacted_to_once(
    ctx: Context, server: PracticeSlack
) -> None:
    first = do(ctx, "post_message", channel=GENERAL, text="Draft").record
    changed = do(ctx, "update_message", message=first["id"], text="Final")
    assert (changed.record["text"], changed.target_id) == ("Final", first["id"])
    once = do(ctx, "add_reaction", message=first["id"], emoji=":eyes:")
    again = do(ctx, "add_reaction", message=first["id"], emoji="eyes")
    assert (once.changed, again.changed) == (True, False)
    assert posted(server)[-1]["reactions"][0]["count"] == 1
    with pytest.raises(InputError, match="no message's id"):
        do(ctx, "update_message", message="1769.2", text="x")


def test_a_record_keeps_one_message_which_changes_with_it(
    ctx: Context, server: PracticeSlack
) -> None:
    before = len(posted(server))
    first = do(ctx, "upsert_message", channel="#general", text="00042 is pending")
    known = replace(ctx, target_id=first.target_id)
    second = do(known, "upsert_message", channel="#general", text="00042 is open")
    assert (second.target_id, second.created) == (first.target_id, False)
    assert [one["text"] for one in posted(server)[before:]] == ["00042 is open"]
    server.workspace.messages[GENERAL].pop()  # somebody deleted it
    third = do(known, "upsert_message", channel="#general", text="00042 is closed")
    assert third.created
    assert [one["text"] for one in posted(server)[before:]] == ["00042 is closed"]


def test_people_are_written_to_by_e_mail_address(ctx: Context, server: PracticeSlack) -> None:
    for text in ("Welcome", "And again"):
        do(ctx, "send_direct_message", person="GEORGE.boole@firm.example", text=text)
    assert [one["text"] for one in posted(server, "D" + GEORGE[1:])] == ["Welcome", "And again"]
    # Both look-ups were kept for the run.
    assert len(asked(server, "users.lookupByEmail")) == 1
    assert len(asked(server, "conversations.open")) == 1


def test_whoever_is_gone_or_unknown_is_refused_in_a_sentence(ctx: Context) -> None:
    with pytest.raises(InputError, match=r"has the e-mail address 'no@firm\.example'") as unknown:
        do(ctx, "send_direct_message", person="no@firm.example", text="x")
    assert unknown.value.code == "users_not_found"
    with pytest.raises(InputError, match="switched off"):
        do(ctx, "send_direct_message", person="U0GONE0005", text="x")


def test_a_channel_is_made_of_a_matters_name_and_people_are_invited(
    ctx: Context, server: PracticeSlack
) -> None:
    assert look_up(ctx, "find_channel", name="matter-00042-smith-v-jones") is None
    made = do(ctx, "create_channel", name="Matter 00042: Smith v. Jones").record
    assert made["name"] == "matter-00042-smith-v-jones"
    found = look_up(ctx, "find_channel", name="#matter-00042-smith-v-jones")
    assert found is not None
    assert found["id"] == made["id"]
    first = do(ctx, "invite_to_channel", channel=f"#{made['name']}", person="ada@firm.example")
    again = do(ctx, "invite_to_channel", channel=made["id"], person=ADA)
    assert (first.changed, again.changed) == (True, False)
    assert server.workspace.members[made["id"]][1:] == [ADA]
    with pytest.raises(InputError, match="already") as taken:
        do(ctx, "create_channel", name="General")
    assert (taken.value.code, taken.value.field) == ("name_taken", "name")


def test_searches_find_people_and_channels_or_nothing(ctx: Context) -> None:
    ada = look_up(ctx, "find_user", email="ADA@firm.example")
    assert ada is not None
    assert ada == look_up(ctx, "get_user", user=ADA)
    assert (ada["name"], ada["active"], ada["admin"]) == ("Ada Byron", True, True)
    assert look_up(ctx, "get_user", user="U0NOBODY00") is None
    assert look_up(ctx, "find_channel", name="hr") is None  # private, and the app isn't in it


# -- after a lost answer ---------------------------------------------------------------------------


def test_a_message_whose_answer_was_lost_is_found_by_its_mark(
    ctx: Context, server: PracticeSlack
) -> None:
    since = ctx.now
    do(ctx, "post_message", key="other", channel="#general", text="Same words")
    assert find(ctx, "post_message", since, channel="#general") is None
    mine = do(ctx, "post_message", channel="#general", text="Same words").record
    for n in range(8):  # so that it isn't on the first page
        server.edit("messages", GENERAL, {"text": f"Talk {n}"})
        server.edit("messages", GENERAL, {"text": f"More talk {n}"})
    found = find(ctx, "post_message", since, channel="#general")
    assert found.target_id == mine["id"]
    reply = do(ctx, "post_message", key="r", channel=GENERAL, text="x", thread=mine["id"]).record
    again = find(ctx, "post_message", since, key="r", channel=GENERAL, thread=mine["id"])
    assert again.target_id == reply["id"]


def test_a_message_that_was_sent_before_the_doubt_is_not_looked_at(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    do(ctx, "post_message", channel=GENERAL, text="Old")
    clock.now += 3600
    assert find(ctx, "post_message", NOON + timedelta(hours=1), channel=GENERAL) is None


def test_without_the_right_to_read_nobody_can_tell_whether_it_arrived(
    clock: Clock,
) -> None:
    server = PracticeSlack(clock=clock, scopes=tuple(s for s in SCOPES if "history" not in s))
    with line_to(server, clock, "token") as ctx:
        do(ctx, "post_message", channel=GENERAL, text="Hello")
        with pytest.raises(InputError, match="can't be told") as caught:
            find(ctx, "post_message", NOON, channel=GENERAL)
    assert caught.value.code == "cannot_tell"
    assert "OAuth & Permissions" in caught.value.hint


def test_a_direct_message_and_a_channel_are_found_too(ctx: Context) -> None:
    since = ctx.now
    assert find(ctx, "send_direct_message", since, person="ada@firm.example") is None
    sent = do(ctx, "send_direct_message", person="ada@firm.example", text="Hello")
    found = find(ctx, "send_direct_message", since, person="ada@firm.example")
    assert found.target_id == sent.target_id
    assert find(ctx, "create_channel", since, name="general") is None  # made by somebody, long ago
    made = do(ctx, "create_channel", name="New one")
    assert find(ctx, "create_channel", since, name="New one").target_id == made.target_id


# -- how requests go -------------------------------------------------------------------------------


def test_a_busy_channel_is_waited_for_as_slack_says(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    for n in range(25):
        do(ctx, "post_message", key=str(n), channel=INTAKE, text=f"Line {n}")
    assert [one["text"] for one in posted(server, INTAKE)[-25:]] == [f"Line {n}" for n in range(25)]
    assert clock.waited == [10.0, 10.0]


def test_a_refusal_for_too_many_requests_at_status_200_is_waited_for(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    body = '{"ok":false,"error":"ratelimited"}'
    server.faults = [Fault("/api/chat", status=200, body=body, headers={"Retry-After": "3"})]
    do(ctx, "post_message", channel=GENERAL, text="Hello")
    assert clock.waited == [3.0]


def test_what_slack_may_have_done_half_is_not_repeated(ctx: Context, server: PracticeSlack) -> None:
    server.faults = [Fault("/api/chat", status=200, body='{"ok":false,"error":"fatal_error"}')]
    with pytest.raises(RetryableError, match="fatal_error") as caught:
        do(ctx, "post_message", channel=GENERAL, text="Hello")
    assert caught.value.maybe_sent
    assert len(asked(server, "chat.postMessage")) == 1


def test_a_token_that_was_taken_away_asks_to_connect_again(
    ctx: Context, server: PracticeSlack
) -> None:
    server.access.revoke_all()
    with pytest.raises(AuthError, match="no longer accepts this connection's token"):
        do(ctx, "post_message", channel=GENERAL, text="Hello")


def test_only_a_webhooks_connection_posts_to_a_webhook(ctx: Context) -> None:
    with pytest.raises(SetupError, match="not that of an incoming webhook"):
        do(ctx, "post_to_webhook", text="Hello")
