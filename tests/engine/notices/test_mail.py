"""Mail: a real server takes it, encrypted and logged in; refusals are sentences without secrets."""

import socket
from datetime import UTC, datetime

import pytest

from engine.errors import DeliveryError, SetupError
from engine.notices.mail import (
    MAIL_FROM_VARIABLE,
    SMTP_URL_VARIABLE,
    MailServer,
    mail_of,
    mail_server,
    open_line,
    save_mail_server,
    send_mail,
    server_of,
)
from engine.notices.message import Message
from engine.public_address import PUBLIC_URL_VARIABLE
from tests.engine.notices.conftest import PASSWORD, USER, check_login, mail_on_loopback

MESSAGE = Message(
    id="notice-7",
    kind="run_failed",
    about="recipe:contacts",
    subject="Zürich’s contacts <could> not run",
    body="The source is down & out.\nTry again later.",
    link="https://bridge.firm.example/runs/7/report",
    at=datetime(2026, 11, 24, 20, 30, tzinfo=UTC),
)


def send(server: MailServer, address: str = "ann@firm.example") -> None:
    with open_line(server) as line:
        send_mail(line, server, address, MESSAGE)


def test_a_mail_arrives_in_text_and_html(mailbox) -> None:
    send(mailbox.server())
    [mail] = mailbox.mails
    assert mailbox.envelopes == [["ann@firm.example"]]
    assert mail["Subject"] == MESSAGE.subject
    assert (mail["From"], mail["To"]) == ("Bridgework <bridge@firm.example>", "ann@firm.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == MESSAGE.at
    assert mailbox.text().startswith("The source is down & out.\nTry again later.")
    assert "https://bridge.firm.example/runs/7/report" in mailbox.text()
    assert "The source is down &amp; out.</p>" in mailbox.html()
    assert 'href="https://bridge.firm.example/runs/7/report"' in mailbox.html()


def test_without_an_address_of_the_pages_nothing_is_linked(mailbox) -> None:
    server = mailbox.server()
    message = Message(**{**vars(MESSAGE), "link": ""})
    with open_line(server) as line:
        send_mail(line, server, "ann@firm.example", message)
    assert "<a " not in mailbox.html()
    assert "http" not in mailbox.text()


def test_every_try_is_the_same_mail_and_each_recipient_s_is_another(monkeypatch) -> None:
    first, again = (mail_of(MESSAGE, "b@firm.example", "ann@firm.example") for _ in range(2))
    other = mail_of(MESSAGE, "b@firm.example", "bob@firm.example")
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@firm.example>")
    assert first["References"] == other["References"]


def test_a_login_goes_over_an_encrypted_line(server_tls, trusted) -> None:
    how = {"tls_context": server_tls, "authenticator": check_login, "auth_required": True}
    with mail_on_loopback(**how) as box:
        send(server_of(box.url(login=True)))
        assert len(box.mails) == 1
        assert box.mails[0]["From"] == f"Bridgework <{USER}>"


def test_a_line_can_be_encrypted_from_the_start(server_tls, trusted) -> None:
    how = {"ssl_context": server_tls, "authenticator": check_login, "auth_require_tls": False}
    with mail_on_loopback(**how) as box:
        send(server_of(box.url("smtps", login=True), "Firm <post@firm.example>"))
        assert len(box.mails) == 1
        assert box.mails[0]["From"] == "Firm <post@firm.example>"


def test_a_certificate_that_nobody_vouches_for_is_refused(server_tls) -> None:
    with mail_on_loopback(tls_context=server_tls) as box:
        with pytest.raises(
            DeliveryError, match=r"certificate of the mail server '127\.0\.0\.1'"
        ) as e:
            send(box.server())
        assert e.value.lost_line
        assert box.mails == []


def test_a_password_is_not_sent_in_the_open(mailbox, monkeypatch) -> None:
    here = socket.create_connection
    # The same server by the name of another machine.
    monkeypatch.setattr(
        socket, "create_connection", lambda a, *r, **k: here(("127.0.0.1", a[1]), *r, **k)
    )
    server = mailbox.server(host="mail.firm.example", user=USER, password=PASSWORD)
    with pytest.raises(DeliveryError, match="no encryption, so the password was not sent"):
        send(server)
    send(mailbox.server(host="mail.firm.example"))  # without a log-in it is as between servers
    assert len(mailbox.mails) == 1


def test_a_wrong_password_is_one_sentence_without_it(server_tls, trusted) -> None:
    how = {"tls_context": server_tls, "authenticator": check_login, "auth_required": True}
    with mail_on_loopback(**how) as box:
        server = box.server(user=USER, password="wrong-word-88213")
        with pytest.raises(DeliveryError, match="refused the log-in") as caught:
            send(server)
    assert "app password" in caught.value.hint
    assert "wrong-word-88213" not in str(caught.value)
    assert "wrong-word-88213" not in repr(server)


def test_an_unknown_address_is_given_up_and_the_line_goes_on(mailbox) -> None:
    mailbox.refuses.add("gone@firm.example")
    server = mailbox.server()
    with open_line(server) as line:
        with pytest.raises(DeliveryError, match=r"'gone@firm.example': 5.1.1 No such user") as e:
            send_mail(line, server, "gone@firm.example", MESSAGE)
        assert (e.value.permanent, e.value.lost_line) == (True, False)
        send_mail(line, server, "ann@firm.example", MESSAGE)
    assert mailbox.envelopes == [["ann@firm.example"]]
    assert mailbox.lines == 1


@pytest.mark.parametrize(
    ("answer", "permanent"), [("452 4.3.1 Mailbox full", False), ("554 5.7.1 Spam", True)]
)
def test_a_refused_mail_is_tried_again_if_that_may_help(mailbox, answer: str, permanent) -> None:
    mailbox.answer = answer
    with pytest.raises(DeliveryError, match="refused the mail: ") as caught:
        send(mailbox.server())
    assert caught.value.permanent is permanent


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = MailServer(host="127.0.0.1", port=port, sender="b@firm.example")
    with pytest.raises(DeliveryError, match=f"can't be reached at port {port}: Connection refused"):
        send(server)


@pytest.mark.parametrize(
    ("url", "port", "security", "user", "password"),
    [
        ("smtp://mail.firm.example", 587, "starttls", "", ""),
        ("smtps://mail.firm.example", 465, "tls", "", ""),
        (
            "smtp://me%40firm.example:p%3Aw%2Fd@mail.firm.example:25",
            25,
            "starttls",
            "me@firm.example",
            "p:w/d",
        ),
    ],
)
def test_the_server_is_read_from_its_address(url, port, security, user, password) -> None:
    server = server_of(url, "bridge@firm.example")
    assert (server.host, server.port, server.security) == ("mail.firm.example", port, security)
    assert (server.user, server.password) == (user, password)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2x@firm.example",
        "smtp://",
        "mail.firm.example",
        "smtp://me:hunter2x@h:port",
    ],
)
def test_what_is_no_mail_server_is_told_without_its_password(url: str) -> None:
    with pytest.raises(SetupError, match=SMTP_URL_VARIABLE) as caught:
        server_of(url, "bridge@firm.example")
    assert "hunter2x" not in str(caught.value)


def test_the_sender_must_be_known() -> None:
    with pytest.raises(SetupError, match="address that mails come from is missing"):
        server_of("smtp://relay:pw@mail.firm.example")


def test_the_environment_goes_before_what_is_saved(store, monkeypatch) -> None:
    assert mail_server(store) is None
    saved = MailServer(
        host="saved.example", port=587, sender="b@firm.example", user="u", password="kept-pw-5512"
    )
    save_mail_server(store, saved)
    assert mail_server(store) == saved
    assert b"kept-pw-5512" not in b"".join(
        f.read_bytes() for f in store.home.glob("bridgework.db*")
    )
    monkeypatch.setenv(SMTP_URL_VARIABLE, "smtps://env.example")
    monkeypatch.setenv(MAIL_FROM_VARIABLE, "x@firm.example")
    found = mail_server(store)
    assert found is not None
    assert (found.host, found.sender) == ("env.example", "x@firm.example")
    monkeypatch.delenv(SMTP_URL_VARIABLE)
    save_mail_server(store, None)
    assert mail_server(store) is None


def test_a_header_can_t_be_smuggled_in(mailbox, monkeypatch) -> None:
    monkeypatch.setenv(PUBLIC_URL_VARIABLE, "https://bridge.firm.example")
    message = Message(**{**vars(MESSAGE), "subject": "Hello\r\nBcc: all@firm.example"})
    with pytest.raises(ValueError, match="linefeed"):
        mail_of(message, "b@firm.example", "ann@firm.example")


@pytest.mark.parametrize(
    "subject",
    ["Contacts join the list: 2 rows were passed on. 1 row was not passed on.", "Ä" * 290],
)
def test_a_long_subject_and_long_lines_arrive_whole(mailbox, subject: str) -> None:
    body = "\n".join(["Größe " * 300, "x" * 2000, "."])
    message = Message(**{**vars(MESSAGE), "subject": subject, "body": body})
    server = mailbox.server()
    with open_line(server) as line:
        send_mail(line, server, "ann@firm.example", message)
    assert mailbox.mails[0]["Subject"] == subject
    assert mailbox.text().startswith(body)
    assert max(len(line) for line in mailbox.mails[0].as_bytes().split(b"\n")) < 990


def test_an_address_the_server_can_t_write_is_given_up(mailbox) -> None:
    server = mailbox.server()
    with open_line(server) as line:
        line.esmtp_features.pop("smtputf8", None)
        with pytest.raises(DeliveryError, match=r"can't send to 'änn@firm\.example'") as caught:
            send_mail(line, server, "änn@firm.example", MESSAGE)
        assert (caught.value.permanent, caught.value.lost_line) == (True, False)
        send_mail(line, server, "ann@firm.example", MESSAGE)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    "address",
    ["ann@firm.example,eve@x.example", "ann@firm.example\r\nBcc: eve@x.example", "ann", "",
     "Ann <ann@firm.example>", "ann@firm.example; eve@x.example", '"a"@firm.example'],
)  # fmt: skip
def test_what_is_no_single_address_is_sent_nothing_and_given_up(mailbox, address: str) -> None:
    server = mailbox.server()
    with open_line(server) as line:
        with pytest.raises(DeliveryError, match=r"is no e-mail address") as caught:
            send_mail(line, server, address, MESSAGE)
        assert caught.value.permanent
        send_mail(line, server, "ann@firm.example", MESSAGE)
    assert len(mailbox.mails) == 1
