"""``bridgework notices``: what was told, whether it was sent, and a test of each channel."""

import json

import pytest

from engine.loopback import on_loopback
from engine.notices.mail import MAIL_FROM_VARIABLE, SMTP_URL_VARIABLE
from engine.notices.sending import send_notices
from engine.store.notice_channels import Channel, save_channel
from engine.store.notices import add_notice
from tests.engine.notices.conftest import Receiver, mail_on_loopback


@pytest.fixture
def receiver():
    app = Receiver()
    with on_loopback(app) as url:
        app.url = f"{url}/hush5hush5"
        yield app


@pytest.fixture
def chat(store, receiver) -> Channel:
    channel = Channel(name="chat", kind="slack", place="hooks", secrets={"url": receiver.url})
    save_channel(store, channel)
    return channel


def test_a_home_without_notices_says_so(bridgework) -> None:
    result = bridgework("notices")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "There are no notices." in result.stderr
    assert bridgework("notices", "--json").stdout.strip() == "[]"


def test_notices_are_listed_with_what_became_of_them(bridgework, store, chat, receiver) -> None:
    receiver.will_answer("404 Not Found", "no_service")
    with store.writing() as connection:
        add_notice(
            connection, kind="run_failed", about="recipe:a", subject="A could not run", body="b"
        )
    send_notices(store)
    table = bridgework("notices").stdout
    assert "A could not run" in table
    assert "0 sent, 1 failed" in table
    [listed] = json.loads(bridgework("notices", "--json").stdout)
    assert (listed["kind"], listed["about"], listed["stands"]) == ("run_failed", "recipe:a", True)
    [sent] = listed["sent"]
    assert (sent["at"], sent["problem"][:31]) == (None, "This webhook was removed in Sla")
    [channel] = json.loads(bridgework("notices", "channels", "--json").stdout)
    assert channel["problem"] == sent["problem"]
    assert "hush5hush5" not in bridgework("notices", "channels").output


def test_a_test_goes_out_at_once(bridgework, store, chat, receiver) -> None:
    result = bridgework("notices", "test", "chat")
    assert (result.exit_code, result.stderr.strip()) == (0, "A test was sent to 'chat'.")
    assert len(receiver.got) == 1


def test_a_test_that_fails_says_why(bridgework, store, chat, receiver) -> None:
    receiver.will_answer("410 Gone", "channel_is_archived")
    result = bridgework("notices", "test", "chat")
    assert result.exit_code == 3
    assert "The channel of this webhook is archived in Slack." in result.stderr
    assert "hush5hush5" not in result.output


def test_an_unknown_channel_is_told_with_those_there_are(bridgework, store, chat) -> None:
    result = bridgework("notices", "test", "chut")
    assert result.exit_code == 3
    assert "There are: chat." in result.stderr


def test_an_address_tests_the_mail_server(bridgework, store, monkeypatch) -> None:
    result = bridgework("notices", "test", "ann@firm.example")
    assert result.exit_code == 3
    assert "No mail server is set up." in result.stderr
    with mail_on_loopback() as box:
        monkeypatch.setenv(SMTP_URL_VARIABLE, box.url())
        monkeypatch.setenv(MAIL_FROM_VARIABLE, "bridge@firm.example")
        assert bridgework("notices", "test", "ann@firm.example").exit_code == 0
    assert [mail["To"] for mail in box.mails] == ["ann@firm.example"]


def test_a_report_is_news_of_a_day_and_never_stands(bridgework, store) -> None:
    with store.writing() as connection:
        said = {"subject": "3 records came over", "body": "b"}
        add_notice(connection, kind="report", about="report:2026-11-25", **said)
    [listed] = json.loads(bridgework("notices", "--json").stdout)
    assert listed["stands"] is False
