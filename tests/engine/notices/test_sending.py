"""Sending: each notice once to whoever wants it; a channel that fails holds up no other."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.errors import SetupError
from engine.http.urls import host_of
from engine.loopback import on_loopback
from engine.notices.daily import DailySettings, save_daily_settings
from engine.notices.mail import SMTP_URL_VARIABLE, save_mail_server
from engine.notices.sending import send_notices, send_trial, send_trial_mail
from engine.store.notice_channels import (
    Channel,
    get_channel,
    list_channels,
    remove_channel,
    save_channel,
    save_topics_of_user,
)
from engine.store.notice_deliveries import (
    deliveries_of,
    forget_before,
    take_next,
    troubles,
)
from engine.store.notices import TOPICS, list_notices, remind
from engine.store.tables import notice_channels
from engine.store.users import add_first_user, find_user
from tests.engine.notices.conftest import Receiver


@pytest.fixture
def admin(store) -> str:
    add_first_user(store, "Ann@firm.example", "hash")
    return "ann@firm.example"


@pytest.fixture
def mail(store, mailbox):
    save_mail_server(store, mailbox.server())
    return mailbox


@pytest.fixture
def send(store, clock):
    def go() -> None:
        send_notices(store, clock=clock)

    return go


@pytest.fixture
def chat(store, receiver) -> Channel:
    save_channel(
        store,
        Channel(
            name="chat", kind="slack", place=host_of(receiver.url), secrets={"url": receiver.url}
        ),
    )
    return get_channel(store, "chat")


def who(mailbox) -> list[str]:
    return [mail["To"] for mail in mailbox.mails]


def subjects(mailbox) -> list[str]:
    return [mail["Subject"] for mail in mailbox.mails]


def test_admins_get_mail_without_asking_for_it(admin, mail, tell, send) -> None:
    tell()
    send()
    send()
    assert who(mail) == [admin]
    assert subjects(mail) == ["Contacts could not run"]


def test_every_kind_goes_to_admins_who_never_chose(admin, mail, tell, send) -> None:
    for kinds in TOPICS.values():
        tell(kind=kinds[0], subject=kinds[0])
    send()
    assert subjects(mail) == [kinds[0] for kinds in TOPICS.values()]


def test_an_admin_gets_what_they_left_switched_on(store, admin, mail, tell, send) -> None:
    user = find_user(store, admin)
    assert user is not None
    save_topics_of_user(store, user.id, {"question"})
    tell()
    tell(kind="question", about="question:1", subject="Which Ann?")
    send()
    assert subjects(mail) == ["Which Ann?"]


def test_what_was_said_before_a_channel_was_there_isn_t_sent_to_it(
    store, admin, mailbox, tell, send
) -> None:
    tell()
    send()
    save_mail_server(store, mailbox.server())
    send()
    assert mailbox.mails == []
    tell(kind="quiet_run")
    send()
    assert who(mailbox) == [admin]


def test_channels_get_the_topics_they_want(store, chat, receiver, tell, send) -> None:
    save_channel(store, Channel(**{**vars(chat), "topics": frozenset({"pause"})}))
    tell()
    tell(kind="recipe_paused", subject="Contacts was paused")
    send()
    [(_, body)] = receiver.got
    assert b"Contacts was paused" in body


def test_one_address_gets_one_mail_however_often_it_is_named(
    store, admin, mail, tell, send
) -> None:
    for name in ("a", "b"):
        save_channel(store, Channel(name=name, kind="mail", place="ANN@firm.example"))
    save_channel(store, Channel(name="c", kind="mail", place="bob@firm.example"))
    tell()
    send()
    assert sorted(who(mail)) == ["ann@firm.example", "bob@firm.example"]


def test_a_notice_for_a_few_goes_to_them_alone(admin, mail, chat, receiver, tell, send) -> None:
    tell(kind="report", about="recipe:contacts/run:1", send_to=["intake@firm.example"])
    send()
    assert who(mail) == ["intake@firm.example"]
    assert receiver.got == []


def test_a_report_for_a_few_that_can_t_be_mailed_says_so(store, tell, send) -> None:
    notice = tell(kind="report", about="recipe:contacts/run:1", send_to=["intake@firm.example"])
    send()
    [sent] = deliveries_of(store, [notice.id])[notice.id]
    assert (sent.recipient, sent.at, sent.problem) == (
        "mail:intake@firm.example",
        None,
        "No mail server is set up.",
    )


def test_a_mail_server_that_is_down_gets_the_mail_when_it_is_back(
    store, admin, mail, clock, tell, send
) -> None:
    port, mail_port = mail.port, 1
    save_mail_server(store, mail.server(port=mail_port))
    tell()
    tell(kind="quiet_run", subject="Quiet")
    send()
    trouble = troubles(store)[f"mail:{admin}"]
    assert "can't be reached at port 1" in trouble.problem
    save_mail_server(store, mail.server(port=port))
    send()
    assert mail.mails == []  # both wait: the line was down
    clock.pass_by(minutes=1, seconds=1)
    send()
    assert subjects(mail) == ["Contacts could not run", "Quiet"]
    assert mail.lines == 1
    assert troubles(store) == {}


def test_tries_grow_rarer_and_end_after_two_days(store, chat, receiver, clock, tell, send) -> None:
    notice = tell()
    tried = []
    for _ in range(12 * 50):
        before = len(receiver.got)
        receiver.answers = [("503 Service Unavailable", "", {})]
        send()
        if len(receiver.got) > before:
            tried.append(round((clock.now - notice.at) / timedelta(minutes=1)))
        clock.pass_by(minutes=5)
    assert tried[:6] == [0, 5, 10, 25, 85, 325]
    assert tried[-1] < 48 * 60
    assert len(tried) == 16
    trouble = troubles(store)[chat.recipient]
    assert trouble.next_try is None
    [sent] = deliveries_of(store, [notice.id])[notice.id]
    assert (sent.at, sent.problem[:20]) == (None, "Slack is too busy ju")


def test_a_channel_that_fails_holds_up_no_other(
    store, admin, mail, chat, receiver, tell, send
) -> None:
    receiver.will_answer("404 Not Found", "no_service")
    other = Receiver()
    with on_loopback(other) as url:
        secrets = {"url": url, "key": "k" * 20}
        save_channel(store, Channel(name="hook", kind="webhook", place="x", secrets=secrets))
        tell()
        send()
    assert who(mail) == [admin]
    assert len(other.got) == 1
    assert "This webhook was removed in Slack." in troubles(store)[chat.recipient].problem


def test_a_refused_address_holds_up_no_other(store, mail, tell, send) -> None:
    mail.refuses.add("gone@firm.example")
    for name in ("gone", "here"):
        save_channel(store, Channel(name=name, kind="mail", place=f"{name}@firm.example"))
    tell()
    send()
    assert who(mail) == ["here@firm.example"]
    assert list(troubles(store)) == ["mail:gone@firm.example"]
    assert troubles(store)["mail:gone@firm.example"].next_try is None


def test_who_was_killed_while_sending_leaves_it_to_be_sent_again(
    store, admin, mail, clock, tell, send
) -> None:
    tell()
    mail.answer = "451 later"
    send()
    mail.answer = ""
    clock.pass_by(minutes=2)
    taken = take_next(store, [f"mail:{admin}"], clock.now)  # …and then nothing more of it
    assert taken is not None
    send()
    assert mail.mails == []
    clock.pass_by(minutes=10)
    send()
    assert len(mail.mails) == 1


def test_two_who_send_at_once_send_each_notice_once(store, admin, mail, clock, tell) -> None:
    for number in range(12):
        tell(about=f"recipe:{number}", subject=f"Notice {number}")
    threads = [threading.Thread(target=lambda: send_notices(store, clock=clock)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(subjects(mail)) == sorted(f"Notice {number}" for number in range(12))


def test_a_removed_channel_gets_nothing_more(store, chat, receiver, tell, send, clock) -> None:
    receiver.will_answer("503 Service Unavailable")
    tell()
    send()
    remove_channel(store, chat)
    clock.pass_by(minutes=5)
    send()
    assert len(receiver.got) == 1
    assert list_channels(store) == []
    assert troubles(store) == {}


def test_a_channel_that_is_switched_off_gets_nothing_more(store, chat, receiver, tell, send, clock):
    receiver.will_answer("503 Service Unavailable")
    tell()
    send()
    save_channel(store, Channel(**{**vars(chat), "enabled": False}))
    tell(kind="quiet_run")
    clock.pass_by(minutes=5)
    send()
    assert len(receiver.got) == 1


def test_a_reminder_goes_to_those_alone_whom_no_report_tells(
    store, admin, mail, chat, receiver, tell, send, clock
) -> None:
    standing = tell()
    send()
    clock.pass_by(days=1)
    with store.writing() as connection:
        assert remind(connection, standing, subject="Still failing", body="b", at=clock.now)
    send()
    assert subjects(mail) == ["Contacts could not run"]  # the admin reads it in the report
    assert b"Still failing" in receiver.got[-1][1]
    save_daily_settings(store, DailySettings(enabled=False))
    clock.pass_by(days=1)
    with store.writing() as connection:
        assert remind(connection, standing, subject="And still", body="b", at=clock.now)
    send()
    assert subjects(mail)[1:] == ["And still"]


def test_a_test_is_sent_at_once_and_frees_what_waited(store, chat, receiver, tell, send) -> None:
    receiver.will_answer("404 Not Found", "no_service_for_now")
    tell()
    send()
    assert chat.recipient in troubles(store)
    send_trial(store, chat)
    assert "This is a test of “chat”." in receiver.got[-1][1].decode()
    assert troubles(store) == {}


def test_a_test_mail_needs_a_mail_server(store, mailbox) -> None:
    with pytest.raises(SetupError, match="No mail server is set up"):
        send_trial_mail(store, "ann@firm.example")
    save_mail_server(store, mailbox.server())
    send_trial_mail(store, "ann@firm.example")
    assert who(mailbox) == ["ann@firm.example"]
    assert subjects(mailbox) == ["Bridgework can reach you here"]


def test_a_mail_server_that_is_misspelt_stops_no_chat(
    store, admin, chat, receiver, tell, send, monkeypatch, caplog
) -> None:
    monkeypatch.setenv(SMTP_URL_VARIABLE, "smpt://mail.firm.example")
    tell()
    send()
    assert len(receiver.got) == 1
    assert "names no mail server" in caplog.text


def test_a_text_that_can_t_be_made_goes_out_as_it_was(store, admin, mail, tell, clock) -> None:
    def compose(notice):
        raise RuntimeError("no text")

    tell()
    send_notices(store, compose=compose, clock=clock)
    assert subjects(mail) == ["Contacts could not run"]


def test_no_secret_is_in_the_file_or_in_the_log(store, chat, receiver, tell, send, caplog) -> None:
    receiver.will_answer("500 Oops", f"we got {receiver.url}")
    tell()
    send()
    with store.reading() as connection:
        stored = connection.execute(select(notice_channels)).mappings().one()
    assert "hush5hush5" not in str(dict(stored))
    assert "hush5hush5" not in caplog.text
    assert "hush5hush5" not in troubles(store)[chat.recipient].problem


def test_two_channels_can_t_have_one_name(store, chat) -> None:
    with pytest.raises(SetupError, match="a channel called 'chat' already"):
        save_channel(store, Channel(name="chat", kind="mail", place="a@firm.example"))
    with pytest.raises(SetupError, match="no channel called 'chut'") as caught:
        get_channel(store, "chut")
    assert caught.value.hint == "There are: chat."


def test_old_notices_are_forgotten_but_not_what_stands(
    store, admin, mail, tell, send, clock
) -> None:
    tell()
    tell(kind="run_well")
    tell(kind="quiet_run")
    tell(kind="report", about="report:2026-11-24")
    send()
    later = clock.now + timedelta(days=1)
    assert forget_before(store, later) == 3
    assert [notice.kind for notice in list_notices(store)] == ["quiet_run"]
    assert forget_before(store, later) == 0
