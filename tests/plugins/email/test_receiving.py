"""Mail that comes in: each once, with what it holds, and put away only when it is settled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.sdk import BadRecord, Record
from plugins.email import triggers
from plugins.email.actions import find_email
from plugins.email.folders import folders
from plugins.email.mailbox import mailbox_of
from plugins.email.marking import mark_email, move_email
from plugins.email.triggers import email_received
from tests.plugins.email.conftest import Office

NEW = b"""Message-ID: <new@mail.example>\r
From: Ada <ada@mail.example>\r
To: office@firm.example\r
Subject: New\r
\r
Hello\r
"""


def by_id(records: list[Record | BadRecord]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in records if isinstance(one, dict)}


def test_each_mail_comes_once(office: Office) -> None:
    assert len(office.receive()) == 14
    assert office.receive() == []
    office.server.deliver(NEW)
    assert list(by_id(office.receive())) == ["<new@mail.example>"]


def test_reading_leaves_mails_unread(office: Office) -> None:
    before = [mail["flags"] for mail in office.mails("INBOX")]
    office.receive()
    assert [mail["flags"] for mail in office.mails("INBOX")] == before


def test_a_folder_that_is_numbered_anew_brings_the_same_keys(office: Office) -> None:
    first = by_id(office.receive())
    office.server.renumber("INBOX")
    again = by_id(office.receive())
    nameless = {key for key in first if "/" in key}
    assert len(nameless) == 1
    assert first.keys() - nameless == again.keys() - {key for key in again if "/" in key}


def test_an_invoice_with_its_attachments(office: Office) -> None:
    mail = by_id(office.receive(headers=["List-Id", "X-Nothing"]))["<invoice-17@mail.example>"]
    assert mail["subject"] == "Invoice 2026-17 – Müller & Söhne"
    assert mail["sender"] == {"name": "Ada Byron", "address": "ada@mail.example"}
    assert mail["cc"] == [{"name": "Books", "address": "books@firm.example"}]
    assert mail["headers"] == {"list_id": "<invoices.mail.example>"}
    assert mail["text"] == "The invoice is attached."
    pdf, csv = mail["attachments"]
    assert (pdf["name"], pdf["media_type"]) == ("Rechnung März.pdf", "application/pdf")
    assert office.files.open(pdf).read() == b"%PDF-1.4 an invoice"
    assert csv["name"] == "contacts.csv"


def test_html_is_read_as_text_and_its_own_pictures_are_no_attachments(office: Office) -> None:
    mail = by_id(office.receive())["<news@mail.example>"]
    assert mail["text"] == "Dear office,\n\n5 < 6 & so on. Read (https://mail.example/x)"
    assert mail["html"].startswith("<html>")
    assert mail["attachments"] == []


def test_an_answer_belongs_to_its_thread(office: Office) -> None:
    mail = by_id(office.receive())["<answer@mail.example>"]
    assert mail["in_reply_to"] == "<invoice-17@mail.example>"
    assert mail["thread"] == "<first@firm.example>"


def test_a_mail_within_a_mail_is_a_file(office: Office) -> None:
    mail = by_id(office.receive())["<forwarded@mail.example>"]
    (inner,) = mail["attachments"]
    assert inner["name"] == "message.eml"
    assert b"I was forwarded." in office.files.open(inner).read()
    assert mail["text"] == "See below."


def test_broken_mails_are_read_as_far_as_they_go(office: Office) -> None:
    found = by_id(office.receive())
    (nameless,) = (one for key, one in found.items() if "/" in key)
    assert nameless["subject"] == "Rückruf"
    assert nameless["text"] == "Bitte um Rückruf – danke"
    assert nameless["id"] == nameless["place"]
    assert nameless["sent_at"] == nameless["received_at"]
    odd = found["<unknown-charset@mail.example>"]
    assert odd["text"] == "Café at noon?"
    cut = found["<cut-off@mail.example>"]
    assert [file["name"] for file in cut["attachments"]] == ["Rückschein €.pdf"]
    assert cut["text"] == "See the scan."
    rules = found["<odd-headers@mail.example>"]
    assert rules["subject"] == ""
    assert rules["text"] == "Hello"
    assert rules["to"] == []


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"sender": "ADA@mail"}, {"<1000@mail.example>", "<1004@mail.example>", "<invoice-17@mail.example>"}),
        ({"sender": "zoë"}, {"<1001@mail.example>", "<1005@mail.example>", "<answer@mail.example>"}),
        ({"subject": "müller"}, {"<invoice-17@mail.example>"}),
        ({"with_attachment": True}, {"<invoice-17@mail.example>", "<forwarded@mail.example>", "<cut-off@mail.example>"}),
        ({"folder": "Done"}, {"<done@mail.example>"}),
        ({"days": 1, "subject": "re:"}, {"<answer@mail.example>"}),
    ],
    ids=["address", "name", "subject", "attachment", "folder", "days"],
)  # fmt: skip
def test_only_what_is_wanted(office: Office, options: dict[str, Any], ids: set[str]) -> None:
    assert by_id(office.receive(**options)).keys() == ids


def test_unread_only(office: Office) -> None:
    assert (
        not {"<1000@mail.example>", "<1002@mail.example>"}
        & by_id(office.receive(unread_only=True)).keys()
    )


def test_other_filters_may_want_what_these_did_not(office: Office) -> None:
    assert office.receive(subject="no such thing") == []
    assert len(office.receive(subject="matter")) == 6


def test_a_double_in_the_folder_is_one_record(office: Office) -> None:
    office.server.deliver(NEW)
    office.server.deliver(NEW)
    assert len(office.receive(subject="New")) == 1


@pytest.mark.parametrize("afterwards", ["mark as read", "move", "delete"])
def test_what_becomes_of_a_mail_waits_until_it_is_settled(office: Office, afterwards: str) -> None:
    options = {"subject": "matter 00045", "afterwards": afterwards, "move_to": "Clients/2026"}

    def state() -> tuple[int, bool, int]:
        (*_, left) = office.mails("INBOX")[5:6] or [None]
        there = left is not None and left["id"] == "<1005@mail.example>"
        return (
            int(there),
            there and "\\Seen" in left["flags"],
            len(office.mails("Clients/2026")),
        )

    with office.run() as ctx:
        list(email_received(ctx, **options))  # type: ignore[arg-type]  # the values are mixed
    assert state() == (1, False, 0)
    office.receive(**options)
    wanted = {"mark as read": (1, True, 0), "move": (0, False, 1), "delete": (0, False, 0)}
    assert state() == wanted[afterwards]


def test_a_mail_that_is_too_large_is_told_and_never_fetched(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "LARGEST", 2000)
    office.server.deliver(NEW + b"x" * 3000)
    office.server.requests.clear()
    (bad,) = office.receive(subject="New")
    assert isinstance(bad, BadRecord)
    assert (bad.code, bad.label) == ("too_large", "New")
    assert office.asked("FETCH") == 1  # of headers


def test_a_mail_that_defeats_the_parser_is_told_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = triggers.mail_of

    def fails(ctx: Any, mail: Any, **more: Any) -> Any:
        if "Question 3" in str(mail["Subject"]):
            raise IndexError
        return whole(ctx, mail, **more)

    monkeypatch.setattr(triggers, "mail_of", fails)
    found = office.receive()
    assert [one.code for one in found if isinstance(one, BadRecord)] == ["unreadable_mail"]
    assert len(found) == 14


def test_mails_are_marked_moved_and_found_by_where_they_are(office: Office) -> None:
    with office.run() as ctx:
        mail = find_email(ctx, subject="müller")
        assert mail is not None
        mark_email(ctx, mail["place"], "starred")
        mark_email(ctx, mail["place"], "read")
        mark_email(ctx, mail["place"], "unread")
        (there,) = (one for one in office.mails("INBOX") if one["id"] == mail["id"])
        assert there["flags"] == ["\\Flagged"]
        move_email(ctx, mail["place"], "Büro")
        found = find_email(ctx, message_id=mail["id"], folder="Büro")
        assert found is not None
        assert found["folder"] == "Büro"
        assert find_email(ctx, message_id=mail["id"]) is None


def test_the_newest_mail_is_found(office: Office) -> None:
    with office.run() as ctx:
        found = find_email(ctx, sender="ada@mail.example", subject="question")
    assert found is not None
    assert found["id"] == "<1004@mail.example>"


def test_folders_are_offered_with_the_inbox_first(office: Office) -> None:
    with office.run() as ctx:
        names = [option.value for option in folders(ctx)]
    assert names == ["INBOX", "Büro", "Clients/2026", "Done", "Sent"]


def test_servers_without_move_and_uidplus_are_told_apart(office: Office) -> None:
    with office.run() as ctx:
        mail = find_email(ctx, subject="müller")
        assert mail is not None
        mailbox_of(ctx).ask(lambda client: _without(client, "MOVE"))
        move_email(ctx, mail["place"], "Done")
    assert [one["id"] for one in office.mails("Done")][-1] == mail["id"]
    assert mail["id"] not in [one["id"] for one in office.mails("INBOX")]


def test_old_mail_is_left_alone(office: Office) -> None:
    with office.run(now=datetime.now(UTC) + timedelta(days=60)) as ctx:
        assert list(email_received(ctx)) == []


def _without(client: Any, capability: str) -> None:
    client._cached_capabilities = tuple(
        one for one in client.capabilities() if one != capability.encode()
    )
