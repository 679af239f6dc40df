"""A mail as it is handed to the server: headers that nothing can be added to, texts, attachments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from hashlib import sha256
from uuid import uuid4

from engine.sdk import Context, File, InputError
from plugins.email.addresses import address_of, addresses_of, plain
from plugins.email.markup import text_of_html

#: Bytes of all attachments together: they are in memory while they are sent, and few servers take more.
LARGEST = 50_000_000


@dataclass(frozen=True)
class Mail:
    """A mail that is ready.

    :param data: as it goes over the line.
    :param sender: whom the server is told it comes from.
    :param recipients: of all three kinds.
    :param utf8: an address has letters that only some servers take before the @.
    """

    message_id: str
    subject: str
    sender: Address
    recipients: tuple[Address, ...]
    data: bytes
    utf8: bool


def message_id(ctx: Context, sender: Address) -> str:
    """Return the mail's own id: the same for each try, so that a double can be told.

    Outside a run, where nothing is tried again, it is a new one.
    """
    if not ctx.idempotency_key:
        return f"<bridgework.{uuid4().hex}@{sender.domain}>"
    digest = sha256(ctx.idempotency_key.encode()).hexdigest()[:32]
    return f"<bridgework.{digest}@{sender.domain}>"


def sender_of(ctx: Context, written: str | None) -> Address:
    """Return whom a mail comes from: as the recipe says, else as the connection does.

    :raises InputError: nobody says it.
    """
    written = written or str(ctx.connection.get("sender") or ctx.connection.get("username") or "")
    return address_of(written, "sender")


def compose(
    ctx: Context,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    bcc: Sequence[str],
    subject: str,
    text: str | None,
    html: str | None,
    reply_to: Sequence[str],
    sender: str | None,
    attachments: Sequence[File],
    in_reply_to: str | None,
) -> Mail:
    """Make a mail of an action's fields.

    :raises InputError: an address is none, there is nothing to say, or it is too large.
    """
    from_whom = sender_of(ctx, sender)
    openly, copied = addresses_of(to, "to"), addresses_of(cc, "cc")
    hidden = addresses_of(bcc, "bcc")
    everybody = {one.addr_spec.casefold(): one for one in (*openly, *copied, *hidden)}
    if not everybody:
        raise InputError(
            "The mail is for nobody.",
            hint="Fill to, cc or bcc; `skip` leaves out records without an address.",
            field="to",
            code="no_recipient",
        )
    if not (text or "").strip() and not (html or "").strip() and not attachments:
        raise InputError(
            "The mail says nothing.", hint="Fill text or html.", field="text", code="empty"
        )
    answers = addresses_of(reply_to, "reply_to")
    utf8 = any(not one.username.isascii() for one in (from_whom, *everybody.values(), *answers))
    mail = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    mail["From"] = from_whom
    if openly:
        mail["To"] = openly
    if copied:
        mail["Cc"] = copied
    if answers:
        mail["Reply-To"] = answers
    title = plain(subject)
    mail["Subject"] = title
    mail["Date"] = format_datetime(ctx.now)
    own = message_id(ctx, from_whom)
    mail["Message-ID"] = own
    if replied := _reference(in_reply_to):
        mail["In-Reply-To"] = replied
        mail["References"] = replied
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
    said = text if text and text.strip() else text_of_html(html or "")
    # Not every server on the way takes anything but ASCII in short lines.
    mail.set_content(said, cte="quoted-printable")
    if html and html.strip():
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    _attach(ctx, mail, attachments)
    return Mail(own, title, from_whom, tuple(everybody.values()), mail.as_bytes(), utf8)


def _attach(ctx: Context, mail: EmailMessage, attachments: Sequence[File]) -> None:
    size = sum(file["size"] for file in attachments)
    if size > LARGEST:
        raise InputError(
            f"The attachments have {size / 1e6:.0f} MB; {LARGEST / 1e6:.0f} MB can be sent.",
            hint="Send a link to the files instead, or fewer of them.",
            field="attachments",
            code="too_large",
        )
    for file in attachments:
        with ctx.files.open(file) as opened:
            content = opened.read()
        kind, _, subtype = file["media_type"].partition("/")
        if kind in ("message", "multipart"):  # these may not be in base64
            kind, subtype = "application", "octet-stream"
        mail.add_attachment(
            content,
            maintype=kind or "application",
            subtype=subtype or "octet-stream",
            filename=plain(file["name"]),
        )


def _reference(written: str | None) -> str:
    """Return the id of the mail that is answered; empty where it is none."""
    found = re.search(r"<[^<>\s]+@[^<>\s]+>", written or "")
    return found[0] if found and found[0].isascii() and len(found[0]) < 250 else ""
