"""Read by the clock: messages, reactions, people and channels; and refusals in plain words."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from engine.context import Context
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.sdk import Fault
from plugins.slack import triggers
from plugins.slack.messages import message_record
from plugins.slack.moments import moment_of, seconds_of
from plugins.slack.practice import PracticeSlack
from plugins.slack.refusals import refused
from tests.plugins.line import Clock
from tests.plugins.slack.workspace import ADA, GENERAL, INTAKE, asked, do, read


def test_messages_are_what_people_said(ctx: Context) -> None:
    found = read(ctx, "message_posted", channel=GENERAL)
    assert [one["text"].split()[0] for one in found] == ["<!here>", "Good"]  # the newest first
    (with_file, *_) = read(ctx, "message_posted", channel=INTAKE)
    assert with_file["files"][0]["name"] == "scan.pdf"


def test_messages_of_other_apps_come_if_asked_for_and_our_own_never(ctx: Context) -> None:
    do(ctx, "post_message", channel=GENERAL, text="Ours")
    texts = {one["text"] for one in read(ctx, "message_posted", channel=GENERAL, from_apps=True)}
    assert "Hearing at 9:00" in texts
    assert not texts & {"Ours", "Posted once."}


def test_a_later_read_begins_where_the_last_one_ended(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    newest = read(ctx, "message_posted", channel=INTAKE)[0]
    clock.now += 60
    added = server.edit("messages", INTAKE, {"text": "Later"})
    since = datetime.fromisoformat(newest["posted_at"])
    found = read(ctx, "message_posted", since, channel=INTAKE)
    assert [one["ts"] for one in found] == [added["ts"], newest["ts"]]


def test_a_message_is_read_afresh_or_gone(ctx: Context, server: PracticeSlack) -> None:
    posted = server.edit("messages", INTAKE, {"text": "First", "user": ADA})
    key = f"{INTAKE}/{posted['ts']}"
    posted["text"] = "Corrected"
    again = triggers.fetch_message(ctx, key)
    assert again is not None
    assert again["text"] == "Corrected"
    server.workspace.messages[INTAKE].remove(posted)
    assert triggers.fetch_message(ctx, key) is None


def test_reactions_of_the_last_days_are_read_with_their_messages(ctx: Context) -> None:
    found = read(ctx, "reaction_added", channel=INTAKE, emoji="white_check_mark")
    assert [one["user"] for one in found] == [ADA, "U0GRACE003"]
    assert "Müller" in found[0]["message"]["text"]
    assert read(ctx, "reaction_added", channel=INTAKE, days=1) == []
    assert read(ctx, "reaction_added") == []  # without a channel, only what is told at once


def test_a_reaction_that_was_taken_back_is_gone(ctx: Context, server: PracticeSlack) -> None:
    key = read(ctx, "reaction_added", channel=INTAKE, emoji="eyes")[0]["id"]
    assert triggers.fetch_reaction(ctx, key) is not None
    server.workspace.messages[INTAKE][0]["reactions"].pop()
    assert triggers.fetch_reaction(ctx, key) is None


def test_people_who_changed_since_are_read(
    ctx: Context, server: PracticeSlack, clock: Clock
) -> None:
    since = datetime.fromtimestamp(clock(), UTC)
    clock.now += 3600
    server.edit("users", "U0GRACE003", {"profile": {"title": "Attorney"}})
    server.edit("users", "U0NEW00001", {"name": "Mary Boole", "email": "mary@firm.example"})
    found = read(ctx, "user_changed", since)
    assert [one["name"] for one in found] == ["Grace Hopper 🚢", "Mary Boole"]
    everybody = read(ctx, "user_changed")
    assert {"U0GONE0005", "U0NAME0007"} <= {one["id"] for one in everybody}
    assert not any(one["app"] for one in everybody)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller &amp; Söhne &lt;lease&gt;", "Müller & Söhne <lease>"),
        ("<@U0ADA00001> see <#C0INTAKE02|intake>", "@U0ADA00001 see #intake"),
        (
            "<!channel> <!here|here> <!subteam^S012|@lawyers> <!subteam^S012>",
            "@channel @here @lawyers @S012",
        ),
        ("<https://court.example|the court>", "the court (https://court.example)"),
        (
            "<https://court.example> <mailto:a@b.example|a@b.example>",
            "https://court.example a@b.example",
        ),
        ("*bold* 1 > 0", "*bold* 1 > 0"),
        ("", ""),
    ],
)
def test_a_text_is_told_plainly_as_well(text: str, plain: str) -> None:
    record = message_record(INTAKE, {"ts": "1769871845.000200", "text": text})
    assert (record["text"], record["plain_text"]) == (text, plain)


def test_moments_are_exact_to_the_microsecond() -> None:
    at = datetime(2026, 1, 31, 15, 4, 5, 200, tzinfo=UTC)
    assert moment_of("1769871845.000200") == "2026-01-31T15:04:05.000200Z"
    assert seconds_of(at) == "1769871845.000200"
    assert moment_of("soon") is None
    assert seconds_of(at + timedelta(microseconds=799_800)) == "1769871845.800000"


# -- refusals --------------------------------------------------------------------------------------


def said(body: str, path: str = "/api/chat.postMessage") -> ConnectorError | None:
    request = httpx2.Request("POST", f"https://slack.com{path}")
    return refused(httpx2.Response(200, text=body, request=request))


@pytest.mark.parametrize(
    ("code", "kind", "field"),
    [
        ("channel_not_found", InputError, "channel"),
        ("not_in_channel", InputError, "channel"),
        ("is_archived", InputError, "channel"),
        ("msg_too_long", InputError, "text"),
        ("no_text", InputError, "text"),
        ("too_many_attachments", InputError, "blocks"),
        ("users_not_found", InputError, "email"),
        ("something_new", InputError, None),
        ("not_authed", AuthError, None),
        ("invalid_auth", AuthError, None),
        ("account_inactive", AuthError, None),
        ("token_revoked", AuthError, None),
        ("rate_limited", RetryableError, None),
        ("internal_error", RetryableError, None),
        ("unknown_method", RemoteError, None),
    ],
)
def test_each_documented_refusal_is_the_right_kind_of_error(
    code: str, kind: type[ConnectorError], field: str | None
) -> None:
    found = said(f'{{"ok":false,"error":"{code}"}}')
    assert type(found) is kind
    assert getattr(found, "field", None) == field
    if kind is InputError:
        assert found is not None
        assert found.code == code


def test_a_missing_scope_names_what_is_needed_and_what_there_is() -> None:
    found = said('{"ok":false,"error":"missing_scope","needed":"im:write","provided":"chat:write"}')
    assert isinstance(found, AuthError)
    assert found.message == "The Slack app lacks the permission 'im:write'; it has chat:write."
    assert "install the app in the workspace again" in found.hint


def test_slacks_own_words_on_what_is_wrong_are_passed_on() -> None:
    found = said(
        '{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":'
        '["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]}}'
    )
    assert found is not None
    assert "Slack says: must be less than 3001 characters" in found.message


def test_what_is_no_answer_of_the_api_is_no_success() -> None:
    for body in ("<html>Log in</html>", "[]", "null", '{"data":1}', ""):
        assert isinstance(said(body), RemoteError), body
    assert said("OK - 20", "/upload/v1/F1") is None
    assert said('{ "ok" : true }') is None


def test_a_connection_without_a_scope_says_so(ctx: Context, server: PracticeSlack) -> None:
    body = (
        '{"ok":false,"error":"missing_scope","needed":"channels:history","provided":"chat:write"}'
    )
    server.faults = [Fault("/api/conversations.history", status=200, body=body)]
    with pytest.raises(AuthError, match="lacks the permission 'channels:history'"):
        read(ctx, "message_posted", channel=INTAKE)
    assert len(asked(server, "conversations.history")) == 1
