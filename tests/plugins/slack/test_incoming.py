"""Incoming webhooks: a connection that is nothing but an address, and its plain refusals."""

from collections.abc import Iterator

import pytest

from engine.context import Context
from engine.errors import AuthError, InputError, RetryableError, SetupError
from engine.sdk import Account, Fault
from plugins.slack import connector
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import Clock
from tests.plugins.slack.workspace import do, line_to, posted, read

CHANNEL = "C0REPORTS1"


@pytest.fixture
def webhook(server: PracticeSlack, clock: Clock) -> Iterator[Context]:
    with line_to(server, clock, "webhook") as context:
        yield context


def check(ctx: Context) -> Account:
    assert connector.check_function is not None
    found = connector.check_function(ctx)
    assert isinstance(found, Account)
    return found


def test_a_message_is_posted_in_the_webhooks_channel(
    webhook: Context, server: PracticeSlack
) -> None:
    done = do(webhook, "post_to_webhook", text="41 matters imported <!channel>")
    assert done.record == {"posted": True}
    assert posted(server, CHANNEL)[-1]["text"] == "41 matters imported &lt;!channel>"


def test_testing_the_connection_posts_nothing_and_tells_webhooks_apart(
    webhook: Context, server: PracticeSlack
) -> None:
    assert check(webhook).id == "T0FIRM0001/B0HOOK0001"
    assert posted(server, CHANNEL) == []
    assert str(server.incoming.path) not in check(webhook).label


def test_a_webhook_that_was_removed_asks_for_a_new_one(
    webhook: Context, server: PracticeSlack
) -> None:
    server.incoming.on = False
    for use in (lambda: check(webhook), lambda: do(webhook, "post_to_webhook", text="x")):
        with pytest.raises(AuthError, match="removed it or switched it off") as caught:
            use()
        assert "Make a new webhook" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "said"),
    [({"is_archived": True}, "is archived"), ({"read_only": True}, "settings don't let")],
    ids=["archived", "restricted"],
)
def test_what_is_wrong_with_its_channel_is_said(
    webhook: Context, server: PracticeSlack, change: dict[str, bool], said: str
) -> None:
    server.workspace.channels[CHANNEL].update(change)
    with pytest.raises(AuthError, match=said):
        do(webhook, "post_to_webhook", text="x")


def test_a_message_that_slack_does_not_understand_is_this_records_fault(
    webhook: Context, server: PracticeSlack
) -> None:
    server.faults = [Fault("/services/", status=400, body="invalid_blocks")]
    with pytest.raises(InputError, match="does not understand the blocks") as caught:
        do(webhook, "post_to_webhook", text="x")
    assert (caught.value.code, caught.value.field) == ("invalid_blocks", "blocks")


def test_slacks_own_trouble_may_have_posted_it(webhook: Context, server: PracticeSlack) -> None:
    server.faults = [Fault("/services/", status=500, body="rollup_error")]
    with pytest.raises(RetryableError, match="a problem of its own") as caught:
        do(webhook, "post_to_webhook", text="x")
    assert caught.value.maybe_sent


def test_too_many_are_waited_for(webhook: Context, server: PracticeSlack, clock: Clock) -> None:
    server.faults = [Fault("/services/", status=429, headers={"Retry-After": "2"})]
    do(webhook, "post_to_webhook", text="x")
    assert clock.waited == [2.0]


def test_an_address_that_is_none_of_slacks_is_sent_nothing(
    server: PracticeSlack, clock: Clock
) -> None:
    for url in (
        "https://hooks.example/services/T1A/B1B/x1",
        "http://hooks.slack.com/services/T/B/x",
    ):
        with (
            line_to(server, clock, "webhook", webhook_url=url) as ctx,
            pytest.raises(SetupError, match="none of Slack's"),
        ):
            do(ctx, "post_to_webhook", text="x")
    assert server.requests == []


def test_it_can_do_nothing_else(webhook: Context) -> None:
    with pytest.raises(AuthError, match="has no token"):
        read(webhook, "message_posted", channel="C0INTAKE02")
