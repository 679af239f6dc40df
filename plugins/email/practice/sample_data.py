"""The firm's mailbox: ordinary mail, and what mail programs and broken ones really send."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

FOLDERS = ("Sent", "Done", "Clients/2026", "Büro")
CSV = b"email;first name\r\nada@mail.example;Ada\r\nzo\xc3\xab@mail.example;Zo\xc3\xab\r\n"
PDF = b"%PDF-1.4 an invoice"
PIXEL = b"\x89PNG\r\n\x1a\n a logo"

SENDERS = (
    "Ada Byron <ada@mail.example>",
    "Zoë Ångström <zoe@mail.example>",
    "José Muñoz-Díaz <jose@mail.example>",
    "clerk@court.example",
)

#: As they came over the line, by name; ``{date}`` is filled in.
RAW: dict[str, bytes] = {
    "no message-id, no date, letters of Windows without a charset": (
        b"From: old@mail.example\r\nTo: office@firm.example\r\nSubject: =?windows-1252?Q?R=FCckruf?=\r\n"
        b"\r\nBitte um R\xfcckruf \x96 danke\r\n"
    ),
    "a charset that nobody knows": (
        b"Message-ID: <unknown-charset@mail.example>\r\nFrom: x@mail.example\r\nDate: {date}\r\n"
        b"Subject: =?x-odd?Q?Caf=E9?=\r\nContent-Type: text/plain; charset=x-odd\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\nCaf\xc3\xa9 at noon?\r\n"
    ),
    "a boundary that never ends, base64 that breaks off": (
        b'Message-ID: <cut-off@mail.example>\r\nFrom: "Scan" <scanner@firm.example>\r\n'
        b"Date: {date}\r\nSubject: Scan\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\n"
        b"See the scan.\r\n--b1\r\nContent-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''R%C3%BCckschein%20%E2%82%AC.pdf\r\n\r\n"
        b"JVBERi0xLjQg\r\nZm9\r\n"
    ),
    "headers that break the rules": (
        b"Message-ID: <odd-headers@mail.example>\r\nFrom: Sales, Dept. <sales@mail.example\r\n"
        b"To: undisclosed-recipients:;\r\nDate: yesterday\r\nSubject: \r\n\r\nHello\r\n"
    ),
}


@cache
def sample_mails(seed: int, now: datetime) -> list[tuple[str, bytes, datetime, tuple[bytes, ...]]]:
    """Return folder, contents, moment of arrival and flags of each mail.

    :param now: the full hour, so that tests don't make them each time anew.
    """
    chance = random.Random(seed)  # noqa: S311 - sample data, not secrets
    mails: list[tuple[str, bytes, datetime, tuple[bytes, ...]]] = []
    for number in range(6):
        at = now - timedelta(days=14 - number, minutes=chance.randrange(600))
        mail = _mail(f"<{1000 + number}@mail.example>", SENDERS[number % 4], at)
        mail["Subject"] = f"Question {number} about matter 000{40 + number}"
        mail.set_content(f"Dear office,\n\nplease call me about no. {number}.\n\nBest regards\n")
        mails.append(("INBOX", mail.as_bytes(), at, ((b"\\Seen",) if number < 3 else ())))
    for folder, mail, days in _remarkable(now):
        mails.append((folder, mail.as_bytes(), now - timedelta(days=days), ()))
    for number, data in enumerate(RAW.values()):
        at = now - timedelta(days=2, hours=number)
        dated = data.replace(b"{date}", format_datetime(at).encode())
        mails.append(("INBOX", dated, at, ()))
    return mails


def _remarkable(now: datetime) -> Iterator[tuple[str, EmailMessage, int]]:
    mail = _mail("<invoice-17@mail.example>", SENDERS[0], now - timedelta(days=3))
    mail["Subject"] = "Invoice 2026-17 – Müller & Söhne"
    mail["Cc"] = "Books <books@firm.example>"
    mail["List-Id"] = "<invoices.mail.example>"
    mail.set_content("The invoice is attached.\n")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    mail.add_attachment(CSV, maintype="text", subtype="csv", filename="contacts.csv")
    yield "INBOX", mail, 3

    mail = _mail("<news@mail.example>", "News <news@mail.example>", now - timedelta(days=4))
    mail["Subject"] = "Only HTML, with a logo"
    mail.set_content(
        "<html><head><style>p {color: red}</style></head><body><p>Dear <b>office</b>,</p>"
        '<p>5 &lt; 6 &amp; so on. <a href="https://mail.example/x">Read</a></p>'
        '<img src="cid:logo"></body></html>',
        subtype="html",
    )
    mail.add_related(PIXEL, "image", "png", cid="<logo>", filename="logo.png")
    yield "INBOX", mail, 4

    mail = _mail("<answer@mail.example>", SENDERS[1], now - timedelta(days=1))
    mail["Subject"] = "Re: Invoice 2026-17"
    mail["In-Reply-To"] = "<invoice-17@mail.example>"
    mail["References"] = "<first@firm.example> <invoice-17@mail.example>"
    mail.set_content("Thanks!\n")
    yield "INBOX", mail, 1

    inner = _mail("<inner@mail.example>", SENDERS[2], now - timedelta(days=9))
    inner["Subject"] = "The mail within"
    inner.set_content("I was forwarded.\n")
    mail = _mail("<forwarded@mail.example>", SENDERS[3], now - timedelta(days=1))
    mail["Subject"] = "Fwd: The mail within"
    mail.set_content("See below.\n")
    mail.add_attachment(inner)
    yield "INBOX", mail, 1

    mail = _mail("<done@mail.example>", SENDERS[0], now - timedelta(days=8))
    mail["Subject"] = "Dealt with"
    mail.set_content("Done.\n")
    yield "Done", mail, 8


def _mail(id: str, sender: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = id
    mail["From"] = sender
    mail["To"] = "Office <office@firm.example>"
    mail["Date"] = format_datetime(at)
    return mail
