"""A mail as it comes over the line becomes a record; what is broken in it costs no more than itself."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Any

from engine.sdk import Context, File, TypedDict
from plugins.email.addresses import Person, plain, readable_domain
from plugins.email.markup import text_of_html

#: What Python's parser raises, besides ValueError, for headers and parts that break the rules.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
#: Bytes of an attachment that go to the kept files at once.
PIECE = 1 << 18

_ID = re.compile(r"<[^<>\s]+>")


class Mail(TypedDict):
    """A mail of a mailbox."""

    id: str
    place: str
    folder: str
    subject: str
    sender: Person
    to: list[Person]
    cc: list[Person]
    reply_to: list[Person]
    sent_at: str
    received_at: str
    text: str
    html: str
    attachments: list[File]
    in_reply_to: str
    thread: str
    headers: dict[str, str]


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def mail_of(
    ctx: Context,
    mail: EmailMessage,
    *,
    folder: str,
    place: str,
    received: datetime,
    headers: Sequence[str] = (),
) -> Mail:
    """Return a mail as recipes read it; its attachments go to the kept files.

    :param place: where it is, as actions take it.
    :param headers: the names of further ones that are wanted.
    """
    text, html = _texts(mail)
    received_at = received.astimezone(UTC).isoformat(timespec="seconds")
    replied = _ids(header(mail, "In-Reply-To"))
    line = [*_ids(header(mail, "References")), *replied]
    own = id_of(mail) or place
    return Mail(
        id=own,
        place=place,
        folder=folder,
        subject=header(mail, "Subject"),
        sender=sender_of(mail),
        to=people(mail, "To"),
        cc=people(mail, "Cc"),
        reply_to=people(mail, "Reply-To"),
        sent_at=_moment(header(mail, "Date")) or received_at,
        received_at=received_at,
        text=text or text_of_html(html),
        html=html,
        attachments=[
            ctx.files.save(name, _pieces(content), media_type)
            for name, media_type, content in attachments(mail, html)
        ],
        in_reply_to=replied[0] if replied else "",
        thread=line[0] if line else own,
        headers={
            name.strip().lower().replace("-", "_"): found
            for name in headers
            if (found := header(mail, name.strip()))
        },
    )


def id_of(mail: EmailMessage) -> str:
    """Return a mail's Message-ID; empty where it has none that tells it from others."""
    found = " ".join(header(mail, "Message-ID").split())
    if len(found) > 250:
        return f"<{sha256(found.encode('utf-8', 'replace')).hexdigest()}@long.invalid>"
    return found if len(found) > 3 else ""


def header(mail: EmailMessage, name: str) -> str:
    """Return a header on one line, decoded as far as it can be; empty where there is none."""
    try:
        return plain(str(mail.get(name) or ""))
    except BROKEN:
        pass
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    try:
        return plain(str(make_header(decode_header(raw))))
    except BROKEN:
        return plain(raw)


def people(mail: EmailMessage, name: str) -> list[Person]:
    """Return whom an address header names."""
    try:
        found = [
            (one.display_name, one.addr_spec)
            for value in mail.get_all(name) or []
            for one in value.addresses
        ]
    except BROKEN:
        found = getaddresses([header(mail, name)])
    return [
        Person(name=plain(who), address=readable_domain(plain(address)))
        for who, address in found
        if address and address != "<>"
    ]


def sender_of(mail: EmailMessage) -> Person:
    found = people(mail, "From") or people(mail, "Sender")
    return found[0] if found else Person(name=header(mail, "From"), address="")


def attachments(mail: EmailMessage, html: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield name, media type and contents of what is attached.

    A picture that the text itself shows, such as the logo of a signature, is none.
    """
    for part in _leaves(mail):
        name = _filename(part)
        if part.get_content_disposition() != "attachment" and not name:
            if part.get_content_maintype() in ("text", "multipart"):
                continue
        elif part is mail and not name:
            continue
        shown = str(part.get("Content-ID") or "").strip(" <>")
        if shown and f"cid:{shown}" in html:
            continue
        if part.get_content_type() == "message/rfc822":
            inner: Any = part.get_payload()
            content = inner[0].as_bytes() if isinstance(inner, list) and inner else b""
            yield name or "message.eml", "message/rfc822", content
        else:
            yield name or "attachment", part.get_content_type(), _content(part)


def _leaves(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that hold something; a mail within the mail is one part."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        inner: Any = part.get_payload()
        if part.get_content_type() != "message/rfc822" and isinstance(inner, list):
            waiting.extend(reversed(inner))
        else:
            yield part


def _texts(mail: EmailMessage) -> tuple[str, str]:
    """Return what the mail says as plain text and as HTML; empty where it doesn't say it so."""
    found = {"text/plain": "", "text/html": ""}
    for part in _leaves(mail):
        kind = part.get_content_type()
        is_text = part.get_content_disposition() != "attachment" and not _filename(part)
        if is_text and found.get(kind) == "":
            found[kind] = _text(part)
    return found["text/plain"].strip(), found["text/html"].strip()


def _text(part: EmailMessage) -> str:
    """Decode a part as it says, else as most likely: UTF-8, or Windows' Western letters."""
    content = _content(part)
    said = part.get_content_charset() or "utf-8"
    for charset in (said, "utf-8"):
        try:
            text = content.decode(charset)
            break
        except (LookupError, ValueError):
            continue
    else:
        text = content.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\0", "")


def _content(part: EmailMessage) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except BROKEN:
        found = None
    if isinstance(found, bytes):
        return found
    return str(part.get_payload()).encode("utf-8", "surrogateescape")


def _filename(part: EmailMessage) -> str:
    try:
        return plain(part.get_filename() or "")
    except BROKEN:
        return "attachment"


def _ids(text: str) -> list[str]:
    return _ID.findall(text)


def _moment(text: str) -> str:
    try:
        found = parsedate_to_datetime(text)
    except BROKEN:
        return ""
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError):
        return ""


def _pieces(content: bytes) -> Iterator[bytes]:
    for begin in range(0, len(content), PIECE):
        yield content[begin : begin + PIECE]
