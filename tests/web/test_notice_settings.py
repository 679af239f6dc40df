"""Settings of notices: what I get, mail server, daily report, channels; nothing secret is shown."""

import json
import re
from datetime import time

import pytest

from engine.loopback import on_loopback
from engine.notices.daily import DailySettings, daily_settings
from engine.notices.mail import SMTP_URL_VARIABLE, MailServer, mail_server, save_mail_server
from engine.notices.sending import send_notices
from engine.public_address import PUBLIC_URL_VARIABLE
from engine.store.notice_channels import admin_topics, get_channel, list_channels
from engine.store.notice_deliveries import troubles
from engine.store.notices import TOPICS, add_notice
from tests.engine.notices.conftest import Receiver, mail_on_loopback
from tests.web.conftest import EMAIL

PAGE = "/notices/settings/"
SERVER = {
    "host": "mail.firm.example",
    "security": "starttls",
    "port": "",
    "user": "bridge",
    "password": "mail-pass-4471",
    "sender": "Bridgework <bridge@firm.example>",
}


@pytest.fixture
def receiver():
    app = Receiver()
    with on_loopback(app) as url:
        app.url = f"{url}/services/hush5hush5"
        yield app


@pytest.fixture
def chat(admin, receiver):
    admin.post(f"{PAGE}channels/new/slack", name="chat", url=receiver.url, topics=["failure"])
    return receiver


def fail(store) -> None:
    with store.writing() as connection:
        add_notice(
            connection, kind="run_failed", about="recipe:a", subject="A could not run", body="b"
        )


def test_a_new_home_says_what_is_missing(admin) -> None:
    page = admin.get(PAGE).text
    assert "No mail server is set up, so notices are shown on these pages only." in page
    assert PUBLIC_URL_VARIABLE in page
    assert "There is no channel yet." in page
    assert page.count(" checked") == len(TOPICS) + 1  # everything, and the daily report


def test_an_admin_chooses_what_they_get(admin, store) -> None:
    assert admin_topics(store) == {EMAIL: frozenset(TOPICS)}
    admin.post(f"{PAGE}mine", topics=["failure", "question", "nonsense"])
    assert admin_topics(store) == {EMAIL: {"failure", "question"}}
    admin.post(f"{PAGE}mine")
    assert admin_topics(store) == {EMAIL: frozenset()}


def test_the_mail_server_is_kept_and_its_password_never_shown(admin, store) -> None:
    page = admin.post(f"{PAGE}server", follow=True, **SERVER).text
    assert "The mail server is saved." in page
    assert "mail-pass-4471" not in page
    saved = mail_server(store)
    assert saved == MailServer(
        host="mail.firm.example",
        port=587,
        user="bridge",
        password="mail-pass-4471",
        sender="Bridgework <bridge@firm.example>",
    )
    admin.post(f"{PAGE}server", **{**SERVER, "password": "", "port": "2525"})
    changed = mail_server(store)
    assert changed is not None
    assert (changed.port, changed.password) == (2525, "mail-pass-4471")


@pytest.mark.parametrize("other", [{"host": "mail.evil.example"}, {"user": "mallory"}])
def test_a_saved_password_is_not_given_to_another_server(admin, store, other) -> None:
    admin.post(f"{PAGE}server", **SERVER)
    admin.post(f"{PAGE}server", **{**SERVER, "password": "", **other})
    changed = mail_server(store)
    assert changed is not None
    assert changed.password == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"host": ""}, "Type the server&#39;s name."),
        ({"host": "smtp://x y"}, "This is no server&#39;s name."),
        ({"sender": "bridge"}, "This is no e-mail address."),
        ({"port": "70000"}, "1 to 65535."),
    ],
)
def test_what_is_no_mail_server_is_not_kept(admin, store, wrong, said: str) -> None:
    answer = admin.post(f"{PAGE}server", **{**SERVER, **wrong})
    assert answer.status_code == 400
    assert said in answer.text
    assert mail_server(store) is None


def test_a_sender_with_a_name_is_an_address_too(admin, store) -> None:
    admin.post(f"{PAGE}server", **{**SERVER, "sender": "bridge@firm.example"})
    assert mail_server(store) is not None


def test_a_test_mail_goes_to_whoever_asks_for_it(admin, store) -> None:
    with mail_on_loopback() as box:
        admin.post(
            f"{PAGE}server", **{**SERVER, "host": "127.0.0.1", "port": str(box.port), "user": ""}
        )
        page = admin.post(f"{PAGE}server/test", follow=True).text
        assert f"A test was sent to {EMAIL}." in page
        assert [mail["To"] for mail in box.mails] == [EMAIL]
    page = admin.post(f"{PAGE}server/test", follow=True).text
    assert "The test was not sent: The mail server &#39;127.0.0.1&#39; can&#39;t be reached" in page
    assert "is forgotten" in admin.post(f"{PAGE}server/forget", follow=True).text
    assert mail_server(store) is None


def test_what_the_environment_says_is_shown_and_can_t_be_changed(admin, store, monkeypatch) -> None:
    monkeypatch.setenv(SMTP_URL_VARIABLE, "smtp://bridge%40firm.example:pw-33125@mail.firm.example")
    page = admin.get(PAGE).text
    assert "mail.firm.example:587" in page
    assert "pw-33125" not in page
    assert admin.post(f"{PAGE}server", **SERVER).status_code == 409
    monkeypatch.setenv(SMTP_URL_VARIABLE, "mail.firm.example")
    assert f"{SMTP_URL_VARIABLE} names no mail server." in admin.get(PAGE).text


def test_the_daily_report_has_a_time_and_a_zone(admin, store) -> None:
    form = {"enabled": "y", "at": "18:30", "zone": "Australia/Sydney", "on_quiet_days": "y"}
    page = admin.post(f"{PAGE}report", follow=True, **form).text
    assert "every day at 18:30 (Sydney time)" in page
    assert daily_settings(store) == DailySettings(True, time(18, 30), "Australia/Sydney", True)
    answer = admin.post(f"{PAGE}report", **{**form, "zone": "Sydney"})
    assert answer.status_code == 400
    assert "There is no such time zone." in answer.text
    admin.post(f"{PAGE}report", at="07:00", zone="")
    assert daily_settings(store) == DailySettings(enabled=False)


def test_a_slack_channel_is_added_tested_and_told(admin, store, chat) -> None:
    page = admin.get(PAGE).text
    assert "Failures and recoveries" in page
    assert "hush5hush5" not in page
    assert "A test was sent to “chat”." in admin.post(f"{PAGE}channels/1/test", follow=True).text
    fail(store)
    send_notices(store)
    assert [json.loads(body)["text"].split("\n")[0] for _, body in chat.got] == [
        "*Bridgework can reach you here*",
        ":red_circle: *A could not run*",
    ]


def test_a_channel_that_keeps_failing_says_so_until_it_works(admin, store, chat) -> None:
    chat.will_answer("404 Not Found", "no_service")
    fail(store)
    send_notices(store)
    page = admin.get(PAGE).text
    assert "This webhook was removed in Slack." in page
    assert "given up" in page
    chat.will_answer("404 Not Found", "no_service")
    page = admin.post(f"{PAGE}channels/1/test", follow=True).text
    assert "The test to “chat” was not sent: This webhook was removed in Slack." in page
    admin.post(f"{PAGE}channels/1/test")
    assert troubles(store) == {}
    assert "given up" not in admin.get(PAGE).text


def test_a_channel_is_changed_and_its_address_stays(admin, store, chat) -> None:
    page = admin.get(f"{PAGE}channels/1").text
    assert "hush5hush5" not in page
    admin.post(f"{PAGE}channels/1", name="Chat of the office", url="", topics=["report"])
    channel = get_channel(store, "Chat of the office")
    assert channel.topics == {"report"}
    assert channel.secrets == {"url": chat.url}


def test_a_channel_is_switched_off_and_removed(admin, store, chat) -> None:
    assert "“chat” is switched off." in admin.post(f"{PAGE}channels/1/switch", follow=True).text
    fail(store)
    send_notices(store)
    assert chat.got == []
    assert "“chat” is switched on." in admin.post(f"{PAGE}channels/1/switch", follow=True).text
    assert "“chat” is removed." in admin.post(f"{PAGE}channels/1/remove", follow=True).text
    assert list_channels(store) == []
    assert admin.get(f"{PAGE}channels/1").status_code == 404


def test_a_webhook_is_signed_with_a_key_shown_once(admin, store, receiver) -> None:
    form = admin.get(f"{PAGE}channels/new/webhook").text
    found = re.search(r'name="key"[^>]*value="([^"]+)"', form)
    assert found is not None
    key = found[1]
    admin.post(
        f"{PAGE}channels/new/webhook", name="hook", url=receiver.url, key=key, topics=["failure"]
    )
    assert get_channel(store, "hook").secrets == {"url": receiver.url, "key": key}
    assert key not in admin.get(f"{PAGE}channels/1").text
    admin.post(f"{PAGE}channels/1/test")
    [(headers, _)] = receiver.got
    assert headers["X_BRIDGEWORK_SIGNATURE"].startswith("v1=")


@pytest.mark.parametrize(
    ("kind", "form", "said"),
    [
        ("slack", {"name": "x", "url": "hooks.slack.com"}, "This is no web address."),
        (
            "slack",
            {"name": "x", "url": "http://hooks.slack.com/s"},
            "This address isn&#39;t encrypted.",
        ),
        ("slack", {"name": "", "url": "https://hooks.slack.com/s"}, "Give it a name."),
        ("mail", {"name": "x", "address": "intake"}, "This is no e-mail address."),
    ],
)
def test_what_can_t_be_a_channel_is_not_kept(admin, store, kind, form, said: str) -> None:
    answer = admin.post(f"{PAGE}channels/new/{kind}", **form)
    assert answer.status_code == 400
    assert said in answer.text
    assert list_channels(store) == []


def test_two_channels_can_t_have_one_name(admin, chat, store) -> None:
    answer = admin.post(f"{PAGE}channels/new/mail", name="chat", address="a@firm.example")
    assert "There is a channel called &#39;chat&#39; already." in answer.text
    assert admin.get(f"{PAGE}channels/new/pigeon").status_code == 404


def test_links_are_on_once_the_address_is_known(admin, store, monkeypatch) -> None:
    monkeypatch.setenv(PUBLIC_URL_VARIABLE, "https://bridge.firm.example")
    assert PUBLIC_URL_VARIABLE not in admin.get(PAGE).text


def test_addresses_of_recipes_that_can_t_be_reached_are_shown(admin, store) -> None:
    with mail_on_loopback() as box:
        box.refuses.add("gone@firm.example")
        save_mail_server(store, box.server())
        with store.writing() as connection:
            said = {"subject": "s", "body": "b", "send_to": ["gone@firm.example", EMAIL]}
            add_notice(connection, kind="report", about="recipe:a/run:1", **said)
        send_notices(store)
    page = admin.get(PAGE).text
    assert "<b>gone@firm.example</b> was not reached:" in page
    assert "No such user here" in page
    assert f"<b>{EMAIL}</b>" not in page
