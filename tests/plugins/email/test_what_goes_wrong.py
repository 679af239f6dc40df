"""Each way in which mail servers refuse: one sentence, what to do, and what happens next."""

import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BridgeworkError
from engine.practice.server import Fault
from engine.sdk import (
    AuthError,
    CannotTell,
    InputError,
    RemoteError,
    RetryableError,
    SetupError,
)
from plugins.email import composing, practice
from plugins.email.actions import find_email, find_sent, send_email
from plugins.email.connection import check
from plugins.email.marking import mark_email, move_email
from plugins.email.practice.server import PASSWORD
from plugins.email.triggers import email_received
from tests.plugins.email.conftest import Office

ADA = {"to": ["ada@mail.example"], "subject": "Hello", "text": "Dear Ada"}


def refused(office: Office, kind: type[BridgeworkError], **fields: Any) -> Any:
    """Send a mail that isn't taken, and return the error."""
    with office.run() as ctx, pytest.raises(kind) as caught:
        send_email(ctx, **{**ADA, **fields})
    error = caught.value
    assert error.message.endswith(".")
    assert error.message.count("\n") == 0
    assert error.hint
    assert PASSWORD not in str(error)
    return error


def says(office: Office, path: str, answer: str, times: int = 1) -> None:
    office.server.faults.append(Fault(path, times, 200, answer))


# -- sending ---------------------------------------------------------------------------------------


def test_535_a_wrong_password_asks_to_connect_again(office: Office) -> None:
    for protocol in ("smtp", "imap"):
        other = {"smtp": "imap_host", "imap": "smtp_host"}[protocol]
        settings: dict[str, Any] = {other: None, "password": "wrong-one"}
        with office.run(**settings) as ctx, pytest.raises(AuthError, match="refused the") as caught:
            check(ctx)
        assert "app password" in caught.value.hint
        assert "wrong-one" not in str(caught.value)


def test_530_a_server_that_wants_a_log_in(office: Office) -> None:
    with office.run(password="", imap_host=None) as ctx, pytest.raises(AuthError):
        send_email(ctx, **ADA)


@pytest.mark.parametrize("who", ["nobody", "moved", "odd"], ids=["550", "551", "553"])
def test_a_refused_recipient_is_named_and_nobody_gets_the_mail(office: Office, who: str) -> None:
    error = refused(office, InputError, to=["ada@mail.example", f"{who}@mail.example"])
    assert f"'{who}@mail.example'" in error.message
    assert (error.code, error.field) == ("recipient_refused", "to")
    assert office.mails("Sent") == []


def test_552_a_full_mailbox(office: Office) -> None:
    assert refused(office, InputError, to=["full@mail.example"]).code == "mailbox_full"


def test_553_a_sender_that_is_not_ones_own(office: Office) -> None:
    error = refused(office, InputError, sender="boss@other.example")
    assert (error.code, error.field) == ("sender_refused", "sender")


def test_554_mail_that_looks_like_spam(office: Office) -> None:
    assert refused(office, InputError, subject="You have won").code == "mail_refused"


def test_after_a_refusal_the_next_mail_goes_out(office: Office) -> None:
    with office.run() as ctx:
        with pytest.raises(InputError):
            send_email(ctx, **{**ADA, "to": ["nobody@mail.example"]})
        send_email(ctx, **ADA)
    assert len(office.mails("Sent")) == 1


def test_451_greylisting_is_waited_for_and_then_taken(office: Office) -> None:
    error = refused(office, RetryableError, to=["late@mail.example"])
    assert (error.after, error.maybe_sent) == (300, False)
    with office.run() as ctx:
        send_email(ctx, **{**ADA, "to": ["late@mail.example"]})
    assert len(office.mails("Sent")) == 1


@pytest.mark.parametrize("path", ["/smtp/greeting", "/smtp/mail", "/smtp/sent"])
def test_421_a_busy_server_is_tried_later(office: Office, path: str) -> None:
    says(office, path, "421 4.3.2 Service not available, closing channel")
    error = refused(office, RetryableError)
    assert (error.after, error.maybe_sent) == (60, False)


def test_552_a_mail_that_is_too_large_for_the_server(another: Callable[..., Office]) -> None:
    office = another(largest=1000)
    error = refused(office, InputError, text="x" * 2000)
    assert (error.code, error.field) == ("too_large", "attachments")
    assert office.asked("MAIL") == 0  # it says so in advance
    says(office, "/smtp/sent", "552 5.3.4 Message size exceeds fixed limit")
    assert refused(office, InputError).code == "too_large"


def test_attachments_that_are_too_large_for_memory(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "LARGEST", 10)
    file = office.files.save("a.txt", [b"12345678901"])
    assert refused(office, InputError, attachments=[file]).code == "too_large"


def test_an_attachment_that_is_no_longer_kept(office: Office) -> None:
    gone = {"name": "a.txt", "media_type": "text/plain", "size": 3, "file": "0" * 64}
    assert "a.txt" in refused(office, InputError, attachments=[gone]).message


def test_letters_that_the_server_does_not_take(another: Callable[..., Office]) -> None:
    office = another(letters=False)
    error = refused(office, InputError, to=["zoë@mail.example"])
    assert error.code == "no_smtputf8"
    assert "zoë@mail.example" in error.message


@pytest.mark.parametrize(
    "fields", [{"to": []}, {"text": " "}, {"to": ["nonsense"]}], ids=["to", "text", "address"]
)
def test_a_mail_for_nobody_or_without_words(office: Office, fields: dict[str, Any]) -> None:
    assert refused(office, InputError, **fields).code in ("no_recipient", "empty", "no_address")
    assert office.server.requests == []


def test_a_line_that_breaks_before_the_mail_is_handed_over_sent_nothing(office: Office) -> None:
    office.server.faults.append(Fault("/smtp/rcpt", status=0))
    assert refused(office, RetryableError).maybe_sent is False


def test_a_line_that_breaks_afterwards_may_have_sent_it(office: Office) -> None:
    office.server.faults.append(Fault("/smtp/sent", status=0))
    assert refused(office, RetryableError).maybe_sent is True
    with office.run() as ctx:
        assert find_sent(ctx, datetime.now(UTC), "Hello") is not None


def test_without_a_folder_of_sent_mail_nobody_can_tell(office: Office) -> None:
    with office.run(sent_folder=None) as ctx, pytest.raises(CannotTell, match="can't be told"):
        find_sent(ctx, datetime.now(UTC), "Hello")
    with office.run(sent_folder="Nowhere") as ctx, pytest.raises(CannotTell, match="'Nowhere'"):
        find_sent(ctx, datetime.now(UTC), "Hello")


# -- encryption and addresses ----------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_server_without_encryption_gets_no_password(office: Office, protocol: str) -> None:
    other = {"smtp": "imap_host", "imap": "smtp_host"}[protocol]
    settings = {f"{protocol}_security": "STARTTLS", other: None}
    with office.run(**settings) as ctx, pytest.raises(SetupError, match="offers no encryption"):
        check(ctx)
    assert office.asked("AUTH") + office.asked("LOGIN") == 0


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_certificate_that_is_not_trusted(
    another: Callable[..., Office], encrypted: ssl.SSLContext, protocol: str
) -> None:
    office = another(context=encrypted)
    other = {"smtp": "imap_host", "imap": "smtp_host"}[protocol]
    with office.run(**{other: None}) as ctx, pytest.raises(SetupError, match="isn't trusted"):
        check(ctx)


def test_a_certificate_that_is_trusted(
    another: Callable[..., Office],
    encrypted: ssl.SSLContext,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(certificate[0]))
    office = another(context=encrypted)
    with office.run() as ctx:
        assert check(ctx) == "office@firm.example"
        send_email(ctx, **ADA)
        assert find_email(ctx, subject="invoice") is not None


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_tls_at_a_port_that_speaks_plainly(office: Office, protocol: str) -> None:
    other = {"smtp": "imap_host", "imap": "smtp_host"}[protocol]
    settings = {f"{protocol}_security": "TLS", other: None}
    with office.run(**settings) as ctx, pytest.raises(SetupError, match="doesn't speak TLS"):
        check(ctx)


def test_another_computer_gets_nothing_without_encryption(office: Office) -> None:
    for settings in (
        {"smtp_host": "mail.firm.example", "smtp_security": "none", "imap_host": None},
        {"imap_host": "mail.firm.example", "imap_security": "none", "smtp_host": None},
    ):
        with office.run(**settings) as ctx, pytest.raises(SetupError, match="without encryption"):
            check(ctx)


def test_a_server_that_is_not_there(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with office.run(smtp_port=port) as ctx, pytest.raises(RetryableError, match="can't be reached"):
        check(ctx)
    settings: dict[str, Any] = {"smtp_host": None, "imap_port": port}
    with office.run(**settings) as ctx, pytest.raises(RetryableError, match="can't be reached"):
        check(ctx)


def test_a_connection_without_servers(office: Office) -> None:
    with office.run(smtp_host=None, imap_host=None) as ctx:
        for act in (
            lambda: check(ctx),
            lambda: send_email(ctx, **ADA),
            lambda: list(email_received(ctx)),
        ):
            with pytest.raises(SetupError):
                act()


def test_a_mailbox_without_a_password(office: Office) -> None:
    with (
        office.run(password="", smtp_host=None) as ctx,
        pytest.raises(SetupError, match="password"),
    ):
        check(ctx)


# -- reading ---------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there(office: Office) -> None:
    with pytest.raises(InputError, match="'Nowhere'") as caught:
        office.receive(folder="Nowhere")
    assert caught.value.code == "no_folder"


def test_a_busy_mailbox_is_tried_later(office: Office) -> None:
    office.server.faults.append(Fault("/imap/", status=429, times=100))
    with pytest.raises(RetryableError) as caught:
        office.receive()
    assert caught.value.after == 60


def test_a_line_that_breaks_once_is_opened_again_and_loses_nothing(office: Office) -> None:
    office.server.faults.append(Fault("/imap/fetch", status=0))
    assert len(office.receive()) == 14
    assert office.asked("LOGIN") == 2


def test_a_server_that_hangs_up_for_good_is_told(office: Office) -> None:
    office.server.faults.append(Fault("/imap/fetch", status=0, times=100))
    with pytest.raises(RetryableError, match="hung up"):
        office.receive()


def test_something_else_listens_there(office: Office) -> None:
    says(office, "/imap/", "<!DOCTYPE html><html>Log in</html>", times=100)
    with pytest.raises(RemoteError, match="what no mail server says"):
        office.receive()
    says(office, "/smtp/", "<!DOCTYPE html><html>Log in</html>", times=100)
    refused(office, RemoteError)


def test_a_mail_that_somebody_moved_meanwhile(office: Office) -> None:
    with office.run() as ctx:
        mail = find_email(ctx, subject="müller")
        assert mail is not None
        move_email(ctx, mail["place"], "Done")
        for act in (
            lambda: move_email(ctx, mail["place"], "Done"),
            lambda: mark_email(ctx, mail["place"], "read"),
        ):
            with pytest.raises(InputError) as caught:
                act()
            assert caught.value.code == "mail_gone"


def test_a_place_of_before_the_folder_was_numbered_anew(office: Office) -> None:
    with office.run() as ctx:
        mail = find_email(ctx, subject="müller")
    assert mail is not None
    office.server.renumber("INBOX")
    with office.run() as ctx, pytest.raises(InputError) as caught:
        mark_email(ctx, mail["place"], "read")
    assert caught.value.code == "folder_renewed"


def test_a_folder_to_move_to_that_is_not_there(office: Office) -> None:
    with office.run() as ctx:
        mail = find_email(ctx, subject="müller")
        assert mail is not None
        with pytest.raises(InputError, match="no folder 'Nowhere'"):
            move_email(ctx, mail["place"], "Nowhere")
    with pytest.raises(InputError, match="moved to"):
        office.receive(afterwards="move")


@pytest.mark.parametrize("written", ["", "INBOX", "1/2", "x/1/INBOX"])
def test_a_place_that_is_none(office: Office, written: str) -> None:
    with office.run() as ctx, pytest.raises(InputError, match="no place"):
        mark_email(ctx, written, "read")


def test_a_search_for_nothing(office: Office) -> None:
    with office.run() as ctx, pytest.raises(InputError, match="looked for"):
        find_email(ctx)


def test_the_practice_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "plugins.email.practice.server", None)
    with pytest.raises(SetupError) as caught:
        practice.practice_mail(1)
    assert "bridgework[practice]" in caught.value.hint
